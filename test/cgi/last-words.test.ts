import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { tellingLine } from "../../src/cgi/last-words.ts";

/** What programs wrote on stderr, and the line that says what is wrong. */
const LAST_WORDS: Readonly<Record<string, readonly [stderr: string, telling: string]>> = {
  Python: [
    "Traceback (most recent call last):\n  File \"/x.py\", line 1, in <module>\n    page\n    ^^^^\nNameError: name 'page' is not defined",
    "NameError: name 'page' is not defined",
  ],
  Perl: [
    "Can't locate Nope.pm in @INC at /x.pl line 2.\nBEGIN failed--compilation aborted at /x.pl line 2.",
    "Can't locate Nope.pm in @INC at /x.pl line 2.",
  ],
  "Perl's Carp": ["x at /x.pl line 1.\n\tmain::f(1) called at /x.pl line 1", "x at /x.pl line 1."],
  Ruby: [
    "/x.rb:1:in `f': undefined local variable or method `g' for main:Object (NameError)\n\ndef f; g; end\n       ^\n\tfrom /x.rb:2:in `<main>'",
    "/x.rb:1:in `f': undefined local variable or method `g' for main:Object (NameError)",
  ],
  "Ruby, a slip": [
    '/x.rb:5: syntax error, unexpected end-of-input, expecting `end\'\nputs "hi"\n         ^',
    "/x.rb:5: syntax error, unexpected end-of-input, expecting `end'",
  ],
  "Ruby, a library's error": [
    "/gems/rack.rb:220:in `[]=': too deep (Rack::QueryParser::QueryLimitError)\n\tfrom /x.rb:3:in `<main>'",
    "/gems/rack.rb:220:in `[]=': too deep (Rack::QueryParser::QueryLimitError)",
  ],
  Node: [
    "node:fs:573\n  return binding.open(\n                 ^\n\nError: ENOENT: no such file or directory, open '/nope'\n    at Object.openSync (node:fs:573:18) {\n  errno: -2,\n  code: 'ENOENT'\n}\n\nNode.js v20.20.2",
    "Error: ENOENT: no such file or directory, open '/nope'",
  ],
  Go: [
    "panic: oh\n\ngoroutine 1 [running]:\nmain.main.func1({0x601068?}, 0xc0000ba000)\n\t/x/main.go:5 +0x70d\nmain.main()\n\t/x/main.go:14 +0x3c",
    "panic: oh",
  ],
  Rust: [
    "thread 'main' panicked at src/main.rs:2:5:\nno page\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    "no page",
  ],
  Java: [
    'Exception in thread "main" java.lang.IllegalStateException: no page\n\tat Main.main(Main.java:3)',
    'Exception in thread "main" java.lang.IllegalStateException: no page',
  ],
  PHP: [
    "PHP Fatal error:  Uncaught Error: Call to undefined function g() in /x.php:1\nStack trace:\n#0 /x.php(1): f()\n#1 {main}\n  thrown in /x.php on line 1",
    "PHP Fatal error:  Uncaught Error: Call to undefined function g() in /x.php:1",
  ],
  Lua: [
    "lua: x.lua:1: attempt to call a nil value\nstack traceback:\n\t[C]: in ?",
    "lua: x.lua:1: attempt to call a nil value",
  ],
  Tcl: [
    'invalid command name "g"\n    while executing\n"g "\n    (procedure "f" line 1)\n    invoked from within\n"f"\n    (file "e.tcl" line 2)',
    'invalid command name "g"',
  ],
  Guile: [
    'Backtrace:\n           3 (primitive-load "/x.scm")\n\nERROR: In procedure %resolve-variable:\nUnbound variable: g',
    "Unbound variable: g",
  ],
  git: [
    "fatal: detected dubious ownership in repository at '/srv/x'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /srv/x",
    "fatal: detected dubious ownership in repository at '/srv/x'",
  ],
  "a shell": ["/x: 2: frobnicate: not found", "/x: 2: frobnicate: not found"],
  "a program that indents all": ["  no page", "  no page"],
};

describe("tellingLine", () => {
  for (const [language, [stderr, telling]] of Object.entries(LAST_WORDS)) {
    it(`finds what is wrong in the last words of ${language}`, () => {
      assert.equal(tellingLine(stderr.split("\n")), telling);
    });
  }

  it("finds nothing where nothing was said", () => {
    assert.equal(tellingLine([]), undefined);
    assert.equal(tellingLine(["", " "]), undefined);
  });
});
