// The behaviour that the original's own test suite asserts, by the number of its row, on a real socket or on a fed one.
// Where htbin differs on purpose the name says so, and docs/python.md gives the reason.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RawResponse, exchange, parseResponses } from "../raw-client.ts";
import { serving, TestHandler } from "../server/serving.ts";
import { feed, makeFed } from "./fed.ts";

/** The handler of the original's BaseHTTPServerTestCase. */
class RowsHandler extends TestHandler {
  do_TEST(): void {
    this.sendResponse(204);
    this.sendHeader("Content-Type", "text/html");
    this.sendHeader("Connection", "close");
    this.endHeaders();
  }

  do_KEEP(): void {
    this.sendResponse(204);
    this.sendHeader("Content-Type", "text/html");
    this.sendHeader("Connection", "keep-alive");
    this.endHeaders();
  }

  do_KEYERROR(): void {
    this.sendError(999);
  }

  do_NOTFOUND(): void {
    this.sendError(404);
  }

  do_EXPLAINERROR(): void {
    this.sendError(999, "Short Message", "This is a long \n explanation");
  }

  do_CUSTOM(): void {
    this.sendResponse(999);
    this.sendHeader("Content-Type", "text/html");
    this.sendHeader("Connection", "close");
    this.endHeaders();
  }

  do_LATINONEHEADER(): void {
    const value = this.headers.get("X-Special") ?? "";
    this.sendResponse(999);
    this.sendHeader("X-Special", "Dängerous Mind");
    this.sendHeader("Connection", "close");
    this.endHeaders();
    this.wfile.write(Buffer.from(value, "latin1"));
  }

  do_SEND_ERROR(): void {
    this.sendError(Number(this.path.slice(1)));
  }

  do_HEAD(): void {
    this.sendError(Number(this.path.slice(1)));
  }
}

const HOST = "Host: a.example\r\n";

async function ask(request: string): Promise<RawResponse> {
  const { output } = await feed(RowsHandler, request);
  const method = request.slice(0, request.indexOf(" "));
  const [response] = parseResponses(output, [method]);
  assert.ok(response !== undefined, `no response in ${JSON.stringify(output)}`);
  return response;
}

describe("rows 1–22: the request line, persistence, sendError", () => {
  it("row 1: answers 501 to GET when there is no do_GET", async () => {
    const response = await ask(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal(response.status, 501);
    assert.equal(response.reason, "Unsupported method ('GET')");
  });

  it("row 2, differs: a bare LF behind the request line is 400, not trimmed (RFC 9112 §2.2)", async () => {
    assert.equal((await ask("XYZBOGUS / HTTP/1.1\n\r\n")).status, 400);
  });

  const lines: [row: number, what: string, line: string, status: number][] = [
    [3, "a version that is no HTTP version", "GET / FUBAR", 400],
    [4, "a version with three numbers", "GET / HTTP/9.9.9", 400],
    [5, "a version with signs and underscores", "GET / HTTP/-9_9_9.+9_9_9", 400],
    [6, "a major version that is too long", "GET / HTTP/909876543210.0", 400],
    [7, "a minor version that is too long", "GET / HTTP/1.909876543210", 400],
    [10, "a version of which the message format is unknown", "GET / HTTP/9.9", 505],
    [11, "a line of blanks", " / ", 400],
  ];
  for (const [row, what, line, status] of lines) {
    it(`row ${row}: answers ${status} to ${what} (RFC 9112 §3)`, async () => {
      const response = await ask(`${line}\r\n${HOST}\r\n`);
      assert.equal(response.status, status);
      assert.equal(response.get("connection"), "close");
      assert.ok(response.get("date"), "Date is in the parser's own errors, too (RFC 9110 §6.6.1)");
    });
  }

  for (const line of ["GET / ", "GET /"]) {
    it(`row 8: ${JSON.stringify(line)} without a version is HTTP/0.9, and 501 its page alone: HTTP/0.9 has no head`, async () => {
      const { output } = await feed(RowsHandler, `${line}\r\n\r\n`);
      assert.match(output, /^<!DOCTYPE html>[^]*501[^]*Unsupported method/);
    });
  }

  it("row 9: answers 400 to another method without a version", async () => {
    const response = await ask("CUSTOM /\r\n\r\n");
    assert.equal(response.status, 400);
    assert.equal(response.reason, "Bad HTTP/0.9 request type ('CUSTOM')");
  });

  it("row 12: 501 with Connection: close in the request closes", async () => {
    const { output } = await feed(
      RowsHandler,
      `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
    );
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [501],
    );
    assert.equal(responses[0]!.get("connection"), "close");
  });

  it("row 13, differs: 501 with Connection: keep-alive keeps the connection, and says so by not saying close", async () => {
    const { output } = await feed(
      RowsHandler,
      `GET / HTTP/1.1\r\n${HOST}Connection: keep-alive\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
    );
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status }) => status),
      [501, 501],
    );
    assert.equal(responses[0]!.get("connection"), undefined);
  });

  it("row 14: calls do_TEST", async () => {
    assert.equal((await ask(`TEST / HTTP/1.1\r\n${HOST}\r\n`)).status, 204);
  });

  it("row 15: sends the Connection: keep-alive of a handler, and takes a second request on the same connection", async (t) => {
    const { connect } = await serving(t, RowsHandler);
    const client = await connect();
    const request = `KEEP / HTTP/1.1\r\n${HOST}\r\n`;
    const [first] = await client.send(request).responses(1);
    assert.equal(first!.get("connection"), "keep-alive");
    await client.send(request).responses(2);
  });

  it("row 16: sendError of an unknown code sends that code, and ??? for its texts", async () => {
    const response = await ask(`KEYERROR / HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal(response.status, 999);
    assert.equal(response.reason, "???");
  });

  it("row 17: sendResponse takes any code", async () => {
    assert.equal((await ask(`CUSTOM / HTTP/1.1\r\n${HOST}\r\n`)).status, 999);
  });

  it("row 18: sendError with a message and an explanation has a body", async () => {
    const response = await ask(`EXPLAINERROR / HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal(response.status, 999);
    assert.equal(response.reason, "Short Message");
    assert.ok(Number(response.get("content-length")) > 0);
    assert.match(response.body.toString(), /This is a long \n explanation/);
  });

  it("row 19: field values are Latin-1, both ways", async () => {
    const response = await ask(`LATINONEHEADER / HTTP/1.1\r\n${HOST}X-Special: \u00c4r\u00e4nd\r\n\r\n`);
    assert.equal(response.get("x-special"), "Dängerous Mind");
    assert.equal(response.body.toString("latin1"), "\u00c4r\u00e4nd");
  });

  it("row 20: the Content-Length of an error is the length of its body", async () => {
    const response = await ask(`NOTFOUND / HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal(response.status, 404);
    assert.ok(response.body.length > 0);
    assert.equal(Number(response.get("content-length")), response.body.length);
    assert.ok(response.isComplete);
  });

  for (const status of [204, 304, 102, 205, 101]) {
    it(`row 21: sendError(${status}) has no Content-Length, Content-Type, Transfer-Encoding, and no body`, async () => {
      const { output } = await feed(
        RowsHandler,
        `SEND_ERROR /${status} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      );
      assert.match(output, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.doesNotMatch(output, /^(content-length|content-type|transfer-encoding):/im);
      assert.equal(output.indexOf("\r\n\r\n"), output.length - 4, JSON.stringify(output));
    });
  }

  it("row 22: HEAD answered by sendError(200) has the fields of the page and no body", async () => {
    const { output } = await feed(RowsHandler, `HEAD /200 HTTP/1.1\r\n${HOST}\r\n`);
    const [response] = parseResponses(output, ["HEAD"]);
    assert.ok(Number(response!.get("content-length")) > 0);
    assert.match(response!.get("content-type")!, /text\/html/);
    assert.equal(output.indexOf("\r\n\r\n"), output.length - 4);
  });

  for (const status of [204, 304, 205, 101]) {
    it(`row 22: HEAD answered by sendError(${status}) has neither Content-Length nor Content-Type nor a body`, async () => {
      const { output } = await feed(
        RowsHandler,
        `HEAD /${status} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      );
      assert.doesNotMatch(output, /^(content-length|content-type|transfer-encoding):/im);
      assert.equal(output.indexOf("\r\n\r\n"), output.length - 4, JSON.stringify(output));
    });
  }
});

describe("rows 23–25: HTTP/0.9", () => {
  class SimpleHandler extends TestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("X-Never-Sent", "yes");
      this.endHeaders();
      this.wfile.write(`OK: here is ${this.path}\r\n`);
    }
  }

  it("row 23: a simple request gets the body alone, at once, and the connection ends (RFC 1945 §4.1)", async (t) => {
    const { port } = await serving(t, SimpleHandler);
    assert.equal(await exchange(port, "GET /index.html\r\n"), "OK: here is /index.html\r\n");
  });

  it("row 23, differs: a body without sendResponse() and endHeaders() is an error, in HTTP/0.9 as well", async () => {
    class Headless extends TestHandler {
      do_GET(): void {
        this.wfile.write("OK");
      }
    }
    const { output, errors } = await feed(Headless, "GET /\r\n");
    assert.match(output, /^<!DOCTYPE html>[^]*500/);
    assert.equal(errors.length, 1);
  });

  it("row 24: POST without a version is refused", async (t) => {
    const { port } = await serving(t, SimpleHandler);
    assert.match(
      await exchange(port, "POST /index.html\r\n"),
      /^HTTP\/1\.1 400 Bad HTTP\/0\.9 request type \('POST'\)\r\n/,
    );
  });

  it("row 25: a second request behind a simple one gets nothing", async (t) => {
    const { port } = await serving(t, SimpleHandler);
    assert.equal(await exchange(port, "GET /foo.html\r\nGET /bar.html\r\n"), "OK: here is /foo.html\r\n");
  });
});

describe("rows 30–31, 67: the log", () => {
  class LoggedHandler extends TestHandler {
    do_GET(): void {
      this.answer("12345");
    }

    do_EMPTY(): void {
      this.answer("");
    }

    do_ERROR(): void {
      this.sendError(404, "File not found");
    }
  }

  it("row 30, differs: the size in the access log is the real one", async () => {
    const { log } = await feed(LoggedHandler, `GET / HTTP/1.1\r\n${HOST}\r\n`);
    assert.deepEqual(log, ['"GET / HTTP/1.1" 200 5']);
  });

  it("row 30: the size of a response without a body is logged as -", async () => {
    const { log } = await feed(LoggedHandler, `EMPTY / HTTP/1.1\r\n${HOST}\r\n`);
    assert.deepEqual(log, ['"EMPTY / HTTP/1.1" 200 -']);
  });

  it("row 31: sendError logs the error, then the request", async () => {
    const { log, output } = await feed(LoggedHandler, `ERROR / HTTP/1.1\r\n${HOST}\r\n`);
    const size = parseResponses(output)[0]!.body.length;
    assert.deepEqual(log, ["code 404, message File not found", `"ERROR / HTTP/1.1" 404 ${size}`]);
  });

  it("row 67: control characters and backslashes are made visible in the log, U+00A0 is kept", async (t) => {
    const { stderrLog } = await import("../../src/log/log-sink.ts");
    const { BaseHTTPRequestHandler } = await import("../../src/handler/base-http-request-handler.ts");
    const written: string[] = [];
    t.mock.method(stderrLog, "write", (entry: string) => void written.push(entry));
    const { handler } = makeFed(BaseHTTPRequestHandler);
    handler.logMessage("/foo");
    handler.logMessage("%s", "/\x1b bar\x00\x7f\x9f\x07 \\ \u00a0");
    const line = (text: string): RegExp =>
      new RegExp(`^192\\.0\\.2\\.7 - - \\[\\d\\d/[A-Z][a-z]{2}/\\d{4} \\d\\d:\\d\\d:\\d\\d\\] ${text}\n$`);
    assert.match(written[0]!, line("/foo"));
    assert.match(written[1]!, line(String.raw`/\\x1b bar\\x00\\x7f\\x9f\\x07 \\\\ ` + "\u00a0"));
  });
});

describe("rows 68–84: a handler fed bytes", () => {
  /** The handler of the original's BaseHTTPRequestHandlerTestCase. */
  class FedHandler extends TestHandler {
    isCalled = false;
    /** The attributes of the request, as the method saw them: a handler that waits for the next one has none. */
    seen: Readonly<Record<string, unknown>> = {};

    do_GET(): void {
      this.isCalled = true;
      const { requestline, command, path, requestVersion, headers } = this;
      this.seen = { requestline, command, path, requestVersion, fields: headers.size };
      this.sendResponse(200);
      this.sendHeader("Content-Type", "text/html");
      this.endHeaders();
      this.wfile.write("<html><body>Data</body></html>\r\n");
    }
  }

  for (const [row, version] of [
    [68, "HTTP/1.1"],
    [69, "HTTP/1.0"],
  ] as const) {
    it(`row ${row}: ${version}: Server, Date, Content-Type once each, and the attributes of the request`, async () => {
      const host = version === "HTTP/1.1" ? HOST : "";
      const { handler, output } = await feed(FedHandler, `GET /a?b ${version}\r\n${host}\r\n`);
      const [response] = parseResponses(output);
      assert.equal(response!.status, 200);
      for (const name of ["server", "date", "content-type"]) {
        assert.equal(response!.fields.filter(([key]) => key.toLowerCase() === name).length, 1, name);
      }
      assert.deepEqual(handler.seen, {
        requestline: `GET /a?b ${version}`,
        command: "GET",
        path: "/a?b",
        requestVersion: version,
        fields: host === "" ? 0 : 1,
      });
      assert.deepEqual(handler.clientAddress, ["192.0.2.7", 12345]);
    });
  }

  it("row 70: HTTP/0.9 spelled out: the body alone", async () => {
    const { handler, output } = await feed(FedHandler, "GET / HTTP/0.9\r\n\r\n");
    assert.equal(output, "<html><body>Data</body></html>\r\n");
    assert.ok(handler.isCalled);
  });

  it("row 71: a blank in the target is 400 with a whole head, and no handler is called", async () => {
    const { handler, output } = await feed(FedHandler, `GET /spaced out HTTP/1.1\r\n${HOST}\r\n`);
    const [response] = parseResponses(output);
    assert.equal(response!.status, 400);
    assert.equal(response!.version, "HTTP/1.1");
    for (const name of ["server", "date", "content-type"]) assert.ok(response!.get(name), name);
    assert.ok(!handler.isCalled);
  });

  it("row 72: Expect means nothing in HTTP/1.0 (RFC 9110 §10.1.1)", async () => {
    const { output } = await feed(
      FedHandler,
      "GET / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    );
    assert.deepEqual(
      parseResponses(output).map(({ status }) => status),
      [200],
    );
  });

  it("row 73: 100 Continue, then the response", async () => {
    const { output } = await feed(
      FedHandler,
      `GET / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx`,
    );
    assert.deepEqual(
      parseResponses(output).map(({ status }) => status),
      [100, 200],
    );
    assert.ok(output.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), output);
  });

  it("row 73, differs: no 100 where the head announces no body: there is nothing to continue with (RFC 9110 §10.1.1)", async () => {
    const { output } = await feed(FedHandler, `GET / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n\r\n`);
    assert.deepEqual(
      parseResponses(output).map(({ status }) => status),
      [200],
    );
  });

  it("row 74, differs: an error is one write, head and body together", async () => {
    const { socket } = await feed(FedHandler, `NOPE / HTTP/1.1\r\n${HOST}\r\n`);
    assert.equal(socket.writes.length, 1);
  });

  it("row 75, 76: nothing leaves before endHeaders, then all fields in one write, in the case of the handler", async () => {
    const before: number[] = [];
    class Counting extends TestHandler {
      override protocolVersion = "HTTP/1.0";
      do_GET(): void {
        const { writes } = this.request.socket as unknown as { writes: string[] };
        this.sendResponseOnly(418);
        this.sendHeader("Foo", "foo");
        this.sendHeader("bar", "bar");
        this.request.flush();
        before.push(writes.length);
        this.endHeaders();
        this.request.flush();
        before.push(writes.length);
      }
    }
    const { output } = await feed(Counting, "GET / HTTP/1.0\r\n\r\n");
    assert.deepEqual(before, [0, 1]);
    assert.equal(output, "HTTP/1.0 418 I'm a Teapot\r\nFoo: foo\r\nbar: bar\r\nConnection: close\r\n\r\n");
  });

  it("row 77: 100 Continue leaves before the handler is called (RFC 9110 §10.1.1)", async () => {
    let seen = "";
    class Watching extends TestHandler {
      do_GET(): void {
        seen = (this.request.socket as unknown as { output: string }).output;
        this.answer("done");
      }
    }
    await feed(Watching, `GET / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx`);
    assert.equal(seen, "HTTP/1.1 100 Continue\r\n\r\n");
  });

  it("row 78: handleExpect100 that refuses with 417 and gives false: one Connection: close, no handler called", async () => {
    class Refusing extends FedHandler {
      override handleExpect100(): boolean {
        this.sendError(417);
        return false;
      }
    }
    const { handler, output } = await feed(
      Refusing,
      `GET / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\r\n${HOST}\r\n`,
    );
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map(({ status, reason }) => [status, reason]),
      [[417, "Expectation Failed"]],
    );
    assert.equal(responses[0]!.get("connection"), "close");
    assert.ok(!handler.isCalled);
  });

  it("row 79: a request line longer than 65536 is 414, before it ends", async () => {
    const { handler, output } = await feed(FedHandler, `GET ${"x".repeat(65_537)}`);
    assert.match(output, /^HTTP\/1\.1 414 URI Too Long\r\n/);
    assert.ok(!handler.isCalled);
    assert.equal(handler.requestline, "");
  });

  it("row 80: a field line longer than 65536 is 431", async () => {
    const { handler, output } = await feed(
      FedHandler,
      `GET / HTTP/1.1\r\n${HOST}X-Foo: bar${"r".repeat(65_537)}\r\n\r\n`,
    );
    assert.match(output, /^HTTP\/1\.1 431 Line too long\r\n/);
    assert.ok(!handler.isCalled);
    assert.equal(handler.requestline, "GET / HTTP/1.1");
  });

  it("row 81: 101 fields are 431, and 100 are not", async () => {
    const fields = (count: number): string => HOST + "X-Foo: bar\r\n".repeat(count - 1);
    const tooMany = await feed(FedHandler, `GET / HTTP/1.1\r\n${fields(101)}\r\n`);
    assert.match(tooMany.output, /^HTTP\/1\.1 431 Too many headers\r\n/);
    assert.ok(!tooMany.handler.isCalled);
    const enough = await feed(FedHandler, `GET / HTTP/1.1\r\n${fields(100)}\r\n`);
    assert.match(enough.output, /^HTTP\/1\.1 200 /);
  });

  it("row 82, differs: a method with markup is no token, so 400; its markup is escaped in the page", async () => {
    const { output } = await feed(FedHandler, `<script>alert("hello")</script> / HTTP/1.1\r\n${HOST}\r\n`);
    const [response] = parseResponses(output);
    assert.equal(response!.status, 400);
    const page = response!.body.toString();
    assert.match(page, /&lt;script&gt;alert\(/);
    assert.doesNotMatch(page, /<script/);
  });

  it("row 83: handle() calls handleOneRequest() until closeConnection is true", async () => {
    const { handler } = makeFed(FedHandler);
    let calls = 0;
    handler.handleOneRequest = async () => {
      calls++;
      handler.closeConnection = true;
    };
    await handler.handle();
    assert.equal(calls, 1);

    const flags = [false, false, true];
    calls = 0;
    handler.handleOneRequest = async () => {
      handler.closeConnection = flags[calls++]!;
    };
    await handler.handle();
    assert.equal(calls, 3);
  });

  it("row 84: dateTimeString() is an IMF-fixdate (RFC 9110 §5.6.7)", () => {
    const { handler } = makeFed(FedHandler);
    assert.match(
      handler.dateTimeString(),
      /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/,
    );
    assert.equal(handler.dateTimeString(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
  });
});
