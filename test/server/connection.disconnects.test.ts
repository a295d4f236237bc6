// Clients that leave: at every moment, in every way. Nothing is left of them but a line in the log, and often not even that.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { describe, it } from "node:test";
import { HTTPServer } from "../../src/server/http-server.ts";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { makeFed } from "../handler/fed.ts";
import type { RawClient } from "../raw-client.ts";
import { serving, TestHandler } from "./serving.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\n";

/** Answers in every way that takes time. */
class Slow extends TestHandler {
  async do_GET(): Promise<void> {
    if (this.path === "/quick") return this.answer("quick");
    if (this.path === "/wait") return delay(60_000, undefined, { signal: this.signal });
    this.sendResponse(200);
    this.endHeaders();
    for (;;) {
      this.wfile.write("x".repeat(10_000));
      await delay(1, undefined, { signal: this.signal });
    }
  }

  async do_POST(): Promise<void> {
    if (this.path === "/unread") await delay(60_000, undefined, { signal: this.signal });
    this.answer(await text(this.rfile));
  }
}

const moments: [moment: string, bytes: string, received?: string][] = [
  ["before its first byte", ""],
  ["within the request line", "GET / HT"],
  ["within the head", "GET / HTTP/1.1\r\nHost: a\r\nX"],
  ["within a body of known length", `${POST}Content-Length: 1000\r\n\r\nhello`],
  ["within a chunk", `${POST}Transfer-Encoding: chunked\r\n\r\nff\r\nhello`],
  ["within a chunk size", `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nf`],
  ["within the trailers", `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nX: y`],
  [
    "when it is told to send the body",
    `${POST}Content-Length: 10\r\nExpect: 100-continue\r\n\r\n`,
    "100 Continue\r\n\r\n",
  ],
  ["while a handler works for it", GET.replace("/ ", "/wait ")],
  [
    "within a body that nobody reads, more than is read ahead",
    `${POST.replace("/ ", "/unread ")}Content-Length: 9000000\r\n\r\n${"x".repeat(3_000_000)}`,
  ],
  [
    "within a body that no handler takes, a little more than is read ahead",
    `${POST.replace("/ ", "/unread ")}Content-Length: 9000000\r\n\r\n${"x".repeat(75_000)}`,
  ],
  ["within the answer", GET, "xxx"],
  ["behind an answer, within the next", GET.replace("/ ", "/quick ") + GET, "xxx"],
  ["with a pipeline of requests", GET.repeat(8)],
];

/** Sockets that this process has open; 0 where the system does not tell. */
function openSockets(): number {
  try {
    return readdirSync("/proc/self/fd").filter((name) => isSocket(name)).length;
  } catch {
    return 0;
  }
}

function isSocket(name: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
  } catch {
    return false;
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `still not: ${what}`);
    await delay(5);
  }
}

describe("a client that leaves", { timeout: 60_000 }, () => {
  for (const Server of [ThreadingHTTPServer, HTTPServer]) {
    for (const [how, leave] of [
      ["by a reset", (client: RawClient) => client.reset()],
      ["by closing", (client: RawClient) => client.socket.destroy()],
    ] as const) {
      it(`${how}, at any moment, leaves nothing open at ${Server.name}, no stack, and one line at most`, async (t) => {
        const { connect, log, errors, ask } = await serving(t, Slow, { Server });
        const before = openSockets();
        for (const [moment, bytes, received = ""] of moments) {
          // A close stands behind the bytes that nobody reads, where nobody can see it; a reset overtakes them.
          if (how === "by closing" && moment.includes("nobody reads")) continue;
          const lines = log.lines.length;
          const client = await connect();
          client.send(bytes);
          await client.untilText(received);
          // The server has seen what was sent; a reset would take away from it what it has not.
          await delay(10);
          leave(client);
          await until(() => openSockets() <= before, `its socket is closed: ${moment}`);
          // One at a time: this one is answered when the other's turn is over.
          await ask("GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
          await log.until("/quick");
          const more = log.lines.slice(lines).filter((line) => !line.includes("/quick"));
          assert.ok(more.length <= 1, `${moment}: ${more.join("\n")}`);
        }
        assert.deepEqual(errors, []);
      });
    }
  }
});

describe("a client that has ended its side and waits, or has left: nobody knows (RFC 9112 §9.6)", () => {
  class Waiting extends TestHandler {
    static goOn = (): void => {};
    static aborted = false;
    static onCall = (): void => {};
    async do_GET(): Promise<void> {
      this.signal.addEventListener("abort", () => (Waiting.aborted = true));
      Waiting.onCall();
      await new Promise<void>((resolve) => (Waiting.goOn = resolve));
      this.answer("after all");
    }
  }

  async function halfClosed() {
    Waiting.aborted = false;
    const fed = makeFed(Waiting);
    const called = new Promise<void>((resolve) => (Waiting.onCall = resolve));
    const running = fed.handler.run();
    fed.socket.push(GET);
    fed.socket.push(null);
    await Promise.all([called, once(fed.socket, "end")]);
    return { ...fed, running, start: performance.now() };
  }

  it("aborts `signal` after two seconds of silence; a handler that answers all the same is heard", async () => {
    const { connection, socket, running, start, errors, log } = await halfClosed();
    connection.checkDeadlines(start + 1_000);
    assert.equal(Waiting.aborted, false);
    connection.checkDeadlines(start + 2_100);
    assert.equal(Waiting.aborted, true);
    Waiting.goOn();
    await running;
    connection.close();
    assert.match(socket.output, /after all$/);
    assert.deepEqual(errors, []);
    assert.equal(log.length, 1);
  });

  it("gets its two seconds anew with every byte that it is sent", async () => {
    const { connection, running, start } = await halfClosed();
    for (let i = 1; i <= 5; i++) {
      connection.write("HTTP/1.1 102 Processing\r\n\r\n");
      connection.flush();
      connection.checkDeadlines(start + i * 1_500);
    }
    assert.equal(Waiting.aborted, false);
    connection.checkDeadlines(start + 5 * 1_500 + 2_100);
    assert.equal(Waiting.aborted, true);
    Waiting.goOn();
    await running;
  });

  it("is closed when nothing has been sent to it for idleTime", async () => {
    const { connection, socket, running, start } = await halfClosed();
    connection.checkDeadlines(start + DEFAULT_LIMITS.idleTime - 1_000);
    assert.equal(socket.destroyed, false);
    connection.checkDeadlines(start + DEFAULT_LIMITS.idleTime + 1_000);
    assert.equal(socket.destroyed, true);
    Waiting.goOn();
    await running;
  });

  it("costs a handler that passes `signal` on neither a stack trace nor a 500", async () => {
    class Passing extends TestHandler {
      static onCall = (): void => {};
      async do_GET(): Promise<void> {
        Passing.onCall();
        await delay(60_000, undefined, { signal: this.signal });
      }
    }
    const { handler, socket, connection, errors, log } = makeFed(Passing);
    const called = new Promise<void>((resolve) => (Passing.onCall = resolve));
    const running = handler.run();
    socket.push(GET);
    socket.push(null);
    await Promise.all([called, once(socket, "end")]);
    connection.checkDeadlines(performance.now() + 2_100);
    await running;
    assert.equal(socket.output, "");
    assert.deepEqual(errors, []);
    assert.deepEqual(log, ['"GET / HTTP/1.1" - -']);
  });
});

describe("a socket that has failed", () => {
  it("counts as full until it closes: a source that never waits would keep the whole process busy", async () => {
    let written = 0;
    class Endless extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        this.request.flush();
        await delay(1);
        while (!this.request.needsDrain && written < 1_000) {
          this.wfile.write("x".repeat(100_000));
          written++;
        }
        await this.request.drained();
      }
    }
    const { handler, socket, errors } = makeFed(Endless);
    const write = socket._write.bind(socket);
    socket._write = (chunk: Buffer, encoding: string, callback: (error?: Error) => void): void => {
      if (written === 0) write(chunk, encoding, callback);
      else callback(new Error("EPIPE"));
    };
    const running = handler.run();
    socket.push(GET);
    await running;
    assert.ok(written < 10, `${written} pieces`);
    assert.deepEqual(errors, []);
  });
});
