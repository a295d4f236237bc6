import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { decideRequestFraming, decideResponseFraming, parseContentLength } from "../../src/http1/framing.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";
import { textOf } from "../text/text-of.ts";

function lengths(...values: string[]): HTTPMessage {
  return new HTTPMessage(values.flatMap((value) => ["Content-Length", value]));
}

function codings(...values: string[]): HTTPMessage {
  return new HTTPMessage(values.flatMap((value) => ["Transfer-Encoding", value]));
}

function refuses(fields: HTTPMessage, status: number, message: RegExp, minor = 1): void {
  const expected = { name: "HTTPRequestError", status, message };
  assert.throws(() => decideRequestFraming(fields, minor), expected, JSON.stringify([...fields]));
}

describe("decideRequestFraming: Content-Length (RFC 9112 §6.2, §6.3)", () => {
  it("finds no body where neither field is, whatever the version (§6.3)", () => {
    for (const minor of [-1, 0, 1]) {
      assert.deepEqual(decideRequestFraming(new HTTPMessage(["Host", "a"]), minor), { kind: "none" });
    }
  });

  it("takes digits, with leading zeros too (RFC 9110 §8.6)", () => {
    for (const [value, length] of [
      ["0", 0],
      ["5", 5],
      ["007", 7],
      ["999999999999999", 999_999_999_999_999],
    ] as const) {
      assert.deepEqual(decideRequestFraming(lengths(value), 1), { kind: "length", length });
    }
  });

  const MALFORMED = [
    "",
    "+5",
    "-5",
    "-0",
    "0x5",
    "0b1",
    "1_0",
    "5, 5",
    "5,5",
    "5, 6",
    "5,",
    ",5",
    "5 5",
    "5;",
    "5.0",
    "5e0",
    "1e3",
    "Infinity",
    "NaN",
    "five",
    "5L",
    "0X5",
    "'5'",
    '"5"',
    "5\x00",
    "\xb2",
    "\xb5",
    "5\xa0",
    " 5",
    "5\t",
    "1000000000000000",
    "9007199254740993",
    "18446744073709551616",
    "4294967296".repeat(20),
  ];
  for (const value of MALFORMED) {
    it(`refuses ${JSON.stringify(value)} as a length`, () => {
      refuses(lengths(value), 400, /^Bad Content-Length$/);
    });
  }

  it("refuses a repeated length, also when the two are equal (RFC 9112 §6.3)", () => {
    refuses(lengths("5", "5"), 400, /^Repeated Content-Length$/);
    refuses(lengths("5", "6"), 400, /^Repeated Content-Length$/);
    refuses(new HTTPMessage(["content-length", "0", "A", "b", "CONTENT-LENGTH", "5"]), 400, /^Repeated/);
    refuses(lengths("0", ""), 400, /^Repeated Content-Length$/);
  });
});

describe("decideRequestFraming: Transfer-Encoding (RFC 9112 §6.1, §6.3)", () => {
  it("takes a single chunked, in any case", () => {
    for (const value of ["chunked", "CHUNKED", "Chunked", "cHuNkEd"]) {
      assert.deepEqual(decideRequestFraming(codings(value), 1), { kind: "chunked" });
    }
  });

  it("refuses both Content-Length and Transfer-Encoding, in either order and any version (§6.1)", () => {
    for (const minor of [-1, 0, 1, 2]) {
      refuses(new HTTPMessage(["Content-Length", "5", "Transfer-Encoding", "chunked"]), 400, /^Both/, minor);
      refuses(new HTTPMessage(["Transfer-Encoding", "chunked", "Content-Length", "5"]), 400, /^Both/, minor);
      refuses(new HTTPMessage(["Transfer-Encoding", "x", "Content-Length", "x"]), 400, /^Both/, minor);
    }
  });

  it("refuses Transfer-Encoding in HTTP/1.0 (§6.1)", () => {
    refuses(codings("chunked"), 400, /HTTP\/1\.0/, 0);
    refuses(codings("chunked"), 400, /HTTP\/1\.0/, -1);
  });

  const NOT_LAST = [
    "gzip",
    "identity",
    "x-unknown",
    "chunked, gzip",
    "chunked, identity",
    "gzip, chunked, gzip",
    "chunked,",
    "",

    "chunked;a=b",
    "chunked; q=1",
    "xchunked",
    "chunkedx",
    "chunk ed",
    '"chunked"',
    "\xa0chunked",
    "chunked\xa0",
    "chunked\0",
    "\x0bchunked",
    ",",
    "chunked ; x",
  ];
  for (const value of NOT_LAST) {
    it(`refuses ${JSON.stringify(value)} with 400, because chunked is not the last coding (§6.3)`, () => {
      refuses(codings(value), 400, /^Transfer-Encoding does not end in chunked$/);
    });
  }

  it("refuses chunked twice, or with an empty member before it, with 400 (§7.1: MUST NOT apply chunked more than once)", () => {
    refuses(codings("chunked, chunked"), 400, /^Bad Transfer-Encoding$/);
    refuses(codings("chunked", "chunked"), 400, /^Bad Transfer-Encoding$/);
    refuses(codings(", chunked"), 400, /^Bad Transfer-Encoding$/);
    refuses(codings("", "chunked"), 400, /^Bad Transfer-Encoding$/);
  });

  it("answers 501 to a coding it does not know before chunked (§6.1)", () => {
    for (const value of ["gzip, chunked", "x-a;b=c,chunked", "identity, chunked", "chunked, gzip, chunked"]) {
      refuses(codings(value), 501, /^Unsupported transfer coding$/);
    }
    refuses(codings("gzip", "chunked"), 501, /^Unsupported transfer coding$/);
  });

  it("reads several fields as one list", () => {
    refuses(codings("chunked", "gzip"), 400, /does not end in chunked/);
  });
});

describe("parseContentLength", () => {
  it("reads what a number prints, and prints what it reads", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), (length) => {
        assert.equal(parseContentLength(String(length)), length);
      }),
    );
  });

  it("reads digits and nothing else", () => {
    fc.assert(
      fc.property(textOf("0123456789+-_xe., \t\n\0", { maxLength: 17 }), (text) => {
        const isLength =
          text !== "" &&
          text.length <= 15 &&
          text.split("").every((character) => character >= "0" && character <= "9");
        assert.equal(parseContentLength(text), isLength ? Number(text) : undefined);
      }),
    );
  });
});

describe("decideResponseFraming (RFC 9112 §6.3)", () => {
  it("sends no body with HEAD, 1xx, 204 and 304, whatever the length says", () => {
    for (const length of [undefined, 0, 5]) {
      assert.deepEqual(decideResponseFraming("HEAD", 200, length, true), { kind: "none" });
      for (const status of [100, 101, 103, 199, 204, 304]) {
        assert.deepEqual(
          decideResponseFraming("GET", status, length, true),
          { kind: "none" },
          String(status),
        );
      }
    }
  });

  it("takes the length where there is one", () => {
    assert.deepEqual(decideResponseFraming("GET", 200, 0, true), { kind: "length", length: 0 });
    assert.deepEqual(decideResponseFraming("POST", 404, 5, false), { kind: "length", length: 5 });
  });

  it("else sends chunks to who understands them, and ends with the connection for others (§7.1)", () => {
    assert.deepEqual(decideResponseFraming("GET", 200, undefined, true), { kind: "chunked" });
    assert.deepEqual(decideResponseFraming("GET", 200, undefined, false), { kind: "close" });
  });

  it("has a 2xx to CONNECT last until the connection ends, whatever the length says (rule 2)", () => {
    for (const length of [undefined, 0, 5]) {
      assert.deepEqual(decideResponseFraming("CONNECT", 200, length, true), { kind: "close" });
      assert.deepEqual(decideResponseFraming("CONNECT", 299, length, true), { kind: "close" });
    }
    assert.deepEqual(decideResponseFraming("CONNECT", 204, undefined, true), { kind: "none" });
    assert.deepEqual(decideResponseFraming("CONNECT", 404, 5, true), { kind: "length", length: 5 });
    assert.deepEqual(decideResponseFraming("CONNECT", 501, undefined, true), { kind: "chunked" });
  });

  it("takes head for another method than HEAD (RFC 9110 §9.1)", () => {
    assert.deepEqual(decideResponseFraming("head", 200, 5, true), { kind: "length", length: 5 });
  });
});
