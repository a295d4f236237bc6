import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { diagnoseNotExecutable, diagnoseStart, shellWord } from "../../src/cgi/diagnose-start.ts";
import { startFacts, type StartFacts } from "../../src/cgi/start-facts.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

const nobody = { name: "nobody", uid: 65534, gids: [65534] };
const open = [
  { path: "/", mode: 0o755, uid: 0, gid: 0 },
  { path: "/srv", mode: 0o755, uid: 0, gid: 0 },
];

/** A script that is in order, but for what a test changes. */
function facts(content: string | Buffer, changes: Partial<StartFacts> = {}): StartFacts {
  const start = Buffer.from(content);
  const sh = {
    path: "/bin/sh",
    exists: true,
    way: [...open, { ...open[1]!, path: "/bin/sh" }],
    sought: undefined,
  };
  return {
    file: "/srv/x",
    type: "file",
    start,
    way: [...open, { path: "/srv/x", mode: 0o755, uid: 0, gid: 0 }],
    interpreter: start.toString().startsWith("#!") ? sh : undefined,
    user: nobody,
    machine: "x64",
    ...changes,
  };
}

function elf(machine: number): Buffer {
  const start = Buffer.alloc(64);
  start.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  start.writeUInt16LE(machine, 18);
  return start;
}

function named(content: string | Buffer, changes: Partial<StartFacts> = {}, code?: string): string {
  return diagnoseStart(facts(content, changes), code)?.name ?? "nothing";
}

describe("diagnoseStart", () => {
  it("has nothing against a script, a program, or one that only its user can read", () => {
    assert.equal(named("#!/bin/sh\n"), "nothing");
    assert.equal(named(elf(62)), "nothing");
    assert.equal(named(""), "nothing");
  });

  it("knows a program for another machine, and that some run the programs of others", () => {
    assert.equal(named(elf(183)), "wrong-architecture");
    assert.match(diagnoseStart(facts(elf(183)))?.cause ?? "", /it is for arm64, and this is x64/);
    assert.equal(named(elf(3)), "nothing");
    assert.equal(named(elf(3), {}, "ENOEXEC"), "wrong-architecture");
    assert.equal(named(elf(9999)), "nothing");
  });

  it("knows what is neither a program nor a script", () => {
    assert.equal(named("echo hello\n"), "no-interpreter-line");
    assert.equal(named("\u{feff}#!/bin/sh\n"), "byte-order-mark-in-script");
    assert.equal(named("", { type: "directory" }), "not-a-file");
    assert.equal(named("", { type: "other" }), "not-a-file");
    assert.equal(named("", { type: "nothing", way: [] }, "ENOENT"), "missing");
  });

  it("knows UTF-16, an empty '#!' line, blank space before it, and a page of PHP", () => {
    assert.equal(named(Buffer.from("\u{feff}#!/bin/sh\n", "utf16le")), "saved-as-utf-16");
    assert.equal(named(Buffer.from("#!/bin/sh\n", "utf16le")), "saved-as-utf-16");
    assert.equal(named(Buffer.from("#!/bin/sh\n", "utf16le").swap16()), "saved-as-utf-16");
    assert.match(diagnoseStart(facts("#!\necho\n"))?.cause ?? "", /names no interpreter$/);
    assert.match(diagnoseStart(facts("\n#!/bin/sh\n"))?.cause ?? "", /^blank space stands before/);
    assert.match(diagnoseStart(facts("<?php echo 1;"))?.remedy ?? "", /--cgi-interpreter \.php=php-cgi$/);
  });

  it("knows a '#!' line that is not the first, or not quite one", () => {
    const late = diagnoseStart(facts("# my first script\n#!/usr/bin/env python3\n"));
    assert.equal(late?.cause, "its '#!' line is not the first one");
    for (const slip of [
      "#/usr/bin/env perl",
      "!#/usr/bin/env perl",
      "# !/usr/bin/env perl",
      "!/usr/bin/env perl",
    ]) {
      assert.equal(diagnoseStart(facts(`${slip}\nprint`))?.remedy, "write '#!/usr/bin/env perl'", slip);
    }
    assert.doesNotMatch(diagnoseStart(facts("# see /usr/share/doc\n"))?.remedy ?? "", /usr\/share/);
  });

  it("names the line that a language begins with, and never one of another", () => {
    const remedy = (file: string): string => diagnoseStart(facts("print 1\n", { file }))?.remedy ?? "";
    assert.match(remedy("/srv/x.py"), /^write '#!\/usr\/bin\/env python3'/);
    assert.match(remedy("/srv/x.pl"), /^write '#!\/usr\/bin\/env perl'/);
    assert.match(remedy("/srv/x.cgi"), /a line like/);
    assert.match(remedy("/srv/x.c"), /^compile it/);
    assert.match(diagnoseStart(facts("<!DOCTYPE html>\n"))?.remedy ?? "", /belongs outside/);
  });

  it("knows the line ends of old Macs, which make one line of the file", () => {
    const found = diagnoseStart(facts("#!/bin/sh\recho\r"));
    assert.deepEqual([found?.name, found?.cause.includes("CR alone")], ["carriage-return", true]);
  });

  it("names an interpreter that is there, where another version was asked for", () => {
    const gone = { path: "/usr/bin/python", exists: false, way: [], sought: undefined };
    const found = diagnoseStart(
      facts("#!/usr/bin/python\n", { interpreter: { ...gone, alternative: "/usr/bin/python3" } }),
    );
    assert.equal(found?.remedy, "name /usr/bin/python3, which is there, or install it");
  });

  it("advises no chmod for an interpreter: it may be no program, or lie in root's home", () => {
    const at = (path: string, mode: number): StartFacts["interpreter"] => ({
      path,
      exists: true,
      way: [open[0]!, { path, mode, uid: 0, gid: 0 }],
      sought: undefined,
    });
    const data = diagnoseStart(facts("#!/etc/passwd\n", { interpreter: at("/etc/passwd", 0o100644) }));
    assert.deepEqual(
      [data?.name, data?.cause],
      ["interpreter-missing", "its '#!' line names '/etc/passwd', which is no program"],
    );
    assert.equal(named("#!/bin\n", { interpreter: at("/bin", 0o040755) }), "interpreter-missing");
    const home = [
      { ...open[0]!, path: "/root", mode: 0o040700 },
      { ...open[1]!, path: "/root/python3" },
    ];
    const hidden = diagnoseStart(
      facts("#!/root/python3\n", { interpreter: { ...at("/root/python3", 0o755)!, way: home } }),
    );
    assert.equal(hidden?.cause, "nobody may not pass the directory /root");
    assert.match(hidden.remedy, /^name an interpreter that this user can reach/);
  });

  it("asks for both rights at once where a script has neither", () => {
    const way = [...open, { path: "/srv/x", mode: 0o700, uid: 0, gid: 0 }];
    assert.equal(diagnoseStart(facts("#!/bin/sh\n", { way }))?.remedy, "chmod a+rx /srv/x");
  });

  it("drops folder and .exe of a Windows interpreter from its advice", () => {
    const gone = { path: "C:\\Perl\\bin\\perl.exe", exists: false, way: [], sought: undefined };
    const found = diagnoseStart(facts("#!C:\\Perl\\bin\\perl.exe\n", { interpreter: gone }));
    assert.equal(found?.remedy, "write '#!/usr/bin/env perl'");
  });

  it("says which interpreter is not there, and why it is not found", () => {
    const gone = { path: "/opt/perl", exists: false, way: [], sought: undefined };
    const missing = diagnoseStart(facts("#!/opt/perl -w\n", { interpreter: gone }));
    assert.equal(missing?.name, "interpreter-missing");
    assert.match(missing.cause, /'\/opt\/perl', which does not exist/);
    const relative = diagnoseStart(facts("#!perl\n", { interpreter: { ...gone, path: "perl" } }));
    assert.equal(relative?.name, "interpreter-not-absolute");
    assert.match(relative.remedy, /#!\/usr\/bin\/env perl/);
    const env = { ...gone, path: "/usr/bin/env", exists: true };
    const sought = { name: "python9", isFound: false, path: "/bin" };
    const notFound = diagnoseStart(facts("#!/usr/bin/env python9\n", { interpreter: { ...env, sought } }));
    assert.equal(notFound?.name, "command-not-found");
    assert.match(notFound.cause, /'python9'.*\(\/bin\)/);
  });

  it("finds the carriage return that an editor on Windows leaves behind '#!'", () => {
    const gone = { path: "/bin/sh\r", exists: false, way: [], sought: undefined };
    const found = diagnoseStart(facts("#!/bin/sh\r\necho\r\n", { interpreter: gone }));
    assert.equal(found?.name, "carriage-return");
    assert.equal(found.remedy, 'save it with LF line ends: dos2unix /srv/x, or ":set ff=unix" in vi');
    const env = {
      path: "/usr/bin/env",
      exists: true,
      way: [],
      sought: { name: "sh", isFound: true, path: "/bin" },
    };
    assert.equal(named("#!/usr/bin/env sh\r\n", { interpreter: env }), "carriage-return");
    const there = { ...gone, path: "/bin/sh", exists: true };
    assert.match(
      diagnoseStart(facts("#!/bin/sh -e\r\n", { interpreter: there }))?.cause ?? "",
      /'s options$/,
    );
    assert.equal(named("#!/usr/bin/perl -w\r\n", { interpreter: there }), "nothing", "Perl drops it");
  });

  it("names the file or directory on the way that keeps the user out, and the command that lets him in", () => {
    const closed = [open[0]!, { ...open[1]!, mode: 0o700 }, { path: "/srv/x", mode: 0o755, uid: 0, gid: 0 }];
    const blocked = diagnoseStart(facts("#!/bin/sh\n", { way: closed }));
    assert.equal(blocked?.name, "no-permission");
    assert.equal(blocked.cause, "nobody may not pass the directory /srv");
    assert.match(blocked.remedy, /^chmod a\+x \/srv/);
    const unreadable = [...open, { path: "/srv/x", mode: 0o711, uid: 0, gid: 0 }];
    const read = diagnoseStart(facts("#!/bin/sh\n", { way: unreadable }));
    assert.equal(read?.cause, "nobody may not read /srv/x, and its interpreter has to");
    assert.equal(read.remedy, "chmod a+r /srv/x");
    assert.equal(named(elf(62), { way: unreadable }), "nothing", "a program need not be readable");
    const notRunnable = [...open, { path: "/srv/x", mode: 0o744, uid: 0, gid: 0 }];
    assert.equal(diagnoseStart(facts("#!/bin/sh\n", { way: notRunnable }))?.remedy, "chmod a+x /srv/x");
    const way = [...open, { path: "/bin/sh", mode: 0o700, uid: 0, gid: 0 }];
    const interpreter = { path: "/bin/sh", exists: true, way, sought: undefined };
    assert.equal(diagnoseStart(facts("#!/bin/sh\n", { interpreter }))?.cause, "nobody may not run /bin/sh");
  });

  it("needs no x bit and no '#!' where htbin names the interpreter", () => {
    const way = [...open, { path: "/srv/x", mode: 0o644, uid: 0, gid: 0 }];
    const interpreter = { path: "/usr/bin/php-cgi", exists: true, way: [], sought: undefined };
    assert.equal(named("<?php echo 1;", { way, interpreter }), "nothing");
    assert.equal(
      named("<?php", { way, interpreter: { ...interpreter, exists: false } }),
      "interpreter-missing",
    );
  });

  it("falls back on the system's error where the disk shows nothing", () => {
    assert.match(diagnoseStart(facts("#!/bin/sh\n"), "EACCES")?.remedy ?? "", /getfacl \/srv\/x/);
    assert.equal(named(elf(62), {}, "ENOENT"), "library-missing");
    assert.equal(named(elf(62), {}, "ETXTBSY"), "being-written");
    assert.match(diagnoseStart(facts(elf(62)), "ERR_ACCESS_DENIED")?.remedy ?? "", /--allow-child-process/);
    assert.match(diagnoseStart(facts(elf(62)), "EWHATEVER")?.cause ?? "", /the system says EWHATEVER/);
  });
});

describe("diagnoseNotExecutable", () => {
  it("says chmod +x for a missing bit, and names a directory that hides the file", () => {
    const way = [...open, { path: "/srv/x", mode: 0o644, uid: 0, gid: 0 }];
    const found = diagnoseNotExecutable("/srv/x y", way, nobody, Buffer.from("#!/bin/sh\n"));
    assert.deepEqual([found.name, found.remedy], ["no-execute-permission", "chmod +x '/srv/x y'"]);
    const closed = [{ ...open[0]!, mode: 0o700 }, way[2]!];
    assert.equal(diagnoseNotExecutable("/srv/x", closed, nobody, Buffer.alloc(0)).name, "no-permission");
    const page = diagnoseNotExecutable("/srv/x", way, nobody, Buffer.from("<html>"));
    assert.match(page.remedy, /^chmod \+x \/srv\/x if it is a script; a page.* belongs outside/);
  });

  it("looks at the disk where the bit is there", () => {
    const way = [...open, { path: "/srv/x", mode: 0o755, uid: 0, gid: 0 }];
    const found = diagnoseNotExecutable("/srv/x", way, nobody, Buffer.from("#!/bin/sh\n"));
    assert.equal(found.name, "no-execute-permission");
    assert.match(found.cause, /mounted with noexec/);
    assert.doesNotMatch(found.remedy, /chmod/);
  });
});

describe("startFacts", { skip: process.platform === "win32" && "no '#!' lines" }, () => {
  it("reads the file, its interpreter, and what env will look for", (context) => {
    const root = temporaryDirectory(context);
    const file = putScript(root, "x", "#!/usr/bin/env -S LANG=C no-such-program -u\n");
    const found = startFacts(file, { kind: "direct" }, { name: "n", uid: 5, gid: 6 }, root);
    assert.deepEqual(found.interpreter?.sought, { name: "no-such-program", isFound: false, path: root });
    assert.deepEqual(found.user, { name: "the user n", uid: 5, gids: [6] });
    assert.equal(found.type, "file");
    assert.equal(found.way.at(-1)?.path, file);
    putScript(root, "no-such-program", "");
    assert.equal(startFacts(file, { kind: "direct" }, undefined, root).interpreter?.sought?.isFound, true);
    assert.equal(startFacts(root, undefined, undefined, "").type, "directory");
    assert.equal(startFacts(`${root}/none`, undefined, undefined, "").type, "nothing");
    const data = put(root, "y.php", "<?php");
    const named = startFacts(data, { kind: "interpreter", command: "/no/php", args: [] }, undefined, "");
    assert.deepEqual(named.interpreter, {
      path: "/no/php",
      exists: false,
      way: [],
      alternative: undefined,
      sought: undefined,
    });
  });

  it(
    "takes all behind env for one name, as Linux does",
    { skip: process.platform !== "linux" },
    (context) => {
      const root = temporaryDirectory(context);
      putScript(root, "perl", "");
      const file = putScript(root, "x", "#!/usr/bin/env perl -w\n");
      const found = startFacts(file, { kind: "direct" }, undefined, root);
      assert.equal(diagnoseStart(found)?.remedy, "write '#!/usr/bin/env -S perl -w'");
      const split = putScript(root, "y", "#!/usr/bin/env -S perl -w\n");
      assert.equal(diagnoseStart(startFacts(split, { kind: "direct" }, undefined, root)), undefined);
      const one = putScript(root, "z", "#!/usr/bin/env  perl \n");
      assert.equal(startFacts(one, { kind: "direct" }, undefined, root).interpreter?.sought?.name, "perl");
    },
  );

  it("finds an empty file, unless a named interpreter is to run it", () => {
    const empty = facts("", { type: "emptyFile", interpreter: undefined });
    assert.equal(diagnoseStart(empty)?.name, "empty-file");
    const php = { path: "/bin/sh", exists: true, way: [], sought: undefined };
    assert.equal(diagnoseStart(facts("", { type: "emptyFile", interpreter: php })), undefined);
  });
});

describe("shellWord", () => {
  it("quotes what a shell would read otherwise", () => {
    assert.equal(shellWord("/a/b-c.d"), "/a/b-c.d");
    assert.equal(shellWord("/a b/it's"), `'/a b/it'\\''s'`);
  });
});
