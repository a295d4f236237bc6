// Which method of a handler is called, and what it finds there.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HTTPMessage } from "../../src/http1/http-message.ts";
import { parseResponses } from "../raw-client.ts";
import { TestHandler } from "../server/serving.ts";
import { feed } from "./fed.ts";

const HOST = "Host: a.example\r\n";

function bodies(output: string): string[] {
  return parseResponses(output).map(({ body }) => body.toString("latin1"));
}

describe("dispatch to do_<METHOD>", () => {
  class Methods extends TestHandler {
    do_GET(): void {
      this.answer("get");
    }

    async do_SPAM(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      this.answer("spam");
    }

    "do_M-SEARCH"(): void {
      this.answer("m-search");
    }
  }

  it("calls do_SPAM for SPAM: a method is any token (RFC 9110 §9.1)", async () => {
    assert.deepEqual(bodies((await feed(Methods, `SPAM / HTTP/1.1\r\n${HOST}\r\n`)).output), ["spam"]);
  });

  it("calls a method with a computed name for M-SEARCH", async () => {
    assert.deepEqual(bodies((await feed(Methods, `M-SEARCH /x HTTP/1.1\r\n${HOST}\r\n`)).output), [
      "m-search",
    ]);
  });

  it("waits for whatever can be awaited, such as the query of a database, and not only for promises", async () => {
    class Querying extends TestHandler {
      do_GET(): void {
        // What a library gives that is no promise is what this is about.
        // oxlint-disable-next-line unicorn/no-thenable
        const query = { then: (done: () => void) => void setImmediate(() => (this.answer("rows"), done())) };
        return query as unknown as void;
      }
    }
    assert.deepEqual(bodies((await feed(Querying, `GET / HTTP/1.1\r\n${HOST}\r\n`)).output), ["rows"]);
  });

  it("leaves no blank at the end of Server where there is no second part", async () => {
    class Terse extends TestHandler {
      override serverVersion = "Mine/1";
      override sysVersion = "";
      do_GET(): void {
        this.answer("x");
      }
    }
    const { output } = await feed(Terse, `GET / HTTP/1.1\r\n${HOST}\r\n`);
    assert.match(output, /\r\nServer: Mine\/1\r\n/);
  });

  for (const method of ["get", "GETs", "custom", "FOO", "__proto__", "constructor"]) {
    it(`answers 501 to ${method}: methods are case-sensitive, and only do_ names count (RFC 9110 §9.1)`, async () => {
      const { output } = await feed(Methods, `${method} / HTTP/1.1\r\n${HOST}\r\n`);
      const [response] = parseResponses(output);
      assert.equal(response!.status, 501);
      assert.equal(response!.reason, `Unsupported method ('${method}')`);
    });
  }

  it("answers 501 when do_X is there and is no function", async () => {
    class Odd extends TestHandler {
      do_ODD = "odd";
    }
    assert.equal(parseResponses((await feed(Odd, `ODD / HTTP/1.1\r\n${HOST}\r\n`)).output)[0]!.status, 501);
  });

  it("answers sync and async methods in the order of their requests", async () => {
    const { output } = await feed(
      Methods,
      `SPAM / HTTP/1.1\r\n${HOST}\r\nGET / HTTP/1.1\r\n${HOST}\r\nSPAM / HTTP/1.1\r\n${HOST}\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
    );
    assert.deepEqual(bodies(output), ["spam", "get", "spam", "get"]);
  });

  it("lets a subclass decide otherwise by overriding dispatch()", async () => {
    class Routed extends TestHandler {
      protected override dispatch(): void {
        this.answer(`${this.command} ${this.path}`);
      }
    }
    assert.deepEqual(bodies((await feed(Routed, `ANY /thing HTTP/1.1\r\n${HOST}\r\n`)).output), [
      "ANY /thing",
    ]);
  });

  it("one instance handles all requests of a connection: setup() and finish() are called once", async () => {
    const steps: string[] = [];
    class Steps extends TestHandler {
      override setup(): void {
        steps.push("setup");
      }

      override async finish(): Promise<void> {
        steps.push("finish");
      }

      do_GET(): void {
        steps.push(this.path);
        this.answer("");
      }
    }
    await feed(Steps, `GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`);
    assert.deepEqual(steps, ["setup", "/1", "/2", "finish"]);
  });
});

describe("the attributes of a request", () => {
  class Looking extends TestHandler {
    seen: unknown[] = [];

    do_GET(): void {
      this.seen.push({
        requestline: this.requestline,
        path: this.path,
        version: this.requestVersion,
        host: this.headers.get("HOST"),
        all: this.headers.getAll("x-a"),
        close: this.closeConnection,
      });
      this.answer("");
    }
  }

  it("path is that of an absolute-form target, and Host becomes its authority (RFC 9112 §3.2.2)", async () => {
    const { handler } = await feed(
      Looking,
      `GET http://b.example:81/p?q HTTP/1.1\r\n${HOST}X-A: 1\r\nx-a: 2\r\n\r\n`,
    );
    assert.deepEqual(handler.seen, [
      {
        requestline: "GET http://b.example:81/p?q HTTP/1.1",
        path: "/p?q",
        version: "HTTP/1.1",
        host: "b.example:81",
        all: ["1", "2"],
        close: false,
      },
    ]);
  });

  it("path has one slash where the target has several (CVE-2021-28861)", async () => {
    const { handler } = await feed(Looking, `GET //evil.example/%2e%2e HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal((handler.seen[0] as { path: string }).path, "/evil.example/%2e%2e");
  });

  it("closeConnection is true from the start when the client says close (RFC 9112 §9.6)", async () => {
    const { handler } = await feed(Looking, `GET / HTTP/1.1\r\n${HOST}Connection: x, Close\r\n\r\n`);
    assert.equal((handler.seen[0] as { close: boolean }).close, true);
  });

  it("headers are those of the request at hand, and not of the one before", async () => {
    const { handler } = await feed(
      Looking,
      `GET / HTTP/1.1\r\n${HOST}X-A: 1\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
    );
    assert.deepEqual(
      handler.seen.map((one) => (one as { all: string[] }).all),
      [["1"], []],
    );
  });

  it("MessageClass makes the headers", async () => {
    class Message extends HTTPMessage {
      readonly isMine = true;
    }
    class Mine extends TestHandler {
      override MessageClass = Message;
      do_GET(): void {
        this.answer(String((this.headers as Message).isMine));
      }
    }
    assert.deepEqual(bodies((await feed(Mine, `GET / HTTP/1.1\r\n${HOST}\r\n`)).output), ["true"]);
  });
});
