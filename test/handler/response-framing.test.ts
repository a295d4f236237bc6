// How a response is framed, in every combination, against a model that is slow and obvious (RFC 9112 §6.3, §9.3).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TestHandler } from "../server/serving.ts";
import { feed } from "./fed.ts";

interface Case {
  readonly server: "HTTP/1.0" | "HTTP/1.1";
  readonly request: "0.9" | "1.0" | "1.0 keep-alive" | "1.1" | "1.1 close";
  readonly method: "GET" | "HEAD" | "POST";
  readonly status: number;
  /** What the handler declares: nothing, or a Content-Length that is right. */
  readonly declares: boolean;
  readonly pieces: readonly string[];
}

interface Expected {
  readonly head: string;
  readonly body: string;
  readonly persists: boolean;
}

/** Rule by rule, without a thought for speed. */
function model({ server, request, method, status, declares, pieces }: Case): Expected {
  const given = pieces.join("");
  // RFC 1945: a simple response is the body alone, and closes.
  if (request === "0.9") return { head: "", body: given, persists: false };

  const clientPersists = request === "1.1" || request === "1.0 keep-alive";
  let persists = clientPersists && server === "HTTP/1.1";
  let head = `${server} ${status} X\r\n`;
  if (declares) head += `Content-Length: ${given.length}\r\n`;

  let body: string;
  if (method === "HEAD" || status === 204 || status === 304) {
    body = "";
    // 205 is defined to be empty, which a HEAD may say as well.
    if (status === 205 && !declares && persists) head += "Content-Length: 0\r\n";
  } else if (status === 205 && !declares) {
    body = "";
    if (persists) head += "Content-Length: 0\r\n";
  } else if (declares) {
    body = given;
  } else if (request.startsWith("1.1") && server === "HTTP/1.1") {
    // A chunk per piece, since pieces are written as they come.
    body = `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("")}0\r\n\r\n`;
    head += "Transfer-Encoding: chunked\r\n";
  } else {
    body = given;
    persists = false;
  }
  if (!persists) head += "Connection: close\r\n";
  else if (request.startsWith("1.0")) head += "Connection: keep-alive\r\n";
  return { head: `${head}\r\n`, body, persists };
}

function requestBytes(one: Case, path: string): string {
  if (one.request === "0.9") return `GET ${path}\r\n`;
  const [version, connection] = one.request.split(" ");
  const option = connection === undefined ? "" : `Connection: ${connection}\r\n`;
  return `${one.method} ${path} HTTP/${version!}\r\nHost: a.example\r\n${option}\r\n`;
}

function* cases(): Iterable<Case> {
  for (const server of ["HTTP/1.0", "HTTP/1.1"] as const) {
    for (const request of ["0.9", "1.0", "1.0 keep-alive", "1.1", "1.1 close"] as const) {
      for (const method of ["GET", "HEAD", "POST"] as const) {
        if (request === "0.9" && method !== "GET") continue;
        for (const status of [200, 201, 204, 205, 206, 304, 404, 500, 999]) {
          for (const declares of [false, true]) {
            for (const pieces of [[], ["hello"], ["hel", "lo, ", "world"]]) {
              // What may not be sent at all (RFC 9110 §8.6, §15.3.6) is in tests of its own.
              if (declares && (status === 204 || (status === 205 && pieces.length > 0))) continue;
              yield { server, request, method, status, declares, pieces };
            }
          }
        }
      }
    }
  }
}

function handlerFor(one: Case): typeof TestHandler {
  return class Framing extends TestHandler {
    override protocolVersion = one.server;

    protected override dispatch(): void {
      this.sendResponseOnly(one.status, "X");
      if (one.declares) this.sendHeader("Content-Length", one.pieces.join("").length);
      this.endHeaders();
      for (const piece of one.pieces) this.wfile.write(piece);
    }
  };
}

describe("the framing of responses", () => {
  for (const server of ["HTTP/1.0", "HTTP/1.1"] as const) {
    it(`is what the rules say in every combination of method, version, status, Content-Length for ${server} (RFC 9112 §6.3)`, async () => {
      let count = 0;
      for (const one of cases()) {
        if (one.server !== server) continue;
        count++;
        const { head, body, persists } = model(one);
        const expected = (head + body).repeat(persists ? 2 : 1);
        const { output } = await feed(handlerFor(one), requestBytes(one, "/1") + requestBytes(one, "/2"));
        assert.equal(output, expected, JSON.stringify(one));
      }
      assert.ok(count > 500, `${count} combinations`);
    });
  }

  it("no Transfer-Encoding goes to HTTP/1.0, even where the handler asks for it (RFC 9112 §6.1)", async () => {
    class Asking extends TestHandler {
      do_GET(): void {
        this.sendResponse(200);
        this.sendHeader("Transfer-Encoding", "chunked");
        this.endHeaders();
        this.wfile.write("x");
      }
    }
    const old = await feed(Asking, "GET / HTTP/1.0\r\n\r\n");
    assert.doesNotMatch(old.output, /transfer-encoding/i);
    const now = await feed(Asking, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(now.output.match(/transfer-encoding/gi)?.length, 1);
    assert.ok(now.output.endsWith("\r\n\r\n1\r\nx\r\n0\r\n\r\n"));
  });

  it("no message has both Transfer-Encoding and Content-Length (RFC 9112 §6.2)", async () => {
    class Both extends TestHandler {
      do_GET(): void {
        this.sendResponse(200);
        this.sendHeader("Transfer-Encoding", "chunked");
        this.sendHeader("Content-Length", 1);
        this.endHeaders();
        this.wfile.write("x");
      }
    }
    const { output } = await feed(Both, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.doesNotMatch(output, /transfer-encoding/i);
    assert.ok(output.endsWith("\r\n\r\nx"));
  });

  for (const length of [undefined, 5]) {
    it(`2xx to CONNECT has neither Content-Length nor Transfer-Encoding, ${length === undefined ? "without" : "with"} a length of the handler (RFC 9110 §9.3.6)`, async () => {
      class Tunnel extends TestHandler {
        do_CONNECT(): void {
          this.sendResponse(200);
          if (length !== undefined) this.sendHeader("Content-Length", length);
          this.endHeaders();
          this.wfile.write("bytes of the tunnel");
        }
      }
      const { output } = await feed(Tunnel, "CONNECT b:80 HTTP/1.1\r\nHost: b:80\r\n\r\n");
      assert.match(output, /^HTTP\/1\.1 200 /);
      assert.doesNotMatch(output, /content-length|transfer-encoding/i);
      assert.ok(output.endsWith("Connection: close\r\n\r\nbytes of the tunnel"), output);
    });
  }

  it("no Content-Length is sent with 204, even where the handler adds it (RFC 9110 §8.6)", async () => {
    class Wrong extends TestHandler {
      do_GET(): void {
        this.sendResponse(204);
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
      }
    }
    const { output } = await feed(Wrong, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(output, /^HTTP\/1\.1 204 /);
    assert.doesNotMatch(output, /content-length/i);
  });
});

describe("a body that is not as long as declared", () => {
  class Lying extends TestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", 5);
      this.endHeaders();
      this.wfile.write(this.path.slice(1));
    }
  }
  const request = (body: string): string => `GET /${body} HTTP/1.1\r\nHost: a\r\n\r\n`;

  it("too short: the connection is cut, and the log says so (RFC 9112 §8)", async () => {
    const { output, log } = await feed(Lying, request("abc") + request("12345"));
    assert.equal(output.match(/HTTP\/1\.1/g)?.length, 1);
    assert.ok(output.endsWith("\r\n\r\nabc"));
    assert.deepEqual(log, [
      "response cut: the body is shorter than its Content-Length",
      '"GET /abc HTTP/1.1" 200 3',
    ]);
  });

  it("too long: the rest is cut off and logged, and the connection is closed", async () => {
    const { output, log } = await feed(Lying, request("abcdefgh") + request("12345"));
    assert.equal(output.match(/HTTP\/1\.1 200/g)?.length, 1);
    assert.ok(output.endsWith("\r\n\r\nabcde"));
    assert.deepEqual(log, [
      "the body is longer than its Content-Length: the rest was not sent",
      '"GET /abcdefgh HTTP/1.1" 200 5',
    ]);
  });

  it("as declared: the connection goes on", async () => {
    const { output } = await feed(Lying, request("abcde") + request("12345"));
    assert.equal(output.match(/HTTP\/1\.1 200/g)?.length, 2);
  });
});
