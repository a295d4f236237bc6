import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { describeStartFailure, startFailure } from "../../src/cgi/start-failure.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

function describeScript(context: { after(fn: () => void): void }, content: string, code: string): string {
  const file = putScript(temporaryDirectory(context), "x", content);
  return describeStartFailure(file, Buffer.from(content), code, "nobody");
}

describe("describeStartFailure", () => {
  it("names a CR behind the interpreter", (context) => {
    assert.match(describeScript(context, "#!/bin/sh\r\necho\r\n", "ENOENT"), /CR LF/);
  });

  it("names an interpreter that is not there or not named in full", (context) => {
    assert.match(
      describeScript(context, "#! /opt/none/perl -w\n", "ENOENT"),
      /'\/opt\/none\/perl', which does not exist/,
    );
    assert.match(describeScript(context, "#!perl\n", "ENOENT"), /full path, not 'perl'/);
  });

  it("names the user that lacks the right", (context) => {
    assert.match(describeScript(context, "#!/bin/sh\n", "EACCES"), /nobody may not run it/);
  });

  it("knows a program for another machine, and a script that has gone", () => {
    assert.match(
      describeStartFailure("/x", Buffer.from("\x7fELF"), "ENOEXEC", "you"),
      /not a program for this machine/,
    );
    assert.match(describeStartFailure("/nowhere/x", Buffer.alloc(0), "ENOENT", "you"), /gone/);
  });
});

describe("startFailure", () => {
  function failure(code: string): ReturnType<typeof startFailure> {
    return startFailure(Object.assign(new Error("x"), { code }), "/nowhere/x", "nobody");
  }

  it("is the server's fault in general, and 'later' where the machine is full", () => {
    assert.equal(failure("ENOENT").code, "ERR_CGI_CANNOT_START");
    assert.equal(failure("ENOENT").status, 500);
    for (const code of ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"])
      assert.equal(failure(code).status, 503, code);
    assert.equal(failure("E2BIG").status, 431);
  });
});
