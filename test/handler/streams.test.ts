// rfile and wfile: the bodies of a request and its response as Node streams.

import assert from "node:assert/strict";
import { PassThrough, Readable, Transform } from "node:stream";
import { buffer, json, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { describe, it } from "node:test";
import { HTTPRequestError } from "../../src/errors.ts";
import { parseResponses } from "../raw-client.ts";
import { serving, TestHandler } from "../server/serving.ts";
import { feed } from "./fed.ts";

function post(body: string, path = "/"): string {
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function postChunked(pieces: readonly string[], path = "/"): string {
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
  return `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\nX-Trailer: 1\r\n\r\n`;
}

const GET_NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

function bodies(output: string): string[] {
  return parseResponses(output).map(({ body, isComplete }) => {
    assert.ok(isComplete);
    return body.toString("latin1");
  });
}

abstract class Posted extends TestHandler {
  do_GET(): void {
    this.answer(`get ${this.path}`);
  }

  abstract do_POST(): void | Promise<void>;
}

const readers: [what: string, Handler: typeof TestHandler][] = [
  [
    "for await",
    class extends Posted {
      async do_POST(): Promise<void> {
        const pieces: Buffer[] = [];
        for await (const piece of this.rfile) pieces.push(piece as Buffer);
        this.answer(Buffer.concat(pieces).toString("latin1"));
      }
    },
  ],
  [
    "node:stream/consumers",
    class extends Posted {
      async do_POST(): Promise<void> {
        this.answer((await buffer(this.rfile)).toString("latin1"));
      }
    },
  ],
  [
    "pipeline to wfile",
    class extends Posted {
      async do_POST(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        await pipeline(this.rfile, this.wfile);
      }
    },
  ],
  [
    "an un-awaited pipe to wfile",
    class extends Posted {
      do_POST(): void {
        this.sendResponse(200);
        this.endHeaders();
        this.rfile.pipe(this.wfile);
      }
    },
  ],
  [
    "events",
    class extends Posted {
      do_POST(): Promise<void> {
        return new Promise((resolve) => {
          let all = "";
          this.rfile.setEncoding("latin1");
          this.rfile.on("data", (piece: string) => (all += piece));
          this.rfile.on("end", () => {
            this.answer(all);
            resolve();
          });
        });
      }
    },
  ],
];

describe("rfile", () => {
  for (const [what, Handler] of readers) {
    it(`read by ${what} gives the body by its length, and the next request is the next (RFC 9112 §6.2)`, async () => {
      const { output } = await feed(Handler, post("hello") + GET_NEXT);
      assert.deepEqual(bodies(output), ["hello", "get /next"]);
    });

    it(`read by ${what} gives a chunked body without its framing and trailers (RFC 9112 §7.1)`, async () => {
      const { output } = await feed(Handler, postChunked(["he", "l", "lo there, ".repeat(50)]) + GET_NEXT);
      assert.deepEqual(bodies(output), [`hel${"lo there, ".repeat(50)}`, "get /next"]);
    });

    it(`read by ${what} ends at once for an empty body`, async () => {
      const { output } = await feed(Handler, post("") + postChunked([]) + GET_NEXT);
      assert.deepEqual(bodies(output), ["", "", "get /next"]);
    });

    it(`read by ${what} takes 3 MiB that come in any pieces`, async (t) => {
      const { connect } = await serving(t, Handler);
      const client = await connect();
      const body = Buffer.alloc(3 << 20, "0123456789abcde").toString("latin1");
      client.send(post(body));
      const [response] = await client.responses(1);
      assert.ok(response!.body.equals(Buffer.from(body)));
      assert.equal((await client.send(GET_NEXT).responses(2))[1]!.body.toString(), "get /next");
    });
  }

  it("ends at once when a request has no body (RFC 9112 §6.3)", async () => {
    class Reading extends TestHandler {
      async do_GET(): Promise<void> {
        this.answer(`[${await text(this.rfile)}]`);
      }
    }
    assert.deepEqual(bodies((await feed(Reading, GET_NEXT)).output), ["[]"]);
  });

  it("byte by byte gives the same", async (t) => {
    const { connect } = await serving(t, readers[1]![1]);
    const client = await connect();
    for (const byte of postChunked(["hello", "world"])) {
      client.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await client.responses(1))[0]!.body.toString(), "helloworld");
  });

  it("goes through transforms and into JSON", async () => {
    class Upper extends Posted {
      async do_POST(): Promise<void> {
        const value = (await json(this.rfile)) as { a: number };
        this.answer(String(value.a + 1));
      }
    }
    assert.deepEqual(bodies((await feed(Upper, post('{"a":41}'))).output), ["42"]);
  });

  for (const [what, chunk] of [
    ["a bad chunk size", "zz\r\n"],
    ["a missing CRLF behind a chunk", "2\r\nhiX"],
    ["a bare LF", "2\nhi\r\n0\r\n\r\n"],
  ] as const) {
    it(`${what} is 400 and the end of the connection (RFC 9112 §7.1)`, async () => {
      const { output } = await feed(
        readers[1]![1],
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${GET_NEXT}`,
      );
      const responses = parseResponses(output);
      assert.deepEqual(
        responses.map(({ status }) => status),
        [400],
      );
      assert.equal(responses[0]!.get("connection"), "close");
    });
  }

  it("a body that ends early is an error and never complete (RFC 9112 §8)", async () => {
    let seen: unknown;
    class Early extends Posted {
      async do_POST(): Promise<void> {
        try {
          await text(this.rfile);
          seen = "complete";
        } catch (error) {
          seen = error;
          throw error;
        }
      }
    }
    const { errors } = await feed(Early, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    assert.equal((seen as { code: string }).code, "ERR_CONNECTION_LOST");
    assert.deepEqual(errors, [], "nothing of it is worth a stack trace");
  });

  it("leaves a client waiting that sends more than is read: what is kept is bounded", async (t) => {
    let goOn = (): void => {};
    let buffered = (): number => 0;
    class Slow extends Posted {
      async do_POST(): Promise<void> {
        buffered = () => (this.request.socket as Readable).readableLength + this.rfile.readableLength;
        this.rfile.once("readable", () => started());
        await new Promise<void>((resolve) => (goOn = resolve));
        this.answer(String((await buffer(this.rfile)).length));
      }
    }
    let started = (): void => {};
    const hasStarted = new Promise<void>((resolve) => (started = resolve));
    const { connect } = await serving(t, Slow);
    const client = await connect();
    const body = Buffer.alloc(64 << 20, "x");
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`).send(body);
    await hasStarted;
    // Give a server that does not stop reading the time to read: the client has all of it ready.
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(client.socket.writableLength > 32 << 20, `client still holds ${client.socket.writableLength}`);
    assert.ok(buffered() < 1 << 20, `server keeps ${buffered()}`);
    goOn();
    assert.equal((await client.responses(1))[0]!.body.toString(), String(body.length));
  });
});

describe("a body that is not read", () => {
  class Ignoring extends Posted {
    do_POST(): void {
      this.answer("ignored");
    }
  }
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

  it("of known length is dropped, and never parsed as the next request (RFC 9112 §9.3)", async () => {
    assert.deepEqual(bodies((await feed(Ignoring, post(smuggled) + GET_NEXT)).output), [
      "ignored",
      "get /next",
    ]);
  });

  it("in chunks is dropped, and never parsed as the next request (RFC 9112 §9.3)", async () => {
    assert.deepEqual(bodies((await feed(Ignoring, postChunked([smuggled, smuggled]) + GET_NEXT)).output), [
      "ignored",
      "get /next",
    ]);
  });

  it("after 501 is dropped, too", async () => {
    const { output } = await feed(Ignoring, post(smuggled).replace("POST", "PUT") + GET_NEXT);
    assert.deepEqual(
      parseResponses(output).map(({ status }) => status),
      [501, 200],
    );
  });

  it("of a GET is dropped, too: the method decides nothing (RFC 9112 §6.3)", async () => {
    assert.deepEqual(
      bodies((await feed(Ignoring, post(smuggled).replace("POST", "GET") + GET_NEXT)).output),
      ["get /", "get /next"],
    );
  });

  it("and is larger than limits.discard: the connection closes after the answer", async (t) => {
    const { connect, log } = await serving(t, Ignoring, { limits: { discard: 1000 } });
    const client = await connect();
    client.send(post("x".repeat(2000)) + GET_NEXT);
    const responses = parseResponses(await client.untilEnd());
    assert.equal(responses.length, 1);
    assert.ok(!log.lines.some((line) => line.includes("/next")));
  });

  it("and is larger than limits.discard: an error response says that the connection closes (RFC 9112 §9.6)", async (t) => {
    const { connect } = await serving(t, Ignoring, { limits: { discard: 1000 } });
    const client = await connect();
    client.send(post("x".repeat(2000)).replace("POST", "BREW") + GET_NEXT);
    const responses = parseResponses(await client.untilEnd());
    assert.deepEqual(
      responses.map(({ status }) => status),
      [501],
    );
    assert.equal(responses[0]!.get("connection"), "close");
  });

  it("and is larger than limits.discard, but was read: the connection goes on", async (t) => {
    class Reading extends Posted {
      async do_POST(): Promise<void> {
        this.answer(await text(this.rfile));
      }
    }
    const { connect } = await serving(t, Reading, { limits: { discard: 1000 } });
    const client = await connect();
    const responses = await client.send(post("x".repeat(2000)) + post("second")).responses(2);
    assert.equal(responses[0]!.get("connection"), undefined);
    assert.equal(responses[1]!.body.toString(), "second");
  });

  it("and is larger than limits.discard in chunks: the connection closes after the answer", async (t) => {
    const { connect } = await serving(t, Ignoring, { limits: { discard: 1000 } });
    const client = await connect();
    client.send(postChunked(["x".repeat(600), "x".repeat(600)]) + GET_NEXT);
    assert.equal(parseResponses(await client.untilEnd()).length, 1);
  });

  it("and was read half by a loop that broke off: the rest is dropped", async () => {
    class Half extends Posted {
      async do_POST(): Promise<void> {
        for await (const piece of this.rfile) {
          this.answer(`first ${(piece as Buffer).length > 0}`);
          break;
        }
      }
    }
    assert.deepEqual(bodies((await feed(Half, postChunked(["abc", smuggled]) + GET_NEXT)).output), [
      "first true",
      "get /next",
    ]);
  });

  it("by the handler's return but piped somewhere un-awaited: it arrives there whole", async () => {
    const target = new PassThrough({ highWaterMark: 1 });
    class Piping extends Posted {
      do_POST(): void {
        this.rfile.pipe(target);
        this.answer("stored");
      }
    }
    const pieces = Array.from({ length: 50 }, (_, i) => `piece ${i};`);
    const stored = text(target);
    const { output } = await feed(Piping, postChunked(pieces) + GET_NEXT);
    assert.deepEqual(bodies(output), ["stored", "get /next"]);
    target.end();
    assert.equal(await stored, pieces.join(""));
  });

  it("by a reader that has paused for good does not keep the connection: it is closed after bodyTime", async (t) => {
    class Paused extends Posted {
      do_POST(): void {
        this.rfile.on("data", () => this.rfile.pause());
        this.answer("paused");
      }
    }
    const { connect } = await serving(t, Paused, { limits: { bodyTime: 50 } });
    const client = await connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nfirst");
    client.send("x".repeat(500_000));
    assert.match(await client.untilEnd(), /paused$/);
  });

  it("by a reader that pauses and goes on is not cut short: bodyTime counts from the last piece", async (t) => {
    let taken = 0;
    let all = (): void => {};
    const done = new Promise<void>((resolve) => (all = resolve));
    class Pausing extends Posted {
      do_POST(): void {
        const { rfile } = this;
        rfile.on("data", (piece: Buffer) => {
          taken += piece.length;
          rfile.pause();
          setTimeout(() => rfile.resume(), 20);
        });
        rfile.on("end", all);
        this.answer("later");
      }
    }
    const { connect } = await serving(t, Pausing, { limits: { bodyTime: 1_000 } });
    const client = await connect();
    client.send(post("x".repeat(500_000)));
    await done;
    assert.equal(taken, 500_000);
    await client.send(GET_NEXT).responses(2);
  });

  it("an rfile that is kept and read later gets no byte of the next request's body", async () => {
    let kept: Readable | undefined;
    const late: string[] = [];
    class Keeping extends Posted {
      async do_POST(): Promise<void> {
        if (kept === undefined) {
          kept = this.rfile;
          return this.answer("kept");
        }
        kept.on("data", (piece: Buffer) => late.push(piece.toString()));
        await new Promise((resolve) => setImmediate(resolve));
        this.answer(await text(this.rfile));
      }
    }
    const { output } = await feed(Keeping, post("first") + post("second"));
    assert.deepEqual(bodies(output), ["kept", "second"]);
    assert.ok(!late.join("").includes("second"), late.join(""));
  });
});

describe("wfile", () => {
  class Writing extends TestHandler {
    begin(): void {
      this.sendResponse(200);
      this.endHeaders();
    }
  }

  it("takes strings in UTF-8, or in the encoding that is given, and bytes", async () => {
    class Strings extends Writing {
      do_GET(): void {
        this.begin();
        this.wfile.write("ä");
        this.wfile.write("ä", "latin1");
        this.wfile.write(Buffer.from([0, 255]));
      }
    }
    assert.deepEqual(bodies((await feed(Strings, GET_NEXT)).output), ["\u00c3\u00a4\u00e4\0\u00ff"]);
  });

  it("may be ended by the handler, or not", async () => {
    class Ending extends Writing {
      do_GET(): void {
        this.begin();
        this.wfile.end("the end");
      }
    }
    assert.deepEqual(bodies((await feed(Ending, GET_NEXT + GET_NEXT)).output), ["the end", "the end"]);
  });

  it("takes a pipeline that is awaited", async () => {
    class Pipeline extends Writing {
      async do_GET(): Promise<void> {
        this.begin();
        await pipeline(
          Readable.from(["a", "b", "c"]),
          new Transform({
            transform: (chunk, _encoding, callback) => callback(null, String(chunk).toUpperCase()),
          }),
          this.wfile,
        );
      }
    }
    assert.deepEqual(bodies((await feed(Pipeline, GET_NEXT + GET_NEXT)).output), ["ABC", "ABC"]);
  });

  it("takes an un-awaited pipe: the response ends when the source does", async () => {
    class Piped extends Writing {
      do_GET(): void {
        this.begin();
        Readable.from(
          (async function* () {
            for (const piece of ["a", "b", "c"]) {
              await new Promise((resolve) => setImmediate(resolve));
              yield piece;
            }
          })(),
        ).pipe(this.wfile);
      }
    }
    assert.deepEqual(bodies((await feed(Piped, GET_NEXT + GET_NEXT)).output), ["abc", "abc"]);
  });

  it("sends nothing for HEAD, and pipes end all the same (RFC 9110 §9.3.2)", async () => {
    class Heading extends Writing {
      async do_HEAD(): Promise<void> {
        this.begin();
        await pipeline(Readable.from(["a".repeat(100_000), "b"]), this.wfile);
      }
    }
    const head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    const { output } = await feed(Heading, head + head);
    assert.deepEqual(
      parseResponses(output, ["HEAD", "HEAD"]).map(({ status }) => status),
      [200, 200],
    );
    assert.ok(!output.includes("aaaa"));
  });

  it("a source that fails in a pipeline cuts the response", async () => {
    class Failing extends Writing {
      async do_GET(): Promise<void> {
        this.begin();
        await pipeline(
          Readable.from(
            (async function* () {
              yield "part";
              throw new Error("source failed");
            })(),
          ),
          this.wfile,
        );
      }
    }
    const { output, errors } = await feed(Failing, GET_NEXT + GET_NEXT);
    assert.equal(output.match(/HTTP\/1\.1/g)?.length, 1);
    assert.ok(!output.endsWith("0\r\n\r\n"));
    assert.match(String(errors[0]), /source failed/);
  });

  it("written before endHeaders() is 500, and nothing of it is sent", async () => {
    class TooEarly extends Writing {
      do_GET(): void {
        this.wfile.write("too early");
      }
    }
    const { output } = await feed(TooEarly, GET_NEXT);
    assert.deepEqual(
      parseResponses(output).map(({ status }) => status),
      [500],
    );
    assert.doesNotMatch(output, /too early/);
  });

  it("of a response that is over takes nothing that would go into the next one", async () => {
    let kept: NodeJS.WritableStream | undefined;
    class Late extends Writing {
      do_GET(): void {
        kept?.on("error", () => {});
        kept?.write("from the past");
        kept = this.wfile;
        this.begin();
        this.wfile.write("now");
      }
    }
    assert.deepEqual(bodies((await feed(Late, GET_NEXT + GET_NEXT)).output), ["now", "now"]);
  });

  it("of a request that failed takes nothing that would go into the next one", async () => {
    let kept: NodeJS.WritableStream | undefined;
    class Failing extends Writing {
      do_GET(): void {
        if (kept === undefined) {
          kept = this.wfile;
          throw new HTTPRequestError(404, "not here");
        }
        this.begin();
        kept.write("from the past");
        this.wfile.write("now");
      }
    }
    assert.equal(bodies((await feed(Failing, GET_NEXT + GET_NEXT)).output)[1], "now");
  });

  it(
    "destroyed by the handler cuts the response, before and after its return",
    { timeout: 5_000 },
    async () => {
      class Destroying extends Writing {
        async do_GET(): Promise<void> {
          this.begin();
          this.wfile.write("half");
          await new Promise((resolve) => setImmediate(resolve));
          this.wfile.destroy();
          if (this.path === "/next") await new Promise((resolve) => setImmediate(resolve));
        }
      }
      for (const request of [GET_NEXT, GET_NEXT.replace("/next", "/")]) {
        const { output } = await feed(Destroying, request);
        assert.equal(parseResponses(output)[0]!.isComplete, false);
      }
    },
  );

  it("cuts the response when a piped source is closed before its end", { timeout: 5_000 }, async () => {
    class Closing extends Writing {
      do_GET(): void {
        this.begin();
        const source = new PassThrough();
        source.pipe(this.wfile);
        source.write("half");
        setImmediate(() => source.destroy());
      }
    }
    assert.equal(parseResponses((await feed(Closing, GET_NEXT)).output)[0]!.isComplete, false);
  });
});
