import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";

import { connectTo, parseAddress } from "../../src/cgi/application-address.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

describe("parseAddress", () => {
  it("knows Unix sockets, and hosts with a port", () => {
    assert.deepEqual(parseAddress("unix:/run/php/php8.2-fpm.sock"), { path: "/run/php/php8.2-fpm.sock" });
    assert.deepEqual(parseAddress("127.0.0.1:9000"), { host: "127.0.0.1", port: 9000 });
    assert.deepEqual(parseAddress("[::1]:9000"), { host: "::1", port: 9000 });
    assert.deepEqual(parseAddress("app.internal:65535"), { host: "app.internal", port: 65_535 });
  });

  it("takes nothing else", () => {
    for (const text of [
      "",
      "unix:",
      "9000",
      ":9000",
      "127.0.0.1",
      "127.0.0.1:0",
      "a:65536",
      "::1:9000",
      "a b:1",
      "http://a:1",
      "unix:/a\0b",
    ]) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });
});

describe("connectTo", { skip: process.platform === "win32" && "no Unix sockets in folders" }, () => {
  it("is refused with the code of the system, as a fault of the application", async (context) => {
    const root = temporaryDirectory(context);
    await assert.rejects(connectTo(`unix:${join(root, "none")}`), {
      code: "ERR_CGI_GATEWAY",
      status: 502,
      message: /ENOENT/,
    });
    await assert.rejects(connectTo(`unix:${put(root, "file", "")}`), {
      code: "ERR_CGI_GATEWAY",
      message: /ECONNREFUSED/,
    });
  });

  it("gives up on one that takes no connection in time", async (context) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.after(() => server.close());
    const { port } = server.address() as { port: number };
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const connecting = connectTo(`127.0.0.1:${port}`);
    // Before the event loop turns, so before the connection is there.
    context.mock.timers.tick(5_000);
    await assert.rejects(connecting, { code: "ERR_CGI_TIMEOUT", status: 504, message: /within 5 s/ });
  });
});
