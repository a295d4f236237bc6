import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { StartError, explainStartError } from "../../src/cli/start-errors.ts";
import type { ServeOptions } from "../../src/cli/serve-options.ts";

function explain(code: string, options: ServeOptions = {}): string {
  return explainStartError(Object.assign(new Error(`listen ${code}: something`), { code }), options);
}

describe("explainStartError", () => {
  it("names another port for one in use", () => {
    assert.equal(
      explain("EADDRINUSE"),
      "port 8000 is in use; choose another (htbin 8001) or 0 for any free one",
    );
    assert.match(explain("EADDRINUSE", { port: 65535 }), /htbin 8000/);
  });

  it("names a port that needs no root", () => {
    assert.equal(
      explain("EACCES", { port: 80 }),
      "port 80 is for root; choose one from 1024 up (htbin 8080)",
    );
    assert.match(explain("EACCES", { port: 443 }), /htbin 8443/);
    assert.match(explain("EACCES", { port: 5000 }), /may not listen on port 5000; choose another/);
  });

  it("knows an address that is not this machine's, and a name without address", () => {
    assert.match(
      explain("EADDRNOTAVAIL", { bind: "192.0.2.1" }),
      /^192\.0\.2\.1 is not an address of this machine; /,
    );
    assert.match(
      explain("ENOTFOUND", { bind: "nowhere.invalid" }),
      /name nowhere\.invalid; check the spelling/,
    );
    assert.match(
      explain("EAFNOSUPPORT", { bind: "::1" }),
      /no network for the address ::1; give --bind another/,
    );
  });

  it("speaks of the path where a Unix socket was asked for", () => {
    assert.match(explain("EADDRINUSE", { unix: "/run/s" }), /^\/run\/s exists already; remove it/);
    assert.match(explain("EACCES", { unix: "/run/s" }), /^cannot create \/run\/s; choose a folder/);
  });

  it("passes on the sentence of a StartError", () => {
    assert.equal(explainStartError(new StartError("ERR_START_OPTION", "no; do this"), {}), "no; do this");
  });

  it("says of anything else its first line, without control characters, and never its stack", () => {
    assert.equal(explainStartError(new Error("odd\u001b[31m.\nmore"), {}), "cannot start: odd\\x1b[31m");
    assert.equal(explainStartError("odd.", {}), "cannot start: odd");
  });
});
