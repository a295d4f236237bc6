import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { HTTPRequestError } from "../../src/errors.ts";
import { BadRequestHead, type HeadLimits, RequestHeadReader } from "../../src/http1/request-head.ts";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import {
  acceptHead,
  byteByByte,
  cuts,
  feedHead,
  inOneGo,
  inPieces,
  readHead,
  refuseHead,
  toBytes,
} from "./feed.ts";

const SMALL: HeadLimits = { requestLine: 40, field: 30, fields: 4, allFields: 60 };

/** A head with these field lines behind a good request line and Host. */
function withFields(...lines: string[]): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
}

describe("RequestHeadReader: a good head", () => {
  it("gives the request line, its parts and the fields in their order and spelling (RFC 9112 §3, §5)", () => {
    const text = "GET /a%20b?c HTTP/1.1\r\nHost: x:8000\r\nX-a:1\r\nx-A: 2\r\n\r\n";
    assert.deepEqual(acceptHead(text), {
      method: "GET",
      target: "/a%20b?c",
      version: "HTTP/1.1",
      minor: 1,
      isSimple: false,
      requestline: "GET /a%20b?c HTTP/1.1",
      path: "/a%20b?c",
      fields: ["Host", "x:8000", "X-a", "1", "x-A", "2"],
      framing: { kind: "none" },
      persists: true,
      expect: undefined,
    });
  });

  it("ends exactly behind the empty line", () => {
    const text = withFields("A: b");
    assert.deepEqual(
      { ...readHead(text), head: undefined },
      { kind: "head", end: text.length, head: undefined },
    );
  });

  it("asks for more as long as the empty line has not come", () => {
    const text = withFields("A: b");
    for (let end = 0; end < text.length; end++) {
      assert.deepEqual(readHead(text.slice(0, end)), { kind: "incomplete" }, text.slice(0, end));
    }
  });

  it("reads pipelined heads one after the other, wherever they begin (RFC 9112 §9.3.2)", () => {
    const heads = ["GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nHEAD /2 HTTP/1.0\r\n\r\n", "GET /3\r\n"];
    const reader = new RequestHeadReader(DEFAULT_LIMITS);
    const input = toBytes(heads.join(""));
    const found: string[] = [];
    for (let at = 0; at < input.length; at = reader.end) found.push(reader.read(input, at)!.requestline);
    assert.deepEqual(found, ["GET /1 HTTP/1.1", "HEAD /2 HTTP/1.0", "GET /3"]);
    assert.equal(reader.end, input.length);
  });

  it("forgets one head before it reads the next, byte by byte", () => {
    const reader = new RequestHeadReader(SMALL);
    const input = toBytes(withFields("A: 0123456789").repeat(5));
    let at = 0;
    let count = 0;
    for (let end = 1; end <= input.length; end++) {
      if (reader.read(input.subarray(0, end), at) === undefined) continue;
      at = reader.end;
      count++;
    }
    assert.equal(count, 5);
    assert.equal(at, input.length);
  });

  it("works on octets: bytes from 0x80 up change no delimiter (RFC 9112 §2.2)", () => {
    const head = acceptHead("GET /\xe4\x85\xa0 HTTP/1.1\r\nHost: a\r\nX: \x85\xff\xa0\r\n\r\n");
    assert.equal(head.path, "/\xe4\x85\xa0");
    assert.deepEqual(head.fields, ["Host", "a", "X", "\x85\xff\xa0"]);
  });

  for (const count of [1, 2, 100]) {
    it(`skips ${count} empty lines before the request line (RFC 9112 §2.2)`, () => {
      assert.equal(acceptHead("\r\n".repeat(count) + withFields()).requestline, "GET / HTTP/1.1");
    });
  }

  it("refuses more empty lines than there may be fields", () => {
    refuseHead("\r\n".repeat(101) + withFields(), 400, /empty lines/);
    refuseHead("\r\n".repeat(200_000), 400, /empty lines/);
  });

  it("does not mind where the bytes are cut", () => {
    const inputs = fc.constantFrom(
      withFields("Content-Length: 5", "Accept:\t*/* "),
      "\r\n\r\nPOST http://b:1/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n",
      withFields("A : b"),
      withFields("A: b\x00"),
      withFields("A: b", " c"),
      withFields("Host: a"),
      "GET / HTTP/1.1\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\n\n",
      "GET / HTTP/2.0\r\n\r\n",
      "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    fc.assert(
      fc.property(inputs, cuts, (text, places) => {
        assert.deepEqual(feedHead(text, inPieces(places)), feedHead(text, inOneGo));
      }),
    );
  });

  it("makes the same of any bytes, however they come", () => {
    const piece = fc.constantFrom(
      "GET",
      " ",
      "/",
      " HTTP/1.1",
      "\r\n",
      "\r",
      "\n",
      "Host: a",
      "Host:",
      "A",
      ":",
      "\t",
      "\0",
      "\x80",
      "0",
      "Content-Length: 3",
      "Transfer-Encoding: chunked",
      "Connection: close",
      "\r\n\r\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), cuts, (pieces, places) => {
        const end = `${pieces.join("")}\r\n\r\n`;
        for (const text of [end, `GET / HTTP/1.1\r\nHost: a\r\n${end}`]) {
          const result = feedHead(text, inOneGo);
          assert.deepEqual(feedHead(text, inPieces(places)), result);
          // A complete head has nothing to do with what stands behind it.
          if (result.kind === "head") assert.deepEqual(readHead(text.slice(0, result.end)), result);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("throws nothing but BadRequestHead with 400, 501 or 505, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.boolean(), (noise, isBehindLine) => {
        const text = (isBehindLine ? "GET / HTTP/1.1\r\n" : "") + noise;
        const result = feedHead(toBytes(text).toString("latin1"), inOneGo);
        if (result.kind === "refused")
          assert.ok([400, 501, 505].includes(result.status), String(result.status));
      }),
    );
  });
});

describe("RequestHeadReader: line ends (RFC 9112 §2.2)", () => {
  const BARE_LF: [what: string, text: string][] = [
    ["the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"],
    ["the request line, with nothing behind", "GET / HTTP/1.1\n"],
    ["the request line of row 2 of the original's tests", "XYZBOGUS / HTTP/1.1\n\r\n"],
    ["a simple request", "GET /\n"],
    ["a field line", "GET / HTTP/1.1\r\nHost: a\nA: b\r\n\r\n"],
    ["the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n"],
    ["all lines", "GET / HTTP/1.1\nHost: a\n\n"],
    ["an empty line before the request line", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["the second empty line before the request line", "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ];
  for (const [what, text] of BARE_LF) {
    it(`refuses a bare LF at the end of ${what}`, () => {
      refuseHead(text, 400);
    });
  }

  const BARE_CR: [what: string, text: string][] = [
    ["the method", "G\rET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["the target", "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["the version", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"],
    ["a field name", withFields("A\rB: c")],
    ["a value", withFields("A: b\rc")],
    ["a value that looks like a field line behind it", withFields("A: b\rContent-Length: 5")],
    ["the place before the CRLF", withFields("A: b\r")],
    ["the place of the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\rA: b\r\n\r\n"],
    ["the place of an empty line before the request line", "\rGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ];
  for (const [what, text] of BARE_CR) {
    it(`refuses a bare CR in ${what}`, () => {
      refuseHead(text, 400);
    });
  }
});

describe("RequestHeadReader: request lines and versions", () => {
  // facts: rows 3 to 11 of the tests of the original
  const VERSIONS: [row: number, line: string, status: number][] = [
    [3, "GET / FUBAR", 400],
    [4, "GET / HTTP/9.9.9", 400],
    [5, "GET / HTTP/-9_9_9.+9_9_9", 400],
    [6, "GET / HTTP/909876543210.0", 400],
    [7, "GET / HTTP/1.909876543210", 400],
    [9, "CUSTOM / ", 400],
    [10, "GET / HTTP/9.9", 505],
    [11, " / ", 400],
  ];
  for (const [row, line, status] of VERSIONS) {
    it(`answers ${status} to "${line}" (row ${row} of the original's tests)`, () => {
      refuseHead(`${line}\r\n\r\n`, status);
    });
  }

  it("takes a line without version for HTTP/0.9, also with a blank behind the target (row 8)", () => {
    for (const line of ["GET /", "GET / "]) {
      const head = acceptHead(`${line}\r\n`);
      assert.equal(head.isSimple, true);
      assert.equal(head.version, "HTTP/0.9");
      assert.equal(head.requestline, line);
      assert.equal(head.path, "/");
    }
  });

  it("has a simple request complete with its line, without waiting for more (row 23)", () => {
    const result = readHead("GET /index.html\r\n");
    assert.equal(result.kind, "head");
    assert.equal(result.kind === "head" && result.end, "GET /index.html\r\n".length);
  });

  it("lets no second request follow HTTP/0.9 (row 25)", () => {
    assert.equal(acceptHead("GET /\r\n").persists, false);
    assert.equal(acceptHead("GET / HTTP/0.9\r\nConnection: keep-alive\r\n\r\n").persists, false);
  });

  it("reads fields behind an HTTP/0.9 that is written out (row 70)", () => {
    const head = acceptHead("GET / HTTP/0.9\r\nA: b\r\n\r\n");
    assert.equal(head.isSimple, false);
    assert.deepEqual(head.fields, ["A", "b"]);
  });

  it("knows GET alone in HTTP/0.9, and says so (row 24)", () => {
    refuseHead("POST /index.html\r\n", 400, /^Bad HTTP\/0\.9 request type \('POST'\)$/);
  });

  it("refuses white space inside the target (RFC 9112 §3, row 71)", () => {
    refuseHead("GET /spaced out HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    refuseHead("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  });

  it("processes a higher minor version of HTTP/1 as HTTP/1.1 (RFC 9110 §6.2)", () => {
    for (const minor of [2, 7, 9]) {
      const head = acceptHead(`GET / HTTP/1.${minor}\r\nHost: a\r\n\r\n`);
      assert.equal(head.minor, minor);
      assert.equal(head.version, `HTTP/1.${minor}`);
      assert.equal(head.persists, true);
      refuseHead(`GET / HTTP/1.${minor}\r\n\r\n`, 400, /Host/);
    }
  });

  it("leaves unknown methods to the handler, in the spelling of the wire (RFC 9110 §9.1)", () => {
    for (const method of ["get", "FOO", "GETs", "!#$%&'*+-.^_`|~09"]) {
      assert.equal(acceptHead(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`).method, method);
    }
  });

  it("refuses a fragment in the target (RFC 9110 §7.1)", () => {
    refuseHead("GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400);
    refuseHead("GET /?q#a HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  });

  it("takes * with OPTIONS only (RFC 9112 §3.2.4)", () => {
    assert.equal(acceptHead("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path, "*");
    refuseHead("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  });

  it("tells the request line and the method of a bad head, for the answer and the log", () => {
    const { requestline, method } = refuseHead(
      "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
      400,
    );
    assert.deepEqual({ requestline, method }, { requestline: "HEAD / HTTP/1.1", method: "HEAD" });
    const bad = refuseHead("NO\r\n", 400);
    assert.deepEqual([bad.requestline, bad.method], ["NO", ""]);
  });
});

describe("RequestHeadReader: a client that speaks TLS", () => {
  it("is told apart by its first byte, whatever else has come (RFC 8446 §5.1)", () => {
    for (const text of [
      "\x16",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "\x16\x03\x01\n\r\nGET / HTTP/1.1\r\n\r\n",
    ])
      refuseHead(text, 400, /speaks TLS/);
  });
});

describe("RequestHeadReader: fields", () => {
  it("refuses a blank before the colon (RFC 9112 §5.1)", () => {
    refuseHead(withFields("Content-Length : 5"), 400);
    refuseHead(withFields("Content-Length\t: 5"), 400);
  });

  it("refuses a folded line (RFC 9112 §5.2) and a blank before the first field (§2.2)", () => {
    refuseHead(withFields("A: b", " c"), 400);
    refuseHead(withFields("A: b", "\tc"), 400);
    refuseHead("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400);
  });

  it("refuses NUL and other control characters in a value (RFC 9110 §5.5)", () => {
    for (const control of ["\x00", "\x01", "\x0b", "\x0c", "\x1f", "\x7f"]) {
      refuseHead(withFields(`A: b${control}c`), 400);
    }
  });

  it("strips SP and HTAB round a value (RFC 9112 §5.1)", () => {
    assert.deepEqual(acceptHead(withFields("A: \t b c\t ")).fields, ["Host", "a", "A", "b c"]);
  });

  it("gives Expect lower-cased, and only to HTTP/1.1 and later (RFC 9110 §10.1.1)", () => {
    assert.equal(acceptHead(withFields("Expect: 100-Continue")).expect, "100-continue");
    assert.equal(acceptHead("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expect, undefined);
  });

  it("frames the body (RFC 9112 §6)", () => {
    assert.deepEqual(acceptHead(withFields("Content-Length: 5")).framing, { kind: "length", length: 5 });
    assert.deepEqual(acceptHead(withFields("Transfer-Encoding: cHuNkEd")).framing, { kind: "chunked" });
    refuseHead(withFields("Content-Length: 5", "Transfer-Encoding: chunked"), 400);
    refuseHead(withFields("Transfer-Encoding: chunked", "Content-Length: 5"), 400);
    refuseHead("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    refuseHead(withFields("Transfer-Encoding: gzip, chunked"), 501);
  });

  it("reads all Connection fields as one list (RFC 9110 §7.6.1)", () => {
    assert.equal(acceptHead(withFields("Connection: TE", "connection: x,, CLOSE ,y")).persists, false);
    assert.equal(acceptHead(withFields("Connection: closed, close-not")).persists, true);
  });
});

describe("RequestHeadReader: Host (RFC 9112 §3.2)", () => {
  it("refuses HTTP/1.1 without Host, and accepts HTTP/1.0 without", () => {
    refuseHead("GET / HTTP/1.1\r\nA: b\r\n\r\n", 400, /Missing Host/);
    assert.equal(acceptHead("GET / HTTP/1.0\r\n\r\n").persists, false);
  });

  it("refuses more than one Host, in any version, also when they are equal", () => {
    for (const version of ["HTTP/1.1", "HTTP/1.0", "HTTP/0.9"]) {
      refuseHead(`GET / ${version}\r\nHost: a\r\nhOST: a\r\n\r\n`, 400, /Repeated Host/);
    }
  });

  it("refuses a malformed Host, in any version", () => {
    const hosts = ["a b", "a/", "a?", "u@a", "a\\b", "<a>", "a:b", "a:1:2", "[::1", "a%zz", "a,b c", "\xe4"];
    for (const host of hosts) {
      for (const version of ["HTTP/1.1", "HTTP/1.0"]) {
        refuseHead(`GET / ${version}\r\nHost: ${host}\r\n\r\n`, 400, /Bad Host/);
      }
    }
  });

  it("accepts an empty Host (RFC 9110 §7.2)", () => {
    assert.deepEqual(acceptHead("GET / HTTP/1.1\r\nHost:\r\n\r\n").fields, ["Host", ""]);
  });

  it("replaces Host by the authority of an absolute-form target (RFC 9112 §3.2.2)", () => {
    const head = acceptHead("GET http://b:81/x?y HTTP/1.1\r\nA: 1\r\nhost: a\r\nB: 2\r\n\r\n");
    assert.equal(head.path, "/x?y");
    assert.deepEqual(head.fields, ["A", "1", "host", "b:81", "B", "2"]);
    assert.deepEqual(acceptHead("GET http://b HTTP/1.0\r\n\r\n").fields, ["Host", "b"]);
  });

  it("asks for Host beside an absolute-form target, too", () => {
    refuseHead("GET http://b/ HTTP/1.1\r\n\r\n", 400, /Missing Host/);
    refuseHead("GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400, /Bad Host/);
    refuseHead("GET http://b/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, /Repeated Host/);
  });
});

describe("RequestHeadReader: limits", () => {
  it("answers 414 to a request line of 65537 bytes before the line is complete (row 79)", () => {
    const line = `GET /${"x".repeat(65_537 - 5)}`;
    assert.equal(feedHead(line.slice(0, -1), inOneGo).kind, "incomplete");
    assert.deepEqual(refuseHead(line, 414).message, "URI Too Long");
    refuseHead(`GET ${"x".repeat(65_537)}`, 414);
  });

  it("takes a request line of exactly the limit, however it comes", () => {
    const target = `/${"x".repeat(65_536 - "GET / HTTP/1.1".length)}`;
    assert.equal(acceptHead(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).target, target);
    refuseHead(`GET ${target}x HTTP/1.1\r\nHost: a\r\n\r\n`, 414);
  });

  it("answers 414, not 431, also when the line alone is longer than a whole head may be", () => {
    refuseHead(`GET /${"x".repeat(300_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414);
  });

  it("answers 431 to a field line of 65537 bytes, also before the line is complete (row 80)", () => {
    const line = `A: ${"x".repeat(65_537 - 3)}`;
    const start = "HEAD / HTTP/1.1\r\nHost: a\r\n";
    assert.equal(feedHead(start + line.slice(0, -1), inOneGo).kind, "incomplete");
    const refusal = refuseHead(start + line, 431, /^Line too long$/);
    assert.deepEqual([refusal.requestline, refusal.method], ["HEAD / HTTP/1.1", "HEAD"]);
    refuseHead(withFields(line), 431, /^Line too long$/);
    refuseHead(withFields("x".repeat(65_537)), 431, /^Line too long$/);
  });

  it("takes a field line of exactly the limit, however it comes", () => {
    const value = "x".repeat(65_536 - 3);
    assert.equal(acceptHead(withFields(`A: ${value}`)).fields[3], value);
  });

  it("answers 431 to 101 fields, and takes 100 (row 81)", () => {
    const lines = Array.from({ length: 100 }, (_, i) => `A${i}: ${i}`);
    assert.equal(acceptHead(withFields(...lines.slice(1))).fields.length, 200);
    refuseHead(withFields(...lines), 431, /^Too many headers$/);
  });

  it("answers 431 when all field lines together are too long", () => {
    // Host: a + CRLF has 9 bytes, so 51 are left of 60.
    const fits = [`A: ${"x".repeat(22)}`, `B: ${"x".repeat(19)}`];
    assert.equal(acceptHead(withFields(...fits), SMALL).fields.length, 6);
    refuseHead(withFields(`${fits[0]}x`, fits[1]!), 431, /^Headers too long$/, SMALL);
  });

  it("takes a head of the longest line and the longest fields, with empty lines before it", () => {
    const limits: HeadLimits = { requestLine: 20, field: 20, fields: 3, allFields: 45 };
    const text = `\r\n\r\n\r\nGET /xxxxxx HTTP/1.1\r\nHost: a\r\nA: ${"x".repeat(12)}\r\nB: ${"x".repeat(14)}\r\n\r\n`;
    assert.equal(acceptHead(text, limits).fields.length, 6);
  });

  it("bounds the request line by its own limit, though that of a field is smaller", () => {
    const limits: HeadLimits = { requestLine: 100, field: 10, fields: 4, allFields: 40 };
    assert.equal(acceptHead(`GET /${"x".repeat(50)} HTTP/1.1\r\nHost: a\r\n\r\n`, limits).target.length, 51);
  });

  it("does not let a flood without an end grow: each prefix is refused in time", () => {
    const floods = [
      "x",
      "GET / HTTP/1.1\r\nA: ",
      "GET / HTTP/1.1\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n\r",
      "\r",
    ];
    for (const start of floods) {
      for (const unit of ["x", "x: y\r\n", " ", "\r", "\0"]) {
        const text = start + unit.repeat(Math.ceil(210_000 / unit.length));
        assert.equal(feedHead(text, inOneGo).kind, "refused", JSON.stringify([start, unit]));
      }
    }
  });

  it("reads 64 KiB of one line, and of many, byte by byte", () => {
    const long = `GET /${"x".repeat(65_000)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    assert.equal(feedHead(long, byteByByte).kind, "head");
    const many = withFields(...Array.from({ length: 99 }, (_, i) => `A${i}: ${"x".repeat(650)}`));
    assert.equal(feedHead(many, byteByByte).kind, "head");
  });
});

describe("BadRequestHead", () => {
  it("keeps status, message, explanation and cause", () => {
    const cause = new HTTPRequestError(431, "Too many headers", "Because");
    const error = new BadRequestHead(cause, "GET / HTTP/1.1", "GET");
    assert.ok(error instanceof HTTPRequestError);
    assert.equal(error.name, "BadRequestHead");
    assert.equal(error.status, 431);
    assert.equal(error.message, "Too many headers");
    assert.equal(error.explain, "Because");
    assert.equal(error.cause, cause);
  });
});
