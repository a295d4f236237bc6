// Clients that go on sending, and clients that have sent all: both read their answer (RFC 9112 §9.6).

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { parseResponses, RawClient } from "../raw-client.ts";
import { serving, TestHandler } from "./serving.ts";

const MIB = 1024 * 1024;

class Large extends TestHandler {
  async do_GET(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 100 * MIB);
    this.endHeaders();
    const piece = Buffer.alloc(MIB);
    for (let i = 0; i < 100; i++) {
      this.writeBody(piece);
      await this.request.drained();
    }
  }

  do_POST(): void {
    this.answer("not read");
  }
}

/** Writes all of a body, and only then reads. @returns what came, and how the connection ended */
async function writeThenRead(port: number, head: string, size: number): Promise<[string, string]> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.pause();
  let ending = "end";
  socket.on("error", (error: NodeJS.ErrnoException) => (ending = error.code ?? error.message));
  socket.write(head);
  const piece = Buffer.alloc(MIB, "x");
  for (let sent = 0; sent < size && !socket.destroyed; sent += piece.length) {
    if (!socket.write(piece)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => (text += part));
  socket.end();
  socket.resume();
  await once(socket, "close");
  return [text, ending];
}

describe("a client that writes 100 MiB before it reads", { timeout: 60_000 }, () => {
  for (const [status, head] of [
    [413, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${100 * MIB}\r\n\r\n`],
    [400, `POST / HTTP/1.1\r\nHost : a\r\nContent-Length: ${100 * MIB}\r\n\r\n`],
    [200, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${10 * MIB}\r\n\r\n`],
  ] as const) {
    it(`reads its ${status}, and no reset`, async (t) => {
      const { port } = await serving(t, Large, { limits: { body: 50 * MIB } });
      const [text, ending] = await writeThenRead(port, head, 100 * MIB);
      assert.equal(parseResponses(text)[0]!.status, status);
      assert.equal(ending, "end");
    });
  }

  it("reads it also when the writing takes longer than lingerTime", async (t) => {
    const { connect: open } = await serving(t, Large, { limits: { body: 1, lingerTime: 300 } });
    const client = await open();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    const began = performance.now();
    while (performance.now() - began < 3_000) {
      client.send("x".repeat(1_000));
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(client.errorCode, undefined);
    }
    client.end();
    await client.until(() => client.isClosed);
    assert.equal(client.errorCode, undefined);
    assert.match(client.text, /^HTTP\/1\.1 413 /);
  });
});

describe("a client that has ended its own side", { timeout: 60_000 }, () => {
  it("gets all of 100 MiB, and is gone at writeTime if it does not take them", async (t) => {
    const { port, log } = await serving(t, Large, { limits: { writeTime: 800 } });
    using reading = await RawClient.connect(port);
    reading.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").end();
    await reading.until(() => reading.hasEnded, "the end", 30_000);
    assert.ok(reading.received > 100 * MIB);
    assert.equal(reading.errorCode, undefined);
    using stalled = await RawClient.connect(port);
    stalled.socket.pause();
    const lines = log.lines.length;
    stalled.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").end();
    while (log.lines.length === lines) await new Promise((resolve) => setImmediate(resolve));
  });
});
