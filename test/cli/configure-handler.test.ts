import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { configuredHandler } from "../../src/cli/configure-handler.ts";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";

class Hello extends BaseHTTPRequestHandler {}

describe("configuredHandler", () => {
  it("refuses to turn off what a class without files never had", async () => {
    for (const member of ["listing", "compress", "archives"]) {
      await assert.rejects(configuredHandler({ handlerClass: Hello, [member]: false }), {
        code: "ERR_START_OPTION",
        message: `${member} means nothing to Hello; derive that from SimpleHTTPRequestHandler, or leave ${member} out`,
      });
    }
  });

  it("takes false for what is off anyway", async () => {
    const off = { cors: false, dotfiles: false, followSymlinks: false, cgi: false, cgiDebug: false };
    const Handler = await configuredHandler({ handlerClass: Hello, ...off });
    assert.ok(Handler.prototype instanceof Hello);
  });
});
