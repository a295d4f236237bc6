// http 1–31: what an origin server must do with the head of a request: line, version, target, host, fields (RFC 9112 §2–5).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseHttpDate } from "../../src/text/http-date.ts";
import { feed } from "../handler/fed.ts";
import { parseResponses } from "../raw-client.ts";
import { get, startSite } from "../cgi/running-site.ts";
import { put } from "../cgi/temporary-directory.ts";
import { TestHandler } from "../server/serving.ts";
import { tell } from "./noting-handler.ts";

const HOST = "Host: a.example\r\n";

/** A request with these fields and no body. */
function request(line: string, ...fields: readonly string[]): string {
  return `${line}\r\n${HOST}${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
}

/** It gets this status and `close`, no handler is called, and what follows it is never seen. */
async function refuses(input: string, status: number): Promise<void> {
  const { seen, statuses, saysClose } = await tell(input + request("GET /behind HTTP/1.1"));
  assert.deepEqual(statuses, [status], JSON.stringify(input.slice(0, 200)));
  assert.ok(saysClose, JSON.stringify(input.slice(0, 200)));
  assert.deepEqual(seen, []);
}

describe("http 1–12: request line and version", () => {
  it("http 1: a byte from 0x80 up changes no delimiter (RFC 9112 §2.2)", async () => {
    for (let byte = 0x80; byte <= 0xff; byte++) {
      const character = String.fromCharCode(byte);
      const { seen } = await tell(request(`GET /a${character}b HTTP/1.1`, `X: c${character}d`));
      assert.equal(seen[0]?.path, `/a${character}b`);
      assert.equal(seen[0]?.headers.get("x"), `c${character}d`);
    }
  });

  it("http 2: a bare CR is invalid, and ends no line (RFC 9112 §2.2)", async () => {
    await refuses(`GET /\rX HTTP/1.1\r\n${HOST}\r\n`, 400);
    await refuses(`GET / HTTP/1.1\r${HOST}\r\n`, 400);
    await refuses(request("GET / HTTP/1.1", "X: a\rY: b"), 400);
  });

  it("http 3: an empty line before the request line is skipped (RFC 9112 §2.2)", async () => {
    assert.deepEqual((await tell(`\r\n${request("GET / HTTP/1.1")}`)).statuses, [200]);
  });

  it("http 4: a LF alone ends neither a line of the head nor a chunk line (RFC 9112 §2.2)", async () => {
    await refuses(`GET / HTTP/1.1\n${HOST}\r\n`, 400);
    await refuses("GET / HTTP/1.1\r\nHost: a.example\n\r\n", 400);
    await refuses(`${request("POST / HTTP/1.1", "Transfer-Encoding: chunked")}2\nhi\r\n0\r\n\r\n`, 400);
  });

  it("http 5: white space before the first field is refused (RFC 9112 §2.2)", async () => {
    await refuses(`GET / HTTP/1.1\r\n X: a\r\n${HOST}\r\n`, 400);
    await refuses(`GET / HTTP/1.1\r\n\tX: a\r\n${HOST}\r\n`, 400);
  });

  it("http 6: bytes that match no grammar are 400, and the connection closes (RFC 9112 §2.2)", async () => {
    for (const bytes of [
      "\x16\x03\x01\x02\x00\r\n",
      "hello\r\n",
      "\0\0\0\0\r\n",
      "{}\r\n",
      "SSH-2.0-x\r\n",
    ]) {
      await refuses(bytes, 400);
    }
  });

  it("http 7: white space inside the target is not corrected (RFC 9112 §3)", async () => {
    await refuses(request("GET /spaced out HTTP/1.1"), 400);
    await refuses(request("GET /tab\tbed HTTP/1.1"), 400);
  });

  it("http 8: a target of 8000 octets is served, and one that is too long is 414 (RFC 9112 §3)", async () => {
    assert.deepEqual((await tell(request(`GET /${"x".repeat(7999)} HTTP/1.1`))).statuses, [200]);
    await refuses(request(`GET /${"x".repeat(70_000)} HTTP/1.1`), 414);
  });

  it("http 9: a method is case-sensitive; an unknown one is 501, a known one that is not allowed 405 (RFC 9110 §9.1)", async (t) => {
    for (const method of ["get", "Get", "GETS", "FOO"]) {
      const { seen, statuses } = await tell(request(`${method} / HTTP/1.1`));
      assert.deepEqual(statuses, [501], method);
      assert.deepEqual(seen, [], "never treated as GET");
    }
    const site = await startSite(t);
    put(site.root, "a.txt", "a");
    const answer = await site.exchange(get("/a.txt").replace("GET", "DELETE"));
    assert.match(answer, /^HTTP\/1\.1 405 /);
  });

  it("http 10: a higher minor version is read as 1.1, another major version is 505 (RFC 9110 §6.2)", async () => {
    assert.deepEqual((await tell(request("GET / HTTP/1.7"))).statuses, [200]);
    await refuses(request("GET / HTTP/2.0"), 505);
    await refuses("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  });

  it("http 11: every status line has a version that the server conforms to, whatever the request says (RFC 9110 §6.2)", async () => {
    for (const version of ["HTTP/1.0", "HTTP/1.1", "HTTP/1.9", "HTTP/3.0", "HTTP/x"]) {
      const { responses } = await tell(request(`GET / ${version}`));
      assert.equal(responses[0]?.version, "HTTP/1.1", version);
    }
  });

  it("http 12: the status line has its second blank without a reason, too (RFC 9112 §4)", async () => {
    class Silent extends TestHandler {
      do_GET(): void {
        this.sendResponse(299);
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
      }
    }
    const { output } = await feed(Silent, request("GET / HTTP/1.1"));
    assert.ok(output.startsWith("HTTP/1.1 299 \r\n"), output);
  });
});

describe("http 13–21: host and target", () => {
  it("http 13: HTTP/1.1 without Host is 400, HTTP/1.0 without it is served (RFC 9112 §3.2)", async () => {
    await refuses("GET / HTTP/1.1\r\n\r\n", 400);
    assert.deepEqual((await tell("GET / HTTP/1.0\r\n\r\n")).statuses, [200]);
  });

  it("http 14: more than one Host is 400, in any version, and also when they are equal (RFC 9112 §3.2)", async () => {
    for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
      await refuses(request(`GET / ${version}`, "Host: a.example"), 400);
      await refuses(request(`GET / ${version}`, "Host: b.example"), 400);
    }
  });

  it("http 15: a Host that names none is 400 (RFC 9112 §3.2)", async () => {
    const values = ["a b", "a/b", "a?b", "u@a", "a\\b", "<a>", "a\0", "a:x", "a:1:2", "[::1", "a%2", "a%zz"];
    for (const value of values) await refuses(`GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`, 400);
  });

  it("http 16: absolute-form is taken in every request, and its authority replaces Host (RFC 9112 §3.2.2)", async (t) => {
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      const { seen } = await tell(request(`${method} http://b.example:81/x?y HTTP/1.1`), [method]);
      assert.equal(seen[0]?.path, "/x?y");
      assert.equal(seen[0]?.headers.get("host"), "b.example:81");
    }
    const site = await startSite(t);
    put(site.root, "sub/x", "x");
    const answer = await site.exchange(
      get("http://b.example/sub").replace("test.example:81", "evil.example"),
    );
    const [response] = parseResponses(answer);
    assert.equal(response!.status, 301);
    assert.doesNotMatch(response!.get("location")!, /evil/);
  });

  it("http 17: an http URL without a host is refused (RFC 9110 §4.2.1)", async () => {
    await refuses(request("GET http:///x HTTP/1.1"), 400);
  });

  it("http 18: an https target on a plain connection is refused (RFC 9110 §7.4)", async () => {
    await refuses(request("GET https://a.example/ HTTP/1.1"), 421);
  });

  it("http 19: the target * is for OPTIONS only (RFC 9112 §3.2.4)", async (t) => {
    await refuses(request("GET * HTTP/1.1"), 400);
    assert.equal((await tell(request("OPTIONS * HTTP/1.1"))).seen[0]?.path, "*");
    const site = await startSite(t);
    assert.match(await site.exchange(get("*").replace("GET", "OPTIONS")), /^HTTP\/1\.1 204 /);
  });

  it("http 20: CONNECT is refused, with a bad port before anything else (RFC 9110 §9.3.6)", async () => {
    for (const target of ["a.example:", "a.example:0", "a.example:70000", "a.example"]) {
      await refuses(request(`CONNECT ${target} HTTP/1.1`), 400);
    }
    assert.deepEqual((await tell(request("CONNECT a.example:443 HTTP/1.1"))).statuses, [501]);
  });

  it("http 21: a target is decoded once, cannot leave the root, and %00 reaches no file (RFC 3986 §2.4)", async (t) => {
    const site = await startSite(t);
    put(site.root, "a%62.txt", "once");
    const statusOf = async (target: string): Promise<number> =>
      parseResponses(await site.exchange(get(target)))[0]!.status;
    assert.equal(await statusOf("/a%2562.txt"), 200);
    assert.equal(await statusOf("/a%62.txt"), 404);
    for (const target of ["/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd"]) {
      assert.equal(await statusOf(target), 404, target);
    }
    assert.equal(await statusOf("/a%00.txt"), 400);
  });
});

describe("http 22–31: fields", () => {
  it("http 22: white space between name and colon is 400 (RFC 9112 §5.1)", async () => {
    await refuses(request("GET / HTTP/1.1", "X : a"), 400);
    await refuses(request("GET / HTTP/1.1", "X\t: a"), 400);
  });

  it("http 23: SP and HTAB round a value are no part of it (RFC 9112 §5.1)", async () => {
    const { seen } = await tell(request("GET / HTTP/1.1", "X: \t a \t b \t "));
    assert.equal(seen[0]?.headers.get("x"), "a \t b");
  });

  it("http 24: a folded line is 400 (RFC 9112 §5.2)", async () => {
    await refuses(request("GET / HTTP/1.1", "X: a\r\n b"), 400);
    await refuses(request("GET / HTTP/1.1", "X: a\r\n\tb"), 400);
  });

  it("http 25: CR, LF and NUL in a value are refused (RFC 9110 §5.5)", async () => {
    for (const value of ["a\rb", "a\nb", "a\0b"])
      await refuses(request("GET / HTTP/1.1", `X: ${value}`), 400);
  });

  it("http 26: fields of one name keep their order; what may be joined is joined by commas (RFC 9110 §5.3)", async () => {
    const { seen } = await tell(request("GET / HTTP/1.1", "Accept: a", "X: 1", "accept: b", "ACCEPT: c"));
    assert.deepEqual(seen[0]?.headers.getAll("Accept"), ["a", "b", "c"]);
    assert.equal(seen[0]?.headers.getCombined("Accept"), "a, b, c");
  });

  it("http 27: empty members of a list are ignored (RFC 9110 §5.6.1.2)", async () => {
    const { saysClose } = await tell(request("GET / HTTP/1.1", "Connection: ,, , close,,"));
    assert.ok(saysClose);
    const { statuses } = await tell(
      `${request("POST / HTTP/1.1", "Expect: ,100-continue,", "Content-Length: 1")}x`,
    );
    assert.deepEqual(statuses, [100, 200]);
  });

  it("http 28: a line, a value or a set of fields that is too large is 431, and none is dropped silently (RFC 9110 §5.4)", async () => {
    await refuses(request("GET / HTTP/1.1", `X: ${"a".repeat(70_000)}`), 431);
    await refuses(request("GET / HTTP/1.1", `${"X".repeat(70_000)}: a`), 431);
    await refuses(request("GET / HTTP/1.1", "X: a\r\n".repeat(200) + "X: b"), 431);
    const large = Array.from({ length: 90 }, (_, i) => `X-${i}: ${"a".repeat(1000)}`);
    const { seen } = await tell(request("GET / HTTP/1.1", ...large));
    assert.equal(seen[0]?.headers.size, 91);
  });

  it("http 29: all three formats of a date are understood, and a year of two digits is at most 50 years ahead (RFC 9110 §5.6.7)", () => {
    const time = Date.UTC(1994, 10, 6, 8, 49, 37);
    const now = Date.UTC(2026, 0, 1);
    for (const text of [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    ]) {
      assert.equal(parseHttpDate(text, now), time, text);
    }
    assert.equal(parseHttpDate("Monday, 06-Nov-75 08:49:37 GMT", now), Date.UTC(2075, 10, 6, 8, 49, 37));
    assert.equal(parseHttpDate("Monday, 06-Nov-77 08:49:37 GMT", now), Date.UTC(1977, 10, 6, 8, 49, 37));
  });

  it("http 30: connection options are members of a list, in any case, and not parts of a word (RFC 9110 §7.6.1)", async () => {
    for (const value of ["close", "CLOSE", "x, Close", "keep-alive,close"]) {
      assert.ok((await tell(request("GET / HTTP/1.1", `Connection: ${value}`))).saysClose, value);
    }
    for (const value of ["closed", "x-close", "close=1", "disclose"]) {
      assert.ok(!(await tell(request("GET / HTTP/1.1", `Connection: ${value}`))).saysClose, value);
    }
  });

  it("http 31: Upgrade changes nothing, in HTTP/1.0 and in HTTP/1.1 (RFC 9110 §7.8)", async () => {
    for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
      for (const protocol of ["websocket", "h2c", "TLS/1.0"]) {
        const { responses } = await tell(
          request(`GET / ${version}`, "Connection: Upgrade", `Upgrade: ${protocol}`),
        );
        assert.deepEqual(
          responses.map(({ status }) => status),
          [200],
        );
        assert.equal(responses[0]!.get("upgrade"), undefined);
      }
    }
  });
});
