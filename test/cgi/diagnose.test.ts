import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { diagnose, type FailureFacts } from "../../src/cgi/diagnose.ts";
import { VERDICTS, type VerdictName } from "../../src/cgi/verdict.ts";
import type { CGIErrorCode } from "../../src/errors.ts";

function facts(code: CGIErrorCode, changes: Partial<FailureFacts> = {}): FailureFacts {
  return {
    code,
    cutBy: code,
    message: "the words of the error",
    file: "/srv/x",
    start: undefined,
    systemCode: undefined,
    isUserUnknown: false,
    output: Buffer.alloc(0),
    hasEnded: true,
    stderr: [],
    exit: undefined,
    ...changes,
  };
}

describe("diagnose", () => {
  it("has a verdict for every code, with a cause and a remedy", () => {
    const expected: Readonly<Record<CGIErrorCode, VerdictName>> = {
      ERR_CGI_NOT_EXECUTABLE: "no-execute-permission",
      ERR_CGI_CANNOT_START: "cannot-start",
      ERR_CGI_BAD_HEADER: "no-output",
      ERR_CGI_NO_HEADER: "no-output",
      ERR_CGI_HEADER_TOO_LARGE: "header-too-large",
      ERR_CGI_TIMEOUT: "too-slow",
      ERR_CGI_BUSY: "too-busy",
      ERR_CGI_BAD_REQUEST: "request-unfit",
      ERR_CGI_REQUEST_TOO_LARGE: "request-unfit",
      ERR_CGI_REDIRECT_LOOP: "redirect-loop",
      ERR_CGI_NO_SPACE: "no-space",
      ERR_CGI_CUT: "too-short",
      ERR_CGI_GATEWAY: "application-broke-off",
    };
    for (const [code, name] of Object.entries(expected)) {
      const verdict = diagnose(facts(code as CGIErrorCode));
      assert.equal(verdict.name, name, code);
      assert.ok(VERDICTS.includes(verdict.name) && verdict.cause !== "" && verdict.remedy !== "");
      assert.doesNotMatch(verdict.remedy, /\.$/);
    }
  });

  it("tells an application that says nothing from a script that does", () => {
    const mute = diagnose(facts("ERR_CGI_TIMEOUT", { isApplication: true }));
    assert.match(mute.remedy, /pm\.max_children.* --scgi-socket/);
    const slow = diagnose(facts("ERR_CGI_TIMEOUT", { isApplication: true, output: Buffer.from("A: b\n") }));
    assert.match(slow.remedy, /^print and flush the header/);
    assert.match(diagnose(facts("ERR_CGI_TIMEOUT")).remedy, /^print and flush the header/);
  });

  it("knows a program that the system would not load, by what a shell says of it", () => {
    const start: FailureFacts["start"] = {
      file: "/srv/x",
      type: "file",
      start: Buffer.from("\x7fELF\x02\x01", "latin1"),
      way: [],
      interpreter: undefined,
      user: { name: "nobody", uid: 65534, gids: [] },
      machine: process.arch,
    };
    const exit = { code: 127, signal: null };
    const shell = diagnose(
      facts("ERR_CGI_NO_HEADER", { start, exit, stderr: ["/srv/x: 1: \x7fELF: not found"] }),
    );
    assert.equal(shell.name, "wrong-architecture");
    const own = diagnose(facts("ERR_CGI_NO_HEADER", { start, exit, stderr: ["/srv/x: no configuration"] }));
    assert.equal(own.name, "command-not-found");
  });

  it("knows that the PHP of the command line prints no header", () => {
    const start = (path: string, name?: string): FailureFacts["start"] => ({
      file: "/srv/x.php",
      type: "file",
      start: Buffer.from("<?php"),
      way: [],
      interpreter: {
        path,
        exists: true,
        way: [],
        sought: name === undefined ? undefined : { name, isFound: true, path: "/usr/bin" },
      },
      user: { name: "nobody", uid: 65534, gids: [] },
      machine: process.arch,
    });
    const output = Buffer.from("<h1>Hello</h1>\n");
    const remedy = (facts_: Partial<FailureFacts>): string =>
      diagnose(facts("ERR_CGI_BAD_HEADER", facts_)).remedy;
    for (const one of [start("/usr/bin/php"), start("/usr/bin/php8.2"), start("/usr/bin/env", "php")])
      assert.match(remedy({ start: one, output }), /--cgi-interpreter \.php=php-cgi$/);
    for (const one of [start("/usr/bin/php-cgi"), start("/usr/bin/env", "python3"), undefined])
      assert.match(remedy({ start: one, output }), /^print 'Content-Type/);
  });

  it("looks at the file again where an interpreter failed without a word", () => {
    const start = {
      file: "/srv/x",
      type: "file",
      start: Buffer.from("#!/usr/bin/env python9\n"),
      way: [],
      interpreter: {
        path: "/usr/bin/env",
        exists: true,
        way: [],
        sought: { name: "python9", isFound: false, path: "/bin" },
      },
      user: { name: "nobody", uid: 65534, gids: [] },
      machine: "x64",
    } as const;
    const found = diagnose(facts("ERR_CGI_NO_HEADER", { start, exit: { code: 127, signal: null } }));
    assert.match(found.cause, /asks for 'python9'/);
  });

  it("knows an unknown user, a full machine, and what ends a body", () => {
    const noUser = facts("ERR_CGI_CANNOT_START", { isUserUnknown: true });
    assert.equal(diagnose(noUser).name, "no-such-user");
    assert.equal(diagnose(facts("ERR_CGI_BUSY", { systemCode: "EMFILE" })).name, "system-full");
    const shot = facts("ERR_CGI_CUT", { exit: { code: null, signal: "SIGKILL" } });
    assert.equal(diagnose(shot).name, "killed");
    const message = "it printed nothing for 600 s";
    const silent = diagnose(facts("ERR_CGI_CUT", { cutBy: "ERR_CGI_TIMEOUT", message }));
    assert.deepEqual([silent.name, silent.cause], ["silent", `in the middle of its page: ${message}`]);
    // How it ended when it was told to is no reason.
    const ended = { exit: { code: null, signal: "SIGTERM" as const }, cutBy: "ERR_CGI_TIMEOUT" as const };
    assert.equal(diagnose(facts("ERR_CGI_CUT", ended)).name, "silent");
    assert.equal(diagnose(facts("ERR_CGI_CUT", { cutBy: "ERR_CGI_GATEWAY" })).name, "application-broke-off");
  });

  it("tells an application that is not there from one that broke off", () => {
    for (const systemCode of ["ECONNREFUSED", "ENOENT", "EACCES", "EAGAIN", "EHOSTUNREACH"]) {
      assert.equal(diagnose(facts("ERR_CGI_GATEWAY", { systemCode })).name, "application-unreachable");
    }
  });
});
