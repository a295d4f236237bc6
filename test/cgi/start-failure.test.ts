import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { startFacts } from "../../src/cgi/start-facts.ts";
import { startFailure } from "../../src/cgi/start-failure.ts";

describe("startFailure", () => {
  function failure(code: string): ReturnType<typeof startFailure> {
    const error = Object.assign(new Error("x"), { code });
    return startFailure(error, "/nowhere/x", () => startFacts("/nowhere/x", undefined, undefined, ""));
  }

  it("is the server's fault in general, and 'later' where the machine is full", () => {
    assert.equal(failure("ENOENT").code, "ERR_CGI_CANNOT_START");
    assert.equal(failure("ENOENT").status, 500);
    assert.match(failure("ENOENT").message, /^\/nowhere\/x cannot be started: it has gone$/);
    for (const code of ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]) {
      assert.equal(failure(code).status, 503, code);
      assert.ok(failure(code).message.includes(code));
    }
    assert.equal(failure("E2BIG").status, 431);
  });
});
