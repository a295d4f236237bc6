import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { makeFed } from "./fed.ts";

describe("a connection that waits for its next request", () => {
  it("holds nothing of the last one: thousands wait at the same time", async () => {
    let note = (): void => {};
    const answered = new Promise<void>((resolve) => (note = resolve));
    const { handler, socket } = makeFed(
      class extends BaseHTTPRequestHandler {
        override protocolVersion = "HTTP/1.1";
        do_GET(): void {
          assert.equal(this.path, "/a");
          this.sendResponse(204);
          this.endHeaders();
          setImmediate(note);
        }
      },
    );
    const ended = handler.run();
    socket.push("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    await answered;
    assert.deepEqual([handler.requestline, handler.path, handler.headers.size], ["", "", 0]);
    socket.push(null);
    await ended;
    assert.match(socket.output, /^HTTP\/1\.1 204 /);
  });
});
