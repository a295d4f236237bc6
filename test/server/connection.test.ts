// What a connection goes through: persistence, pipelining, clients that are slow, rude, or gone, and deadlines.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import { makeFed } from "../handler/fed.ts";
import { parseResponses } from "../raw-client.ts";
import { serving, TestHandler } from "./serving.ts";

const get = (path = "/", fields = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

class Echo extends TestHandler {
  do_GET(): void {
    this.answer(this.path);
  }

  do_HEAD(): void {
    this.answer(this.path);
  }

  async do_POST(): Promise<void> {
    this.answer(await text(this.rfile));
  }

  async do_CHUNKS(): Promise<void> {
    this.sendResponse(200);
    this.endHeaders();
    await new Promise((resolve) => setImmediate(resolve));
    this.wfile.write("in ");
    this.wfile.write("chunks");
  }
}

describe("persistence (RFC 9112 §9.3)", { timeout: 30_000 }, () => {
  it("HTTP/1.1 goes on without being asked, and stops after Connection: close", async (t) => {
    const { connect } = await serving(t, Echo);
    const client = await connect();
    for (let i = 1; i <= 5; i++) await client.send(get(`/${i}`)).responses(i);
    client.send(get("/last", "Connection: close\r\n") + get("/never"));
    const responses = parseResponses(await client.untilEnd());
    assert.deepEqual(
      responses.map(({ body }) => body.toString()),
      ["/1", "/2", "/3", "/4", "/5", "/last"],
    );
    assert.equal(responses[5]!.get("connection"), "close");
  });

  it("HTTP/1.0 closes, unless it asks for keep-alive and is told that it has it", async (t) => {
    const { connect, ask } = await serving(t, Echo);
    assert.match(await ask("GET / HTTP/1.0\r\n\r\n"), /^Connection: close$/m);
    const client = await connect();
    const request = "GET /k HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n";
    for (let i = 1; i <= 3; i++) {
      assert.equal((await client.send(request).responses(i))[i - 1]!.get("connection"), "keep-alive");
    }
    assert.match(
      await ask("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"),
      /^Connection: close$/m,
    );
  });

  it("a handler that sets closeConnection closes after its response", async (t) => {
    class Closing extends TestHandler {
      do_GET(): void {
        this.closeConnection = true;
        this.answer("bye");
      }
    }
    const { ask } = await serving(t, Closing);
    const responses = parseResponses(await ask(get() + get()));
    assert.deepEqual(
      responses.map((response) => response.get("connection")),
      ["close"],
    );
  });

  it("a malformed request in the middle is answered, and nothing behind it (RFC 9112 §2.2)", async (t) => {
    const { ask } = await serving(t, Echo);
    const responses = parseResponses(await ask(`${get("/1")}GET / HTTP/1.1\r\nHost : a\r\n\r\n${get("/2")}`));
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 400],
    );
    assert.equal(responses[1]!.get("connection"), "close");
  });
});

describe("pipelining (RFC 9112 §9.3.2)", { timeout: 30_000 }, () => {
  it("16 requests of all kinds in one piece are answered in order", async (t) => {
    const { connect } = await serving(t, Echo);
    const kinds: [method: string, request: (i: number) => string, body: (i: number) => string][] = [
      ["GET", (i) => get(`/${i}`), (i) => `/${i}`],
      ["HEAD", (i) => get(`/${i}`).replace("GET", "HEAD"), () => ""],
      ["POST", (i) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n${10 + i}`, (i) => `${10 + i}`],
      [
        "POST",
        (i) => `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n${10 + i}\r\n0\r\n\r\n`,
        (i) => `${10 + i}`,
      ],
      ["CHUNKS", (i) => get(`/${i}`).replace("GET", "CHUNKS"), () => "in chunks"],
      ["NOPE", (i) => get(`/${i}`).replace("GET", "NOPE"), () => "501"],
    ];
    const asked = Array.from({ length: 16 }, (_, i) => kinds[i % kinds.length]!);
    const client = await connect();
    client.send(asked.map(([, request], i) => request(i)).join(""));
    const responses = await client.responses(
      16,
      asked.map(([method]) => method),
    );
    responses.forEach((response, i) => {
      const [method, , body] = asked[i]!;
      if (method === "NOPE") assert.equal(response.status, 501);
      else assert.equal(response.body.toString(), body(i), `response ${i} to ${method}`);
    });
  });

  it("2000 requests sent without reading are all answered in order, and what is kept of them is bounded", async (t) => {
    const { connect } = await serving(t, Echo);
    const client = await connect();
    for (let i = 0; i < 2000; i++) client.send(get(`/${i}`, `X-Pad: ${"x".repeat(500)}\r\n`));
    const responses = await client.responses(2000);
    responses.forEach((response, i) => assert.equal(response.body.toString(), `/${i}`));
  });

  it("empty lines between requests are skipped (RFC 9112 §2.2)", async (t) => {
    const { connect } = await serving(t, Echo);
    const client = await connect();
    client.send(`\r\n\r\n${get("/1")}\r\n${get("/2")}`);
    await client.responses(2);
  });
});

describe("a client that goes", { timeout: 30_000 }, () => {
  it("in the middle of a response aborts `signal`, fails wfile, and leaves one line in the log", async (t) => {
    const events: string[] = [];
    let ended = (): void => {};
    const over = new Promise<void>((resolve) => (ended = resolve));
    class Endless extends TestHandler {
      async do_GET(): Promise<void> {
        this.signal.addEventListener("abort", () => events.push("aborted"));
        this.sendResponse(200);
        this.endHeaders();
        try {
          await pipeline(
            Readable.from(
              (async function* () {
                for (;;) {
                  await new Promise((resolve) => setImmediate(resolve));
                  yield "tick";
                }
              })(),
            ),
            this.wfile,
          );
        } catch (error) {
          events.push("failed");
          throw error;
        } finally {
          ended();
        }
      }
    }
    const { connect, log, errors } = await serving(t, Endless);
    const client = await connect();
    await client.send(get()).untilText("tick");
    client.reset();
    await over;
    await log.until('"GET / HTTP/1.1"');
    assert.deepEqual(events.sort(), ["aborted", "failed"]);
    assert.deepEqual(errors, [], "nothing of it is worth a stack trace");
    assert.equal(log.lines.length, 1);
  });

  it("while the handler waits for something else closes wfile: a stream of events can end (`once(wfile, 'close')`)", async (t) => {
    class Events extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("event");
        await once(this.wfile, "close");
      }
    }
    const { connect, log, errors } = await serving(t, Events);
    const client = await connect();
    await client.send(get()).untilText("event");
    client.reset();
    await log.until('"GET / HTTP/1.1" 200');
    assert.deepEqual(errors, []);
    assert.equal(log.lines.length, 1);
  });

  it("in the middle of its body fails rfile, and logs no stack", async (t) => {
    let started = (): void => {};
    const reading = new Promise<void>((resolve) => (started = resolve));
    class Reading extends TestHandler {
      async do_POST(): Promise<void> {
        for await (const piece of this.rfile) {
          void piece;
          started();
        }
      }
    }
    const { connect, log, errors } = await serving(t, Reading);
    const client = await connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello");
    await reading;
    client.reset();
    await log.until('"POST / HTTP/1.1"');
    assert.deepEqual(errors, []);
    assert.equal(log.lines.length, 1);
  });

  it("before it has sent a whole head leaves nothing in the log, if it ends and sends nothing more", async (t) => {
    const { connect, log, errors, ask } = await serving(t, Echo);
    for (const piece of ["", "\r\n", "GET / HT", "GET / HTTP/1.1\r\nHost:"]) {
      const client = await connect();
      client.send(piece).end();
      await client.untilEnd();
      assert.equal(client.text, "");
    }
    await ask(get("/", "Connection: close\r\n"));
    assert.equal(log.lines.length, 1);
    assert.deepEqual(errors, []);
  });

  it("only with its own side gets its answers: a half-closed connection is no lost one", async (t) => {
    class Later extends TestHandler {
      async do_GET(): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 30));
        assert.ok(!this.signal.aborted);
        this.answer(this.path);
      }
    }
    const { connect } = await serving(t, Later);
    const client = await connect();
    client.send(get("/1") + get("/2")).end();
    const responses = parseResponses(await client.untilEnd());
    assert.deepEqual(
      responses.map(({ body }) => body.toString()),
      ["/1", "/2"],
    );
  });
});

describe("a client that does not read", { timeout: 30_000 }, () => {
  it("makes the handler wait: 64 MiB are piped through a bounded buffer, and arrive whole", async (t) => {
    const SIZE = 64 << 20;
    const piece = Buffer.alloc(64 << 10, "0123456789abcdef");
    let given = 0;
    let most = 0;
    class Large extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.sendHeader("Content-Length", SIZE);
        this.endHeaders();
        const { socket } = this.request;
        const { wfile } = this;
        await pipeline(
          Readable.from(
            (function* () {
              for (; given < SIZE; given += piece.length) {
                most = Math.max(most, socket.writableLength + wfile.writableLength);
                yield piece;
              }
            })(),
          ),
          wfile,
        );
      }
    }
    const { connect } = await serving(t, Large);
    const client = await connect();
    client.socket.pause();
    client.send(get());
    // Until nothing moves any more.
    for (let last = -1, same = 0; same < 20;) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      same = given === last && given > 0 ? same + 1 : 0;
      last = given;
    }
    assert.ok(given < 32 << 20, `${given} bytes were taken from the source while nobody read`);
    assert.ok(most < 4 << 20, `${most} bytes in memory`);
    client.socket.resume();
    await client.until(() => client.received > SIZE, "all of it");
    const [response] = await client.responses(1);
    assert.equal(response!.body.length, SIZE);
    const expected = createHash("sha256");
    for (let i = 0; i < SIZE; i += piece.length) expected.update(piece);
    assert.equal(createHash("sha256").update(response!.body).digest("hex"), expected.digest("hex"));
    assert.ok(most < 4 << 20, `${most} bytes in memory`);
  });
});

describe("the end of a connection (RFC 9112 §9.6)", { timeout: 30_000 }, () => {
  it("lingers: a client that is still sending 1 MiB reads the error instead of a reset", async (t) => {
    const { connect } = await serving(t, Echo);
    for (let round = 0; round < 5; round++) {
      const client = await connect();
      client.send("NOPE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n");
      for (let i = 0; i < 16; i++) {
        client.send(Buffer.alloc(65_536, "x"));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const [response] = parseResponses(await client.untilEnd());
      assert.equal(response!.status, 501);
      await client.until(() => client.isClosed, "close");
      assert.equal(client.errorCode, undefined);
    }
  });

  it("lingers for the parser's own 400 as well", async (t) => {
    const { connect } = await serving(t, Echo);
    const client = await connect();
    client.send(`GET / HTTP/1.1\r\nHost : a\r\n\r\n`).send(Buffer.alloc(1 << 20, "x"));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 /);
    await client.until(() => client.isClosed, "close");
    assert.equal(client.errorCode, undefined);
  });

  it("but not for ever: after lingerTotal the connection is cut, although the client goes on", async (t) => {
    const { connect } = await serving(t, Echo, { limits: { lingerTime: 100, lingerTotal: 200 } });
    const client = await connect();
    client.socket.allowHalfOpen = true;
    client.send("GET / HTTP/1.1\r\nHost : a\r\n\r\n");
    await client.untilEnd();
    const ticking = setInterval(() => client.socket.writable && client.send("x"), 50);
    t.after(() => clearInterval(ticking));
    await client.until(() => client.isClosed, "the cut");
  });

  it("lingerTime counts from the last byte sent: a slow client gets all of an answer that was written at once", async (t) => {
    const size = 16 << 20;
    class Large extends TestHandler {
      do_GET(): void {
        this.sendResponse(200);
        this.sendHeader("Content-Length", size);
        this.sendHeader("Connection", this.path === "/close" ? "close" : "keep-alive");
        this.endHeaders();
        this.writeBody(Buffer.alloc(size));
      }
    }
    const { connect } = await serving(t, Large, { limits: { lingerTime: 50 } });
    const [closing, kept] = [await connect(), await connect()];
    for (const client of [closing, kept]) {
      client.send(get(client === closing ? "/close" : "/keep"));
      await client.until(() => client.received > 0);
      client.socket.pause();
    }
    // Two looks at the deadlines, which come once a second.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    for (const client of [closing, kept]) {
      client.socket.resume();
      await client.until(() => client.received > size, "the whole response");
    }
  });

  it("is a reset when a body that ends by close cannot be completed, although the client has half-closed (RFC 9112 §8)", async (t) => {
    class Streaming extends TestHandler {
      async do_POST(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        await pipeline(this.rfile, this.wfile);
      }
    }
    const { connect } = await serving(t, Streaming);
    const client = await connect();
    client.send("POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\nhalf");
    await client.untilText("half");
    client.end();
    await client.until(() => client.isClosed, "close");
    assert.equal(client.errorCode, "ECONNRESET");
  });

  it("does not abort the `signal` of a request that was answered before", async (t) => {
    const signals: AbortSignal[] = [];
    class Watching extends TestHandler {
      do_GET(): void {
        signals.push(this.signal);
        this.answer("seen");
      }
    }
    const { connect } = await serving(t, Watching);
    const client = await connect();
    await client.send(get() + get()).responses(2);
    client.reset();
    while (!signals[1]!.aborted) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(signals[0]!.aborted, false);
  });
});

describe("deadlines", { timeout: 30_000 }, () => {
  const LIMITS = { headTime: 300, idleTime: 100, bodyTime: 200, writeTime: 400 };

  it("a head that does not end is 408, although bytes keep coming (headTime)", async (t) => {
    const { connect, log } = await serving(t, Echo, { limits: LIMITS });
    const client = await connect();
    client.send("GET / HTTP/1.1\r\n");
    const ticking = setInterval(() => client.socket.writable && client.send("X-A: b\r\n"), 60);
    t.after(() => clearInterval(ticking));
    const [response] = parseResponses(await client.untilEnd());
    assert.equal(response!.status, 408);
    assert.equal(response!.get("connection"), "close");
    await log.until('"" 408');
  });

  it("a connection that stays idle is closed without a word, before and between requests (idleTime)", async (t) => {
    const { connect, log } = await serving(t, Echo, { limits: LIMITS });
    const silent = await connect();
    assert.equal(await silent.untilEnd(), "");
    const kept = await connect();
    kept.send(get());
    assert.equal(parseResponses(await kept.untilEnd()).length, 1);
    assert.equal(log.lines.length, 1);
  });

  it("a body that stalls while it is read is 408 (bodyTime)", async (t) => {
    const { ask, errors } = await serving(t, Echo, { limits: LIMITS });
    const [response] = parseResponses(
      await ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhel"),
    );
    assert.equal(response!.status, 408);
    assert.equal(response!.get("connection"), "close");
    assert.deepEqual(errors, []);
  });

  it("a client that takes nothing of its response is cut (writeTime)", async (t) => {
    class Large extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        const piece = Buffer.alloc(1 << 20);
        await pipeline(Readable.from(Array.from({ length: 64 }, () => piece)), this.wfile);
      }
    }
    const { connect, log, errors } = await serving(t, Large, { limits: LIMITS });
    const client = await connect();
    client.socket.pause();
    client.send(get());
    await log.until('"GET / HTTP/1.1" 200');
    assert.deepEqual(errors, []);
    assert.equal(log.lines.length, 1);
  });

  it("count from the first byte of a head, and no further byte extends them (by the clock that a test gives)", async () => {
    const { handler, socket, connection } = makeFed(Echo);
    const running = handler.run();
    const start = performance.now();
    socket.push("GET / HTTP/1.1\r\n");
    await new Promise((resolve) => setImmediate(resolve));
    connection.checkDeadlines(start + DEFAULT_LIMITS.headTime - 1);
    assert.equal(socket.output, "");
    for (let i = 0; i < 10; i++) {
      socket.push("X: y\r\n");
      await new Promise((resolve) => setImmediate(resolve));
    }
    connection.checkDeadlines(start + DEFAULT_LIMITS.headTime + 1_000);
    await running;
    connection.flush();
    assert.match(socket.output, /^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  it("do not count while the handler works: it may take as long as it likes", async () => {
    let goOn = (): void => {};
    let noteCall = (): void => {};
    const called = new Promise<void>((resolve) => (noteCall = resolve));
    class Working extends TestHandler {
      async do_GET(): Promise<void> {
        noteCall();
        await new Promise<void>((resolve) => (goOn = resolve));
        this.answer("done");
      }
    }
    const { handler, socket, connection } = makeFed(Working);
    const running = handler.run();
    socket.push(get("/", "Connection: close\r\n"));
    await called;
    connection.checkDeadlines(performance.now() + 3_600_000);
    goOn();
    await running;
    connection.flush();
    assert.match(socket.output, /done$/);
    socket.destroy();
  });
});
