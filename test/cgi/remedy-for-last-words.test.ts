import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { hintFor } from "../../src/cgi/remedy-for-last-words.ts";

/** What programs really say, and what there is to add. */
const SAID: readonly (readonly [line: string, hint: RegExp | undefined])[] = [
  ["EOFError: EOF when reading a line", /no keyboard/],
  ["sudo: a terminal is required to read the password; either use the -S option", /no keyboard/],
  ["Password: su: Authentication failure", /no keyboard/],
  ["/x.sh: 2: cannot open /dev/tty: No such device or address", /no keyboard/],
  ["_tkinter.TclError: no display name and no $DISPLAY environment variable", /no screen/],
  ["Error: Can't open display: ", /no screen/],
  ["ModuleNotFoundError: No module named 'flask'", /where nobody finds it/],
  ["Can't locate CGI.pm in @INC (you may need to install the CGI module)", /where nobody finds it/],
  ["kernel_require.rb:85:in `require': cannot load such file -- rack (LoadError)", /where nobody finds it/],
  ["Error: Cannot find module 'express'", /where nobody finds it/],
  ["sqlite3.OperationalError: unable to open database file", /the database, and to its folder/],
  ["PermissionError: [Errno 13] Permission denied: 'counter.txt'", /nobody, who needs the right/],
  ["MemoryError", /--cgi-limit memory=/],
  ["/x.sh: fork: retry: Resource temporarily unavailable", /--cgi-limit processes=/],
  [
    "FileNotFoundError: [Errno 2] No such file or directory: 'data/a.txt'",
    /are looked for in \/srv\/cgi-bin$/,
  ],
  ["/srv/cgi-bin/x: 2: cannot open a.txt: No such file or directory", /are looked for in \/srv\/cgi-bin$/],
  ["FileNotFoundError: [Errno 2] No such file or directory: '/data/a.txt'", /at the root of the disk/],
  ["SyntaxError: unexpected EOF while parsing", undefined],
  ["ZeroDivisionError: division by zero", undefined],
];

describe("hintFor", () => {
  it("says what a program's last words mean in a script of a server", () => {
    for (const [line, expected] of SAID) {
      const hint = hintFor(line, { file: "/srv/cgi-bin/x", user: "nobody" });
      if (expected === undefined) assert.equal(hint, undefined, line);
      else assert.match(hint ?? "", expected, line);
    }
  });

  it("names no user that is not known", () => {
    const hint = hintFor("a: Permission denied", { file: "/srv/x", user: undefined });
    assert.match(hint ?? "", /^it runs as another user than you, /);
  });
});
