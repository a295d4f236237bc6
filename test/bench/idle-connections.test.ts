import { createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { idleConnectionsWithin, openIdle } from "../../bench/load/idle-connections.ts";

const expected = { path: "/", status: 200, sha256: "", size: 2 };

describe("idle connections", () => {
  it("are open and answered, tell how many were lost, and end", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const idle = await openIdle(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, expected, 150);
    assert.equal(sockets.length, 150);
    assert.equal(idle.lost(), 0);
    const [first] = sockets;
    assert.ok(first);
    const gone = once(first, "close");
    first.destroy();
    await gone;
    await idle.close();
    assert.equal(idle.lost(), 150);
    server.close();
    await once(server, "close");
  });

  it("are as many as the system allows", () => {
    const limits = "Max open files            1024                 4096                 files     \n";
    assert.equal(idleConnectionsWithin(10_000, limits), 3596);
    assert.equal(idleConnectionsWithin(1000, limits), 1000);
    assert.equal(idleConnectionsWithin(10_000, ""), 10_000);
  });
});
