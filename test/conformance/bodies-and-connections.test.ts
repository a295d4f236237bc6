// http 32–56: where the body of a request ends, what happens to its connection, and Expect (RFC 9112 §6–9, RFC 9110 §10.1.1).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseResponses } from "../raw-client.ts";
import { serving, TestHandler } from "../server/serving.ts";
import { notingHandler, tell } from "./noting-handler.ts";

const HOST = "Host: a.example\r\n";
const NEXT = `GET /next HTTP/1.1\r\n${HOST}\r\n`;

function post(fields: string, body: string, line = "POST / HTTP/1.1"): string {
  return `${line}\r\n${HOST}${fields === "" ? "" : `${fields}\r\n`}\r\n${body}`;
}

function chunked(body: string): string {
  return post("Transfer-Encoding: chunked", body);
}

/** This body, and the request behind it is the next. */
async function takes(input: string, body: string): Promise<void> {
  const { seen, statuses } = await tell(input + NEXT);
  assert.deepEqual(
    seen.map((one) => [one.path, one.body]),
    [
      ["/", body],
      ["/next", ""],
    ],
    JSON.stringify(input.slice(0, 300)),
  );
  assert.deepEqual(
    statuses.filter((status) => status >= 200),
    [200, 200],
  );
}

/** This status and `close`; neither this request nor the one behind it is handled. */
async function refuses(input: string, status = 400): Promise<void> {
  const { seen, statuses, saysClose } = await tell(input + NEXT);
  assert.deepEqual(statuses, [status], JSON.stringify(input.slice(0, 300)));
  assert.ok(saysClose, JSON.stringify(input.slice(0, 300)));
  assert.deepEqual(seen, []);
}

describe("http 32–46: where a body ends", () => {
  it("http 32: chunked is decoded (RFC 9112 §7.1)", async () => {
    await takes(chunked("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), "hello");
  });

  it("http 33: Transfer-Encoding beside Content-Length is refused, and the connection closes (RFC 9112 §6.1)", async () => {
    await refuses(post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"));
    await refuses(post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"));
  });

  it("http 34: Transfer-Encoding in HTTP/1.0 is refused, and the connection closes (RFC 9112 §6.1)", async () => {
    const fields = "Transfer-Encoding: chunked\r\nConnection: keep-alive";
    await refuses(post(fields, "0\r\n\r\n", "POST / HTTP/1.0"));
  });

  it("http 35: a coding that the server does not know is 501 (RFC 9112 §6.1)", async () => {
    for (const coding of ["gzip", "cow", "identity"]) {
      await refuses(post(`Transfer-Encoding: ${coding}, chunked`, "0\r\n\r\n"), 501);
    }
  });

  it("http 36: a Transfer-Encoding whose last coding is not chunked is 400, and the connection closes (RFC 9112 §6.3)", async () => {
    for (const value of ["gzip", "identity", "chunked, gzip", "chunked;a=b", "xchunked", ""]) {
      await refuses(post(`Transfer-Encoding: ${value}`, "0\r\n\r\n"));
    }
  });

  it("http 37: a malformed Content-Length is 400, and the connection closes (RFC 9112 §6.3)", async () => {
    for (const value of ["", "+5", "-5", "0x5", "5.0", "1_0", "5 5", "five", "\xb5"]) {
      await refuses(post(`Content-Length: ${value}`, "hello"));
    }
  });

  it("http 38: a repeated Content-Length is refused, equal or not, on one line or on two (RFC 9110 §8.6)", async () => {
    for (const second of ["5", "6"]) {
      await refuses(post(`Content-Length: 5, ${second}`, "hello"));
      await refuses(post(`Content-Length: 5\r\nContent-Length: ${second}`, "hello"));
    }
  });

  it("http 39: a big length neither wraps nor loses precision (RFC 9110 §8.6)", async () => {
    for (const value of ["9007199254740993", "18446744073709551621", "9".repeat(400)]) {
      await refuses(post(`Content-Length: ${value}`, "hello"));
    }
    const { seen, output } = await tell(post("Content-Length: 4294967301", `hello${NEXT}`));
    assert.deepEqual([seen, output], [[], ""], "it waits for the rest");
  });

  it("http 40: without length and coding there is no body, whatever the method (RFC 9112 §6.3)", async () => {
    for (const method of ["GET", "POST", "PUT", "OPTIONS"]) {
      await takes(post("", "", `${method} / HTTP/1.1`), "");
    }
  });

  it("http 41: a body that ends early is never handed on as complete (RFC 9112 §8)", async () => {
    const early = [
      post("Content-Length: 6", "hello"),
      chunked("5\r\nhel"),
      chunked("5\r\nhello\r\n"),
      chunked("0\r\n"),
    ];
    for (const input of early) assert.deepEqual((await tell(input)).seen, [], JSON.stringify(input));
  });

  it("http 42: a body that is not read is dropped, or the connection closed: for every method, status and target (RFC 9112 §9.3)", async (t) => {
    class Ignoring extends TestHandler {
      do_GET(): void {
        this.answer("get");
      }
      do_POST(): void {
        this.sendResponse(Number(this.path.slice(1)));
        this.endHeaders();
      }
      do_PUT(): void {
        this.sendError(Number(this.path.slice(1)));
      }
    }
    const { connect, log } = await serving(t, Ignoring, { limits: { discard: 100 } });
    const smuggled = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;
    for (const method of ["POST", "PUT", "BREW", "GET"]) {
      for (const status of [200, 204, 304, 404, 500]) {
        for (const body of [smuggled, smuggled + "x".repeat(200)]) {
          const line = `${method} /${status} HTTP/1.1`;
          using client = await connect();
          const text = await client
            .send(
              post(`Content-Length: ${body.length}`, body, line) +
                NEXT.replace("\r\n", "\r\nConnection: close\r\n"),
            )
            .untilEnd();
          const count = parseResponses(text).length;
          assert.equal(count, body.length > 100 ? 1 : 2, `${line}, ${body.length} bytes: ${text}`);
        }
      }
    }
    assert.ok(!log.lines.some((entry) => entry.includes("smuggled")), log.lines.join("\n"));
  });

  it("http 43: a chunk size is hexadecimal digits and no more, and does not overflow (RFC 9112 §7.1)", async () => {
    for (const size of ["+5", "-5", "0x5", " 5", "5 ", "5_0", "g", "", "10000000000000005", "f".repeat(99)]) {
      await refuses(chunked(`${size}\r\nhello\r\n0\r\n\r\n`));
    }
  });

  it("http 44: chunk extensions are ignored, and bounded (RFC 9112 §7.1.1)", async () => {
    await takes(chunked('5;a;b=c;d="e;\\""\r\nhello\r\n0;f\r\n\r\n'), "hello");
    await refuses(chunked(`5;${"a".repeat(10_000)}\r\nhello\r\n0\r\n\r\n`));
    await refuses(chunked(`${`1;${"a".repeat(1000)}\r\nx\r\n`.repeat(100)}0\r\n\r\n`));
  });

  it("http 45: chunk data is followed by CRLF (RFC 9112 §7.1)", async () => {
    for (const end of ["", "\n", "\r", "\rx", "xx", "\n\r"])
      await refuses(chunked(`5\r\nhello${end}0\r\n\r\n`));
  });

  it("http 46: trailers never become fields (RFC 9110 §6.5.1)", async () => {
    const { seen } = await tell(chunked("2\r\nhi\r\n0\r\nX: a\r\nHost: evil\r\nContent-Length: 9\r\n\r\n"));
    assert.equal(seen[0]?.body, "hi");
    assert.deepEqual([...(seen[0]?.headers ?? [])].flat(), [
      "Host",
      "a.example",
      "Transfer-Encoding",
      "chunked",
    ]);
  });
});

describe("http 47–54: the connection", () => {
  it("http 47: a response after which the connection ends says close (RFC 9112 §9.3)", async () => {
    const last = [
      `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      "GET / HTTP/1.0\r\n\r\n",
      "nonsense\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      post("Expect: magic\r\nContent-Length: 1", "x"),
    ];
    for (const input of last) assert.ok((await tell(input)).saysClose, input);
    assert.ok(!(await tell(NEXT)).saysClose);
  });

  it("http 48: pipelined requests are answered in their order (RFC 9112 §9.3.2)", async (t) => {
    class Slower extends TestHandler {
      async do_GET(): Promise<void> {
        // The first takes longest.
        for (let i = 10 - Number(this.path.slice(1)); i > 0; i--) await new Promise(setImmediate);
        this.answer(this.path);
      }
    }
    const { connect } = await serving(t, Slower);
    const client = await connect();
    const paths = Array.from({ length: 9 }, (_, i) => `/${i + 1}`);
    const responses = await client
      .send(paths.map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join(""))
      .responses(paths.length);
    assert.deepEqual(
      responses.map(({ body }) => body.toString()),
      paths,
    );
  });

  it("http 49: after a request with close nothing more is processed, and the server closes (RFC 9112 §9.6)", async (t) => {
    const { Handler, seen } = notingHandler();
    const { ask } = await serving(t, Handler);
    const text = await ask(`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n${NEXT}`);
    assert.equal(parseResponses(text)[0]!.get("connection"), "close");
    assert.deepEqual(
      seen.map(({ path }) => path),
      ["/"],
    );
  });

  it("http 50: after a response with close nothing follows, and the server closes (RFC 9112 §9.6)", async (t) => {
    class Closing extends TestHandler {
      do_GET(): void {
        this.answer("last", 200, { Connection: "close" });
      }
    }
    const { ask } = await serving(t, Closing);
    const responses = parseResponses(await ask(NEXT + NEXT));
    assert.equal(responses.length, 1);
    assert.equal(responses[0]!.get("connection"), "close");
  });

  it("http 51: HTTP/1.0 ends without keep-alive, and close beats keep-alive (RFC 9112 §9.3)", async () => {
    const old = (fields: string): string => `GET / HTTP/1.0\r\n${fields}\r\n`;
    assert.equal((await tell(old("") + NEXT)).seen.length, 1);
    assert.equal((await tell(old("Connection: close, keep-alive\r\n") + NEXT)).seen.length, 1);
    const kept = await tell(old("Connection: keep-alive\r\n") + NEXT);
    assert.equal(kept.seen.length, 2);
    assert.equal(kept.responses[0]!.get("connection"), "keep-alive", "HTTP/1.0 has to be told");
  });

  it("http 52: no Transfer-Encoding goes to HTTP/1.0 (RFC 9112 §6.1)", async (t) => {
    class Streaming extends TestHandler {
      do_GET(): void {
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.end("body");
      }
    }
    const { ask } = await serving(t, Streaming);
    const text = await ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.ok(text.endsWith("\r\n\r\nbody"), "it ends with the connection");
  });

  it("http 53: no 1xx goes to HTTP/1.0 (RFC 9110 §15.2)", async (t) => {
    class Hinting extends TestHandler {
      do_POST(): void {
        this.sendResponseOnly(103);
        this.sendHeader("Link", "</a.css>; rel=preload");
        this.endHeaders();
        this.answer("page");
      }
    }
    const { ask } = await serving(t, Hinting);
    const text = await ask(post("Expect: 100-continue\r\nContent-Length: 1", "x", "POST / HTTP/1.0"));
    assert.deepEqual(
      parseResponses(text).map(({ status }) => status),
      [200],
    );
    assert.doesNotMatch(text, /Link/);
  });

  it("http 54: a refused uploader can read the answer: closing lingers (RFC 9112 §9.6)", async (t) => {
    const { Handler } = notingHandler();
    const { connect } = await serving(t, Handler);
    using client = await connect();
    client.send(post("Content-Length: +5", "x".repeat(1 << 20)));
    const [response] = parseResponses(await client.untilEnd());
    assert.equal(response!.status, 400);
    assert.equal(client.errorCode, undefined, "no reset");
  });
});

describe("http 55–56: Expect", () => {
  it("http 55: 100-continue with a body gets 100 or a final status at once (RFC 9110 §10.1.1)", async (t) => {
    const { Handler } = notingHandler();
    const { connect } = await serving(t, Handler);
    const client = await connect();
    client.send(post("Expect: 100-continue\r\nContent-Length: 2", ""));
    assert.equal((await client.responses(1))[0]!.status, 100);
    assert.equal((await client.send("hi").responses(2))[1]!.status, 200);
    const refused = await connect();
    refused.send(post("Expect: 100-continue\r\nContent-Length: 2", "", "BREW / HTTP/1.1"));
    assert.equal((await refused.responses(1))[0]!.status, 501);
  });

  it("http 56: Expect means nothing in HTTP/1.0 and without a body; other expectations are 417 (RFC 9110 §10.1.1)", async () => {
    const line = "POST / HTTP/1.0";
    const statusesOf = async (input: string): Promise<readonly number[]> => (await tell(input)).statuses;
    assert.deepEqual(await statusesOf(post("Expect: 100-continue\r\nContent-Length: 2", "hi", line)), [200]);
    assert.deepEqual(await statusesOf(post("Expect: magic\r\nContent-Length: 2", "hi", line)), [200]);
    assert.deepEqual(await statusesOf(post("Expect: 100-continue", "")), [200]);
    assert.deepEqual(await statusesOf(post("Expect: magic\r\nContent-Length: 2", "hi")), [417]);
  });
});
