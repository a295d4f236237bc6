import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { decideStart, parseShebang, readStart } from "../../src/cgi/interpreter.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

const NODE = "/opt/node/bin/node";

function onLinux(content: string | Uint8Array): ReturnType<typeof decideStart> {
  return decideStart("/srv/cgi-bin/x", Buffer.from(content as string), "linux", NODE);
}

function onWindows(file: string, content = ""): ReturnType<typeof decideStart> {
  return decideStart(file, Buffer.from(content), "win32", NODE);
}

describe("decideStart where the kernel reads '#!'", () => {
  it("starts programs and scripts with a '#!' line directly", () => {
    assert.deepEqual(onLinux("#!/bin/sh\necho"), { kind: "direct" });
    assert.deepEqual(onLinux("\x7fELF\x02\x01"), { kind: "direct" });
    const machO = Buffer.of(0xcf, 0xfa, 0xed, 0xfe);
    assert.deepEqual(decideStart("/srv/x", machO, "darwin", NODE), { kind: "direct" });
  });

  it("starts a program that it may not read", () => {
    assert.deepEqual(onLinux(""), { kind: "direct" });
  });

  it("does not let anything else fall to /bin/sh", () => {
    for (const content of ["echo hello\n", "<?php echo 1;", "\n#!/bin/sh\n", " #!/bin/sh"]) {
      const start = onLinux(content);
      assert.equal(start.kind, "impossible", content);
      assert.match(start.kind === "impossible" ? start.reason : "", /does it begin with '#!'/);
    }
  });

  it("does not let a program of macOS or a class of Java fall to /bin/sh", () => {
    for (const bytes of [Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe), Uint8Array.of(0xca, 0xfe, 0xba, 0xbe)])
      assert.equal(onLinux(bytes).kind, "impossible");
  });

  it("names the byte order mark that hides a '#!' line", () => {
    const start = onLinux("\ufeff#!/bin/sh\n");
    assert.match(start.kind === "impossible" ? start.reason : "", /byte order mark/);
  });
});

describe("decideStart on Windows", () => {
  it("takes the interpreter that the '#!' line names, by its last name", () => {
    assert.deepEqual(onWindows("a.cgi", "#!/usr/bin/env python3 -u\r\nprint()"), {
      kind: "interpreter",
      command: "python",
      args: ["-u"],
    });
    assert.deepEqual(onWindows("a.pl", "#!/usr/bin/perl -w\n"), {
      kind: "interpreter",
      command: "perl",
      args: ["-w"],
    });
    assert.deepEqual(onWindows("a", "#!/usr/bin/env -S node --no-warnings\n"), {
      kind: "interpreter",
      command: NODE,
      args: ["--no-warnings"],
    });
    assert.deepEqual(onWindows("a", "#!C:\\Perl\\perl.exe\n"), {
      kind: "interpreter",
      command: "C:\\Perl\\perl.exe",
      args: [],
    });
  });

  it("goes by the extension where there is no '#!' line", () => {
    assert.deepEqual(onWindows("C:\\w\\a.py"), { kind: "interpreter", command: "python", args: ["-u"] });
    assert.deepEqual(onWindows("C:\\w\\a.PYW"), { kind: "interpreter", command: "python", args: ["-u"] });
    assert.deepEqual(onWindows("a.pl"), { kind: "interpreter", command: "perl", args: [] });
    for (const name of ["a.js", "a.mjs", "a.cjs"]) {
      assert.deepEqual(onWindows(name), { kind: "interpreter", command: NODE, args: [] });
    }
    assert.deepEqual(onWindows("a.exe"), { kind: "direct" });
  });

  it("never runs a batch file (CVE-2024-27980), whatever its '#!' line says", () => {
    assert.equal(onWindows("a.bat", "#!perl\n").kind, "impossible");
    assert.equal(onWindows("a.CMD").kind, "impossible");
    assert.equal(onWindows("a.txt").kind, "impossible");
  });
});

describe("parseShebang", () => {
  it("splits at blanks and skips env", () => {
    assert.deepEqual(parseShebang(" /usr/bin/perl  -w "), ["/usr/bin/perl", "-w"]);
    assert.deepEqual(parseShebang("/usr/bin/env A=b python3"), ["python3"]);
    assert.deepEqual(parseShebang("/opt/env/bin/sh"), ["/opt/env/bin/sh"]);
    assert.equal(parseShebang("/usr/bin/env"), undefined);
    assert.equal(parseShebang("  "), undefined);
  });
});

describe("readStart", () => {
  it("reads no more than the kernel does, and nothing where there is nothing", (context) => {
    const directory = temporaryDirectory(context);
    assert.equal(readStart(putScript(directory, "long", "x".repeat(1000))).length, 256);
    assert.equal(readStart(putScript(directory, "short", "ab")).toString(), "ab");
    assert.equal(readStart(`${directory}/nothing`).length, 0);
  });
});
