// What a connection puts up with: sizes, numbers, and clients that are slow on purpose or only by nature.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { describe, it, type TestContext } from "node:test";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import { HTTPServer } from "../../src/server/http-server.ts";
import { makeFed } from "../handler/fed.ts";
import { parseResponses, type RawClient } from "../raw-client.ts";
import { serving, TestHandler } from "./serving.ts";

const get = (path = "/", fields = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const post = (fields: string, body = ""): string => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Echo extends TestHandler {
  do_GET(): void {
    this.answer(this.path);
  }

  async do_POST(): Promise<void> {
    this.answer(await text(this.rfile));
  }
}

/** Calls again and again until the test is over. */
function every(t: TestContext, milliseconds: number, action: () => void): void {
  const timer = setInterval(action, milliseconds);
  t.after(() => clearInterval(timer));
}

describe("limits.body (RFC 9110 §15.5.14)", { timeout: 30_000 }, () => {
  it("a declared length beyond it is 413 before a byte is read, and closes", async (t) => {
    const { connect, log } = await serving(t, Echo, { limits: { body: 10 } });
    const client = await connect();
    client.send(post("Content-Length: 11\r\nExpect: 100-continue"));
    const [response] = parseResponses(await client.untilEnd());
    assert.equal(response!.status, 413);
    assert.equal(response!.get("connection"), "close");
    await log.until('"POST / HTTP/1.1" 413');
  });

  it("chunks are 413 when they pass it, whatever the handler does with them", async (t) => {
    const { ask, errors } = await serving(t, Echo, { limits: { body: 10 } });
    const chunks = "6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n";
    const [response] = parseResponses(await ask(post("Transfer-Encoding: chunked", chunks + get())));
    assert.equal(response!.status, 413);
    assert.equal(response!.get("connection"), "close");
    assert.deepEqual(errors, []);
  });

  it("as long as it is allowed, both ways, and counts each body by itself", async (t) => {
    const { connect } = await serving(t, Echo, { limits: { body: 10 } });
    const client = await connect();
    for (let i = 1; i < 6; i += 2) {
      client.send(post("Content-Length: 10", "0123456789"));
      client.send(post("Transfer-Encoding: chunked", "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"));
      const responses = await client.responses(i + 1);
      assert.deepEqual(
        responses.slice(i - 1).map(({ body }) => body.toString()),
        ["0123456789", "0123456789"],
      );
    }
  });

  it("is none by default", () => {
    assert.equal(DEFAULT_LIMITS.body, Infinity);
  });
});

describe("limits.requestsPerConnection (RFC 9112 §9.6)", { timeout: 30_000 }, () => {
  it("the last one is answered with Connection: close, those behind it not at all", async (t) => {
    const { ask } = await serving(t, Echo, { limits: { requestsPerConnection: 3 } });
    const responses = parseResponses(await ask(get("/1") + get("/2") + get("/3") + get("/4")));
    assert.deepEqual(
      responses.map((response) => [response.body.toString(), response.get("connection")]),
      [
        ["/1", undefined],
        ["/2", undefined],
        ["/3", "close"],
      ],
    );
  });
});

describe("limits.connections", { timeout: 30_000 }, () => {
  class Busy extends Echo {
    async do_WAIT(): Promise<void> {
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write("waiting");
      await new Promise<void>((resolve) => this.signal.addEventListener("abort", () => resolve()));
    }
  }
  const busy = async (client: RawClient): Promise<RawClient> => {
    await client.send(get().replace("GET", "WAIT")).untilText("waiting");
    return client;
  };

  it("a connection beyond them is answered 503 with Retry-After, and reads it although it sends", async (t) => {
    const { connect } = await serving(t, Busy, { limits: { connections: 2 } });
    const held = [await busy(await connect()), await busy(await connect())];
    const late = await connect();
    late.send(post("Content-Length: 1048576", "x".repeat(1 << 20)));
    const [response] = parseResponses(await late.untilEnd());
    assert.equal(response!.status, 503);
    assert.equal(response!.get("retry-after"), "5");
    assert.equal(late.errorCode, undefined);
    held[0]!.reset();
    for (;;) {
      const again = await connect();
      again.send(get("/", "Connection: close\r\n"));
      if (parseResponses(await again.untilEnd())[0]!.status === 200) break;
    }
  });

  it("silent connections and heads that never end give their places to whoever asks something", async (t) => {
    const { connect } = await serving(t, Busy, { limits: { connections: 50 } });
    const silent = await Promise.all(Array.from({ length: 200 }, connect));
    let closed = 0;
    const gone = new Promise<void>((resolve) => {
      for (const client of silent) client.socket.once("close", () => ++closed === 150 && resolve());
    });
    for (const [i, client] of silent.entries()) if (i % 2 === 0) client.send("GET / HT");
    for (let i = 0; i < 20; i++) {
      const client = await connect();
      const [response] = await client.send(get()).responses(1);
      assert.equal(response!.status, 200);
    }
    await gone;
  });
});

describe("2000 slow clients", { timeout: 60_000 }, () => {
  it("that send a byte now and then keep no normal client waiting, and are gone after headTime", async (t) => {
    const { connect, log } = await serving(t, Echo, { limits: { headTime: 3_000 } });
    const slow: RawClient[] = [];
    for (let i = 0; i < 2_000; i += 100) {
      slow.push(...(await Promise.all(Array.from({ length: 100 }, connect))));
    }
    for (const client of slow) client.send("GET / HTTP/1.1\r\nX-Slow: ");
    every(t, 1_000, () => {
      for (const client of slow) if (client.socket.writable && !client.hasEnded) client.send("x");
    });
    for (let i = 0; i < 50; i++) {
      const client = await connect();
      assert.equal((await client.send(get()).responses(1))[0]!.body.toString(), "/");
      if (i === 0) assert.ok(slow.every(({ isClosed }) => !isClosed));
      client.socket.destroy();
    }
    for (const client of slow) {
      const [response] = parseResponses(await client.untilEnd());
      assert.equal(response!.status, 408);
      await client.until(() => client.isClosed);
    }
    assert.equal(log.lines.filter((line) => line.startsWith('"" 408')).length, 2_000);
  });

  it("do not take the one turn of an HTTPServer, with their heads", async (t) => {
    const { connect } = await serving(t, Echo, { Server: HTTPServer });
    const slow = await Promise.all(Array.from({ length: 100 }, connect));
    for (const client of slow) client.send("GET / HTTP/1.1\r\nX-Slow: ");
    await (await connect()).send(get()).responses(1);
  });
});

describe("limits.minRate", { timeout: 30_000 }, () => {
  it("a body of one byte now and then is 408, and an HTTPServer has its turn back", async (t) => {
    const { connect, errors } = await serving(t, Echo, {
      Server: HTTPServer,
      limits: { bodyTime: 1_000, minRate: 500 },
    });
    const slow = await connect();
    slow.send(post("Content-Length: 1000000"));
    every(t, 100, () => slow.socket.writable && slow.send("x"));
    const waits = await connect();
    waits.send(get());
    const [response] = parseResponses(await slow.untilEnd());
    assert.equal(response!.status, 408);
    assert.equal(response!.get("connection"), "close");
    await waits.responses(1);
    assert.deepEqual(errors, []);
  });

  it("a body that is slow and has the rate is read to its end", async (t) => {
    const { connect } = await serving(t, Echo, { limits: { bodyTime: 300, minRate: 500 } });
    const slow = await connect();
    slow.send(post("Content-Length: 3000"));
    for (let sent = 0; sent < 3_000; sent += 100) {
      slow.send("x".repeat(100));
      await delay(100);
    }
    const [response] = await slow.responses(1);
    assert.equal(response!.body.length, 3_000);
  });

  it("is not asked of a client that waits for a handler which reads slowly", async (t) => {
    class Slow extends TestHandler {
      async do_POST(): Promise<void> {
        let size = 0;
        for await (const piece of this.rfile) {
          size += (piece as Buffer).length;
          await delay(2_500);
        }
        this.answer(String(size));
      }
    }
    const { connect } = await serving(t, Slow, { limits: { bodyTime: 400, minRate: 1_000_000_000 } });
    const client = await connect();
    client.send(post(`Content-Length: ${128 << 10}`, "x".repeat(128 << 10)));
    const [response] = await client.responses(1);
    assert.equal(response!.body.toString(), String(128 << 10));
  });

  it("nor of one that waits for a handler which produces slowly", async (t) => {
    class Slow extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        for (let i = 0; i < 5; i++) {
          this.wfile.write("event\n");
          await delay(500);
        }
      }
    }
    const { connect } = await serving(t, Slow, { limits: { writeTime: 200, minRate: 1_000_000 } });
    const [response] = await (await connect()).send(get()).responses(1);
    assert.equal(response!.body.toString(), "event\n".repeat(5));
  });

  it("nor, by the clock that a test gives, while the handler has let go of the body", async () => {
    let goOn = (): void => {};
    class Pausing extends TestHandler {
      async do_POST(): Promise<void> {
        for await (const piece of this.rfile) {
          void piece;
          await new Promise<void>((resolve) => (goOn = resolve));
        }
        this.answer("all");
      }
    }
    const { handler, socket, connection } = makeFed(Pausing);
    const running = handler.run();
    socket.push(post("Connection: close\r\nContent-Length: 280000"));
    // The first piece is the handler's, the second fills the buffer of rfile.
    for (let i = 0; i < 2; i++) {
      socket.push("x".repeat(100_000));
      await turn();
    }
    const now = performance.now();
    for (let second = 0; second < 3_600; second++) connection.checkDeadlines(now + second * 1000);
    socket.push("x".repeat(80_000));
    for (let i = 0; i < 100 && !socket.output.includes("all"); i++) {
      goOn();
      await turn();
    }
    await running;
    connection.flush();
    assert.match(socket.output, /all$/);
    socket.destroy();
  });
});

describe("a client that takes its answer slowly", { timeout: 60_000 }, () => {
  const SIZE = 48 << 20;

  /** The answer is one write of 48 MiB: what has left of it nobody tells but the handle of the socket. */
  class Large extends TestHandler {
    async do_GET(): Promise<void> {
      this.sendResponse(200);
      this.sendHeader("Content-Length", SIZE);
      this.endHeaders();
      this.writeBody(Buffer.alloc(SIZE));
      await this.request.drained();
    }
  }

  it("but steadily gets all of it, in much more than writeTime", async (t) => {
    const { connect } = await serving(t, Large, { limits: { writeTime: 2_000 } });
    const client = await connect();
    client.send(get());
    // 1 MiB each 80 ms: 4 s for all of it.
    let allowed = 0;
    client.socket.on("data", () => client.received > allowed && client.socket.pause());
    every(t, 80, () => {
      allowed += 1 << 20;
      client.socket.resume();
    });
    await client.until(() => client.received > SIZE, "all of it", 30_000);
  });

  it("below minRate is cut, although it takes some in every writeTime", async (t) => {
    const { connect, log } = await serving(t, Large, { limits: { writeTime: 2_000, minRate: 16 << 20 } });
    const client = await connect();
    client.send(get());
    let allowed = 0;
    client.socket.on("data", () => client.received > allowed && client.socket.pause());
    every(t, 80, () => {
      allowed += 1 << 19;
      client.socket.resume();
    });
    await log.until('"GET / HTTP/1.1" 200');
    assert.ok(client.received < SIZE);
  });
});

describe("a client that asks and does not read", { timeout: 30_000 }, () => {
  it("is answered no further than its socket takes: pipelining fills no memory", async (t) => {
    let answered = 0;
    let most = 0;
    const body = "x".repeat(60_000);
    let noteEnd = (): void => {};
    const cut = new Promise<void>((resolve) => (noteEnd = resolve));
    class Page extends TestHandler {
      override finish(): void {
        noteEnd();
      }

      do_GET(): void {
        answered++;
        most = Math.max(most, this.request.socket.writableLength);
        this.sendResponse(200);
        this.sendHeader("Content-Length", body.length);
        this.endHeaders();
        this.writeBody(body);
      }
    }
    const { connect } = await serving(t, Page, { limits: { writeTime: 1_000 } });
    const client = await connect();
    client.socket.pause();
    client.send(get().repeat(20_000));
    await cut;
    assert.ok(answered > 10, `${answered} answered`);
    assert.ok(answered < 1_000, `${answered} answers of 60 kB were made for a client that reads none`);
    assert.ok(most < 512 << 10, `${most} bytes were kept`);
  });

  it("and streams through wfile holds no more than a piece, and is cut at writeTime", async (t) => {
    let most = 0;
    class Endless extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        const { socket } = this.request;
        const { wfile } = this;
        const piece = Buffer.alloc(64 << 10);
        const source = (function* () {
          for (;;) {
            most = Math.max(most, socket.writableLength + wfile.writableLength);
            yield piece;
          }
        })();
        await pipeline(Readable.from(source), wfile);
      }
    }
    const { connect, log, errors } = await serving(t, Endless, { limits: { writeTime: 1_000 } });
    const client = await connect();
    client.socket.pause();
    client.send(get());
    await log.until('"GET / HTTP/1.1" 200');
    assert.deepEqual(errors, []);
    assert.ok(most < 512 << 10, `${most} bytes were kept`);
  });
});
