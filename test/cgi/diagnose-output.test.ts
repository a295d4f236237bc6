import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { describeExit, diagnoseOutput, killed, type OutputFacts } from "../../src/cgi/diagnose-output.ts";

function facts(output: string | Buffer, changes: Partial<OutputFacts> = {}): OutputFacts {
  return {
    file: "/srv/x",
    output: Buffer.from(output),
    hasEnded: true,
    stderr: [],
    exit: { code: 0, signal: null },
    ...changes,
  };
}

function named(output: string | Buffer, changes: Partial<OutputFacts> = {}): string {
  return diagnoseOutput(facts(output, changes), "the reader's words").name;
}

describe("diagnoseOutput", () => {
  it("tells a script that printed nothing by its last words and its exit code", () => {
    const silent = diagnoseOutput(facts(""), "");
    assert.equal(silent.name, "no-output");
    assert.match(silent.remedy, /Content-Type: text\/plain.*by hand to see: \/srv\/x$/);
    const failed = diagnoseOutput(
      facts("", { stderr: ["Traceback", "NameError: x", ""], exit: { code: 1, signal: null } }),
      "",
    );
    assert.equal(failed.cause, "it printed nothing, but on stderr 'NameError: x'");
    assert.equal(named("", { exit: { code: 127, signal: null } }), "command-not-found");
    assert.equal(named("", { exit: { code: 126, signal: null } }), "command-not-found");
    assert.equal(named("", { exit: { code: null, signal: "SIGSEGV" } }), "killed");
    assert.equal(named("", { exit: undefined }), "no-output");
  });

  it("sends nobody to a file that an application stands for, but to the application's log", () => {
    const silent = diagnoseOutput(facts("", { isApplication: true }), "");
    assert.equal(silent.name, "no-output");
    assert.match(silent.cause, /^the application ended its answer without a header, and nothing on stderr$/);
    assert.match(silent.remedy, /the application's own log/);
    const failed = diagnoseOutput(facts("", { isApplication: true, stderr: ["ouch at x.pl line 7."] }), "");
    assert.match(failed.cause, /'ouch at x\.pl line 7\.'$/);
    assert.match(failed.remedy, /its last lines/);
  });

  it("sees wrong bytes in front", () => {
    assert.equal(named("\u{feff}Content-Type: text/html\n\n"), "byte-order-mark");
    assert.equal(named(Buffer.from([0xff, 0xfe, 0x43, 0])), "byte-order-mark");
    assert.equal(named("\nContent-Type: text/html\n\n"), "blank-line-first");
    assert.equal(named("\r\nContent-Type: text/html\r\n\r\n"), "blank-line-first");
  });

  it("sees that the blank line is missing, whatever follows the header", () => {
    assert.equal(named("Content-Type: text/html\n<p>Hello</p>\n"), "no-blank-line");
    assert.equal(named("Content-Type: text/html\n"), "no-blank-line");
    assert.equal(named("Content-Type: text/html"), "no-blank-line");
    const found = diagnoseOutput(facts("A: b\r\nhello world\r\n"), "");
    assert.match(found.cause, /'hello world' comes right after a field/);
    const ended = diagnoseOutput(facts("A: b\n", { exit: { code: 3, signal: null } }), "");
    assert.match(ended.cause, /; exit code 3$/);
  });

  it("sees an error where the header should be, in many languages", () => {
    for (const output of [
      "Traceback (most recent call last):\n  File \"x\", line 1\nNameError: name 'x' is not defined\n",
      "Content-Type: text/html\nTraceback (most recent call last):\n",
      "ReferenceError: x is not defined\n",
      "/cgi-bin/x: 3: frobnicate: not found\n",
      "bash: line 1: frobnicate: command not found\n",
      "Can't locate CGI.pm in @INC (you may need to install the CGI module)\n",
      'syntax error at x.pl line 3, near "}"\n',
      "Died at /srv/x line 4.\n",
      "PHP Parse error:  syntax error, unexpected end of file in /srv/x.php on line 3\n",
      "Fatal error: Uncaught Error\n",
      'Exception in thread "main" java.lang.NullPointerException\n',
      "panic: runtime error: index out of range\n",
      "./x: error while loading shared libraries: libfoo.so.1: cannot open shared object file\n",
      "cat: /etc/shadow: Permission denied\n",
    ]) {
      assert.equal(named(output), "error-instead-of-header", output);
    }
  });

  it("sees text in front of the header, and the line that is wrong in one", () => {
    assert.equal(named("Hello\n"), "text-before-header");
    assert.equal(named("<html><p>Hello</p>"), "text-before-header");
    assert.equal(named("starting up\nContent-Type: text/html\n\n"), "text-before-header");
    assert.equal(named("Status: 99\n\n", { hasEnded: false }), "bad-header-line");
    assert.equal(named("X-A: b\n\nbody: a\n", { hasEnded: false }), "bad-header-line");
    assert.equal(
      diagnoseOutput(facts("Status: 99\n\npage", { hasEnded: false }), "no status").cause,
      "no status",
    );
  });

  it("says that a script failed behind the wrong line, and what of", () => {
    const asked = diagnoseOutput(
      facts("Your name? ", {
        stderr: ["Traceback", "EOFError: EOF when reading a line"],
        exit: { code: 1, signal: null },
      }),
      "",
    );
    assert.equal(asked.name, "text-before-header");
    assert.match(asked.cause, /'Your name\? '; and then it failed: 'EOFError: /);
    assert.match(asked.remedy, /^repair what its last lines say: a script has no keyboard/);
    const printed = diagnoseOutput(facts("Hello\n", { stderr: ["+ echo Hello"] }), "");
    assert.doesNotMatch(printed.cause, /failed/, "what has ended well may say what it likes");
    assert.equal(named("Content-Type: a/b\n", { exit: { code: null, signal: "SIGSEGV" } }), "killed");
  });

  it("sees white space that no screen shows", () => {
    const blank = diagnoseOutput(facts("Content-Type: a/b\n \nhi\n", { hasEnded: false }), "");
    assert.equal(blank.name, "no-blank-line");
    assert.match(blank.cause, /has blanks in it$/);
    const indented = diagnoseOutput(facts("Content-Type: a/b\n  A: b\n\nhi\n", { hasEnded: false }), "");
    assert.equal(indented.name, "bad-header-line");
    assert.match(indented.cause, /^blanks stand before 'A: b'$/);
    assert.match(diagnoseOutput(facts("Content-Type: a/b\r\rhi\r"), "").cause, /CR alone/);
  });

  it("sees bytes that are no text", () => {
    for (const output of [Buffer.from("Content-Type: a/b\n\n", "utf16le"), Buffer.alloc(4)]) {
      const found = diagnoseOutput(facts(output, { hasEnded: false }), "");
      assert.match(found.cause, /NULs among them/);
    }
  });

  it("takes a line without a colon among fields for a slip, and not for the page", () => {
    const found = diagnoseOutput(facts("A: b\nSet-Cookie\nContent-Type: a/b\n\n", { hasEnded: false }), "it");
    assert.deepEqual([found.name, found.cause], ["bad-header-line", "it"]);
  });

  it("asks for the field that is missing, where no line is wrong", () => {
    for (const output of ["Contant-Type: a/b\n\n", "Set-Cookie: a=b\n\nhi\n"]) {
      const found = diagnoseOutput(facts(output, { hasEnded: false }), "it has none");
      assert.match(found.remedy, /^print one of these/, output);
    }
  });

  it("knows a library that is not there, and a page that went to stderr", () => {
    const loader = "/x: error while loading shared libraries: libfoo.so.1: cannot open shared object file";
    assert.equal(named("", { stderr: [loader], exit: { code: 127, signal: null } }), "library-missing");
    const astray = diagnoseOutput(facts("", { stderr: ["Content-Type: text/plain", "", "hi"] }), "");
    assert.match(astray.remedy, /on stdout and not on stderr/);
  });

  it("knows what beginners write for a field", () => {
    for (const line of [
      "Content-Type=text/html",
      "Content Type: text/html",
      "Content-Type text/html",
      "Content-Type : text/html",
      "   Content-Type: text/html",
      "Status 404",
    ]) {
      const found = diagnoseOutput(facts(`${line}\n\nhi\n`, { hasEnded: false }), "");
      assert.equal(found.name, "bad-header-line", line);
      assert.equal(found.cause, `'${line}' is not how a field is written`);
    }
  });

  it("sees a backslash and an 'n' that no language has made a line end of", () => {
    for (const output of ["Content-Type: text/html\\n\\nhi", "Content-Type: text/html\\n\\n\nhi\n"]) {
      const found = diagnoseOutput(facts(output, { hasEnded: output.endsWith("i") }), "");
      assert.equal(found.name, "no-blank-line");
      assert.match(found.remedy, /double quotes in Perl/);
    }
    const named = diagnoseOutput(facts("A: C:\\new\n\npage", { hasEnded: false }), "no type");
    assert.equal(named.cause, "no type", "a header that has its blank line");
  });

  it("sees that a command's output has overtaken the header", () => {
    const found = diagnoseOutput(facts("total 4\nfile\nContent-Type: text/plain\n\n"), "");
    assert.equal(found.cause, "'total 4' comes before its header, 'Content-Type: text/plain'");
    assert.match(found.remedy, /flush/);
  });

  it("names the line that matters, who lacks a right, and where relative names lead", () => {
    const exit = { code: 2, signal: null };
    const said = (...stderr: string[]) => diagnoseOutput(facts("", { stderr, exit, user: "nobody" }), "");
    const perl = said("Can't locate CGI/Foo.pm in @INC", "BEGIN failed--compilation aborted at x line 2.");
    assert.match(perl.cause, /'Can't locate CGI\/Foo\.pm in @INC'$/);
    assert.match(said("sh: 1: counter: Permission denied").remedy, /it runs as nobody, who needs the right/);
    assert.match(said("open: No such file or directory: 'a'").remedy, /are looked for in \/srv$/);
    assert.equal(said("NameError: x").remedy, "repair what its last lines say");
  });

  it("shows no more of a line than a log can bear", () => {
    const { cause } = diagnoseOutput(facts(`open ${"x".repeat(1000)} failed`), "");
    assert.ok(cause.length < 270, cause);
    assert.match(cause, /'open x+ \.\.\. x+ failed'/, "what is wrong often stands at the end");
  });
});

describe("killed", () => {
  it("says what a signal usually means", () => {
    assert.match(killed("SIGKILL").cause, /memory ran out/);
    assert.match(killed("SIGXCPU").cause, /processor time/);
    assert.match(killed("SIGUSR2").cause, /^SIGUSR2: this signal/, "who sent it is not known");
    assert.match(killed("SIGFPE").cause, /divided .* by zero/);
  });
});

describe("describeExit", () => {
  it("is a code or a signal", () => {
    assert.equal(describeExit({ code: 3, signal: null }), "exit code 3");
    assert.equal(describeExit({ code: null, signal: "SIGKILL" }), "ended by SIGKILL");
  });
});
