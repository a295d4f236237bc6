// What is sent: Date and Server, a body that ends where the head says, and no field that nobody meant to send, in every
// combination of method, version, status and declared length, and through every way in which text can get into a head.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { get, startSite } from "../cgi/running-site.ts";
import { putScript } from "../cgi/temporary-directory.ts";
import { feed } from "../handler/fed.ts";
import { parseResponses, type RawResponse } from "../raw-client.ts";
import { TestHandler } from "../server/serving.ts";

const BODY = "hello";

interface Combination {
  readonly server: "HTTP/1.0" | "HTTP/1.1";
  readonly request: string;
  readonly option: string;
  readonly method: string;
  readonly status: number;
  readonly declares: boolean;
}

function* combinations(): Iterable<Combination> {
  for (const server of ["HTTP/1.0", "HTTP/1.1"] as const) {
    for (const request of ["HTTP/1.0", "HTTP/1.1", "HTTP/1.2"]) {
      for (const option of ["", "Connection: close\r\n", "Connection: keep-alive\r\n"]) {
        for (const method of ["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"]) {
          for (const status of [200, 201, 204, 205, 206, 301, 304, 401, 404, 500, 503, 599]) {
            for (const declares of [false, true]) yield { server, request, option, method, status, declares };
          }
        }
      }
    }
  }
}

function handlerFor({ server, status, declares }: Combination): typeof TestHandler {
  return class extends TestHandler {
    override protocolVersion = server;

    protected override dispatch(): void {
      const body = status === 205 ? "" : BODY;
      this.sendResponse(status);
      if (declares) this.sendHeader("Content-Length", body.length);
      this.endHeaders();
      this.wfile.write(body);
    }
  };
}

function count(response: RawResponse, name: string): number {
  return response.fields.filter(([key]) => key.toLowerCase() === name).length;
}

describe("every response", () => {
  it("has one Date and one Server, and its body ends where its head says (RFC 9110 §6.6.1, RFC 9112 §6.3)", async () => {
    let checked = 0;
    for (const one of combinations()) {
      const what = JSON.stringify(one);
      const request = `${one.method} / ${one.request}\r\nHost: a\r\n${one.option}\r\n`;
      const { output } = await feed(handlerFor(one), request + request);
      const responses = parseResponses(output, [one.method, one.method]);
      const [first] = responses;
      checked++;

      const wanted =
        one.request === "HTTP/1.0" ? one.option.includes("keep-alive") : !one.option.includes("close");
      const isBodiless = one.method === "HEAD" || [204, 205, 304].includes(one.status);
      const isFramed = isBodiless || one.declares || one.request !== "HTTP/1.0";
      const persists = wanted && one.server === "HTTP/1.1" && isFramed;
      assert.equal(responses.length, persists ? 2 : 1, `${what}: ${output}`);
      assert.equal(first!.get("connection") === "close", !persists, what);

      assert.equal(first!.version, one.server, what);
      assert.equal(first!.status, one.status, what);
      assert.equal(count(first!, "date"), 1, what);
      assert.equal(count(first!, "server"), 1, what);
      assert.equal(first!.body.toString(), isBodiless ? "" : BODY, what);
      assert.ok(count(first!, "content-length") + count(first!, "transfer-encoding") <= 1, what);
      if (one.request === "HTTP/1.0" || one.server === "HTTP/1.0")
        assert.equal(count(first!, "transfer-encoding"), 0, what);
      if (one.status === 204) assert.equal(count(first!, "content-length"), 0, what);
      if (persists && one.request === "HTTP/1.0") assert.equal(first!.get("connection"), "keep-alive", what);
    }
    assert.equal(checked, 2 * 3 * 3 * 5 * 12 * 2);
  });

  for (const [what, body, sent, message] of [
    ["short", "abc", "abc", "response cut: the body is shorter than its Content-Length"],
    ["long", "abcdefgh", "abcde", "the body is longer than its Content-Length: the rest was not sent"],
  ] as const) {
    for (const how of ["at once", "piece by piece"]) {
      it(`with a body that is too ${what}, ${how}, is cut, logged, and the last of its connection (RFC 9112 §8)`, async () => {
        class Lying extends TestHandler {
          do_GET(): void {
            this.sendResponse(200);
            this.sendHeader("Content-Length", 5);
            this.endHeaders();
            for (const piece of how === "at once" ? [body] : body) this.wfile.write(piece);
          }
        }
        const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        const { output, log } = await feed(Lying, request + request);
        assert.ok(output.endsWith(`\r\n\r\n${sent}`), output);
        assert.equal(log[0], message);
        assert.equal(log.length, 2, "and the request");
      });
    }
  }
});

describe("no response is split (RFC 9110 §5.5)", () => {
  /** Each would begin a line of its own, on the wire or for a client that is less strict. The last two do in Latin-1. */
  const BREAKS = ["\r\n", "\n", "\r", "\0", "\u010d\u010a", "\u000b", "\u0085\u010a"];

  const WAYS: [what: string, act: (handler: Open, injection: string) => void][] = [
    ["the value of sendHeader()", (handler, text) => handler.answerWith("X", `a${text}`)],
    ["the name of sendHeader()", (handler, text) => handler.answerWith(`X${text}`, "a")],
    ["the reason of sendResponse()", (handler, text) => handler.sendResponse(200, `OK${text}`)],
    ["the reason of sendResponseOnly()", (handler, text) => handler.sendResponseOnly(200, `OK${text}`)],
    ["the message of sendError()", (handler, text) => handler.sendError(400, `Bad${text}`)],
    ["the explanation of sendError()", (handler, text) => handler.sendError(400, "Bad", `because${text}`)],
    [
      "a field of sendError()",
      (handler, text) => handler.sendError(405, "No", "no", { Allow: `GET${text}` }),
    ],
    [
      "errorContentType",
      (handler, text) => {
        handler.errorContentType = `text/html${text}`;
        handler.sendError(400);
      },
    ],
    [
      "serverVersion",
      (handler, text) => {
        handler.serverVersion = `x${text}`;
        handler.sendResponse(200);
      },
    ],
    [
      "protocolVersion",
      (handler, text) => {
        handler.protocolVersion = `HTTP/1.1 200 OK${text}`;
        handler.sendResponse(200);
      },
    ],
    [
      "the phrases of `responses`",
      (handler, text) => {
        handler.responses = { 200: [`OK${text}`, ""] };
        handler.sendResponse(200);
      },
    ],
  ];

  class Open extends TestHandler {
    answerWith(name: string, value: string): void {
      this.answer("body", 200, { [name]: value });
    }
  }

  for (const [what, act] of WAYS) {
    it(`by ${what}`, async () => {
      for (const lineBreak of BREAKS) {
        class Splitting extends Open {
          do_GET(): void {
            act(this, `${lineBreak}X-Injected: 1${lineBreak}`);
          }
        }
        const { output, errors } = await split(Splitting);
        const head = output.slice(0, output.indexOf("\r\n\r\n"));
        for (const line of head.split(/[\r\n\0\v\x85]/)) {
          assert.doesNotMatch(line, /^X-Injected/i, JSON.stringify(output));
        }
        assert.ok(output !== "" || errors.length > 0, "an answer, or an error for the log");
      }
    });
  }

  /** An error in a setting can make every response impossible: then the connection ends with an error in the log. */
  async function split(Handler: typeof TestHandler): Promise<{ output: string; errors: readonly unknown[] }> {
    try {
      return await feed(Handler, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    } catch (error) {
      assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
      return { output: "", errors: [error] };
    }
  }

  it("by extraResponseHeaders", async (t) => {
    for (const extra of [["X", "a\r\nX-Injected: 1"] as const, ["X\r\nX-Injected", "1"] as const]) {
      const site = await startSite(t, { extraResponseHeaders: [extra] });
      const text = await site.exchange(get("/"));
      assert.match(text, /^HTTP\/1\.1 500 /);
      assert.doesNotMatch(text, /X-Injected/);
    }
  });

  it("by the target of a request that is redirected", async (t) => {
    const site = await startSite(t);
    mkdirSync(join(site.root, "a\r\nX-Injected: 1"));
    const text = await site.exchange(get("/a%0d%0aX-Injected:%201?b%0d%0aX-Injected:%201"));
    const [response] = parseResponses(text);
    assert.equal(response!.status, 301);
    assert.equal(response!.get("x-injected"), undefined);
    assert.equal(response!.get("location"), "/a%0d%0aX-Injected:%201/?b%0d%0aX-Injected:%201");
  });

  const skip =
    process.platform === "win32" ? "scripts are started by #!, which Windows does not know" : false;
  for (const [what, header] of [
    ["Location", "Location: http://b.example/\\rX-Injected: 1\\n\\n"],
    ["Status", "Status: 200 OK\\rX-Injected: 1\\nContent-Type: text/plain\\n\\n"],
    ["a field", "Content-Type: text/plain\\nX: a\\rX-Injected: 1\\n\\n"],
    ["a field with NUL", "Content-Type: text/plain\\nX: a\\000X-Injected: 1\\n\\n"],
    ["a folded field", "Content-Type: text/plain\\nX: a\\n X-Injected: 1\\n\\n"],
  ]) {
    it(`by ${what} of a script`, { skip }, async (t) => {
      const site = await startSite(t);
      putScript(site.root, "cgi-bin/split.sh", `#!/bin/sh\nprintf '${header}'\n`);
      const text = await site.exchange(get("/cgi-bin/split.sh"));
      assert.match(text, /^HTTP\/1\.1 502 /);
      assert.doesNotMatch(text, /X-Injected/);
    });
  }

  it("by a query that a script puts into its Location", { skip }, async (t) => {
    const site = await startSite(t);
    putScript(
      site.root,
      "cgi-bin/go.sh",
      "#!/bin/sh\nprintf 'Location: http://b.example/?%s\\n\\n' \"$QUERY_STRING\"\n",
    );
    const [response] = parseResponses(await site.exchange(get("/cgi-bin/go.sh?a%0d%0aX-Injected:%201")));
    assert.equal(response!.status, 302);
    assert.equal(response!.get("x-injected"), undefined);
  });
});
