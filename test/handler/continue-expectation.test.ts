// Expect: 100-continue (RFC 9110 §10.1.1) and interim responses (§15.2).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { text } from "node:stream/consumers";
import { parseResponses } from "../raw-client.ts";
import { serving, TestHandler } from "../server/serving.ts";
import { feed } from "./fed.ts";

const HEAD = "Host: a.example\r\nExpect: 100-continue\r\n";

class Echo extends TestHandler {
  async do_POST(): Promise<void> {
    this.answer(await text(this.rfile));
  }

  do_IGNORE(): void {
    this.answer("ignored");
  }
}

function statuses(output: string, methods: string[] = []): number[] {
  return parseResponses(output, methods).map(({ status }) => status);
}

describe("Expect: 100-continue", () => {
  it("a client that waits is told to go on, before it sends a byte of the body", async (t) => {
    const { connect } = await serving(t, Echo);
    const client = await connect();
    client.send(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 5\r\n\r\n`);
    assert.equal(await client.untilText("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    const [, response] = await client.send("hello").responses(2);
    assert.equal(response!.body.toString(), "hello");
    assert.equal(response!.get("connection"), undefined, "the connection goes on");
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    assert.equal((await client.responses(3))[2]!.body.toString(), "hi");
  });

  it("goes with a chunked body, and with the expectation in capitals", async () => {
    const { output } = await feed(
      Echo,
      "POST / HTTP/1.1\r\nHost: a\r\nEXPECT: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    );
    assert.deepEqual(statuses(output), [100, 200]);
  });

  it("is not sent to HTTP/1.0, which knows no interim responses (§15.2)", async () => {
    const { output } = await feed(Echo, `POST / HTTP/1.0\r\n${HEAD}Content-Length: 2\r\n\r\nhi`);
    assert.deepEqual(statuses(output), [200]);
  });

  it("is not sent twice, although the handler asks again", async () => {
    class Eager extends Echo {
      override async do_POST(): Promise<void> {
        this.sendContinue();
        this.sendContinue();
        await super.do_POST();
      }
    }
    const { output } = await feed(Eager, `POST / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\nhi`);
    assert.deepEqual(statuses(output), [100, 200]);
  });

  it("is not sent for a method that is not there: 501 at once, and the connection closes", async () => {
    const { output } = await feed(Echo, `NOPE / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\n`);
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [501],
    );
    assert.equal(responses[0]!.get("connection"), "close");
  });

  it("is a list: twice the same is one 100, and one more expectation is 417", async () => {
    const post = (expect: string): string =>
      `POST / HTTP/1.1\r\nHost: a\r\n${expect}Content-Length: 2\r\n\r\nhi`;
    const list = await feed(Echo, post("Expect: 100-continue, ,100-continue\r\n"));
    assert.deepEqual(statuses(list.output), [100, 200]);
    const lines = await feed(Echo, post("Expect: 100-continue\r\nExpect: 100-continue\r\n"));
    assert.deepEqual(statuses(lines.output), [100, 200]);
    const empty = await feed(Echo, post("Expect: ,\r\n"));
    assert.deepEqual(statuses(empty.output), [200]);
    const more = await feed(Echo, post("Expect: 100-continue, magic\r\n"));
    assert.deepEqual(statuses(more.output), [417]);
  });

  it("another expectation is 417, and the connection closes", async () => {
    const { output } = await feed(
      Echo,
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 2\r\n\r\nhiPOST / HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [417],
    );
    assert.equal(responses[0]!.get("connection"), "close");
  });

  it("handleExpect100 may refuse with any error, and the unsent body is not awaited", async (t) => {
    class TooLarge extends Echo {
      override handleExpect100(): boolean {
        this.sendError(413);
        return false;
      }
    }
    const { ask } = await serving(t, TooLarge);
    const answer = await ask(`POST / HTTP/1.1\r\n${HEAD}Content-Length: 5000\r\n\r\n`);
    const [response] = parseResponses(answer);
    assert.equal(response!.status, 413);
    assert.equal(response!.get("connection"), "close");
  });

  it("handleExpect100 may refuse by throwing", async () => {
    const { HTTPRequestError } = await import("../../src/errors.ts");
    class Throwing extends Echo {
      override handleExpect100(): boolean {
        throw new HTTPRequestError(403, "Not you");
      }
    }
    const { output } = await feed(Throwing, `POST / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\n`);
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [403],
    );
    assert.equal(responses[0]!.get("connection"), "close");
  });

  it("a body that comes after 100 and is not read is no request (RFC 9112 §9.3)", async () => {
    const body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    const { output, log } = await feed(
      Echo,
      `IGNORE / HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}IGNORE /2 HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    assert.deepEqual(statuses(output), [100, 200, 200]);
    assert.deepEqual(log, ['"IGNORE / HTTP/1.1" 200 7', '"IGNORE /2 HTTP/1.1" 200 7']);
  });

  it("a server that speaks HTTP/1.0 sends no 100", async () => {
    class Old extends Echo {
      override protocolVersion = "HTTP/1.0";
    }
    const { output } = await feed(Old, `POST / HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\nhi`);
    assert.deepEqual(statuses(output), [200]);
  });
});

describe("interim responses", () => {
  class Hints extends TestHandler {
    do_GET(): void {
      this.sendResponseOnly(103);
      this.sendHeader("Link", "</a.css>; rel=preload");
      this.endHeaders();
      this.sendResponseOnly(103);
      this.sendHeader("Link", "</b.css>; rel=preload");
      this.endHeaders();
      this.answer("page");
    }
  }

  it("103 Early Hints go before the response, each with its own fields (RFC 8297)", async () => {
    const { output, log } = await feed(Hints, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [103, 103, 200],
    );
    assert.equal(responses[0]!.get("link"), "</a.css>; rel=preload");
    assert.equal(responses[1]!.get("link"), "</b.css>; rel=preload");
    assert.equal(responses[2]!.get("link"), undefined);
    assert.equal(responses[0]!.get("content-length"), undefined);
    assert.deepEqual(log, ['"GET / HTTP/1.1" 200 4'], "an interim response is no log entry");
  });

  it("103 is not sent to HTTP/1.0, and its fields do not slip into the response", async () => {
    const { output } = await feed(Hints, "GET / HTTP/1.0\r\n\r\n");
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200],
    );
    assert.equal(responses[0]!.get("link"), undefined);
  });

  it("has no Content-Length and no Transfer-Encoding, even where the handler adds them (RFC 9110 §8.6)", async () => {
    class Wrong extends TestHandler {
      do_GET(): void {
        this.sendResponseOnly(103);
        this.sendHeader("Content-Length", 5);
        this.sendHeader("Transfer-Encoding", "chunked");
        this.sendHeader("Connection", "close");
        this.sendHeader("Link", "</a.css>; rel=preload");
        this.endHeaders();
        this.answer("page");
      }
    }
    const { output } = await feed(Wrong, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.ok(
      output.startsWith("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"),
      output,
    );
    assert.equal(parseResponses(output)[1]!.get("connection"), undefined, "the connection goes on");
  });

  it("an interim response leaves at once, before the handler goes on (RFC 8297)", async (t) => {
    let goOn = (): void => {};
    class Slow extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponseOnly(103);
        this.endHeaders();
        await new Promise<void>((resolve) => (goOn = resolve));
        this.answer("late");
      }
    }
    const { connect } = await serving(t, Slow);
    const client = await connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(await client.untilText("\r\n\r\n"), /^HTTP\/1\.1 103 Early Hints\r\n\r\n$/);
    goOn();
    await client.responses(2);
  });

  it("a handler that sends nothing after 103 is 500", async () => {
    class Stops extends TestHandler {
      do_GET(): void {
        this.sendResponseOnly(103);
        this.endHeaders();
      }
    }
    const { output } = await feed(Stops, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.deepEqual(statuses(output), [103, 500]);
  });
});
