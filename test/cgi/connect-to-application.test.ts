import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";

import { connectTo } from "../../src/cgi/connect-to-application.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

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
