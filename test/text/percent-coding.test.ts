import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { bytesOfName } from "../../src/text/name-bytes.ts";
import { percentDecode, percentEncodeBytes, percentEncodeSegment } from "../../src/text/percent-coding.ts";

describe("percentDecode (RFC 3986 §2.1)", () => {
  const DECODED: [text: string, decoded: string][] = [
    ["", ""],
    ["/a/b.c", "/a/b.c"],
    ["%41", "A"],
    ["%2f%2F", "//"],
    ["%e2%82%ac", "\u20ac"],
    ["%f0%9f%98%80", "\u{1f600}"],
    ["\xe2\x82\xac", "\u20ac"],
    ["\xe2%82\xac", "\u20ac"],
    ["%2541", "%41"],
    ["%00", "\0"],
    ["a+b", "a+b"],
    ["%ef%bb%bfa", "\ufeffa"],
    ["\x7f", "\x7f"],
  ];
  for (const [text, decoded] of DECODED) {
    it(`decodes ${JSON.stringify(text)} to ${JSON.stringify(decoded)}, once`, () => {
      assert.equal(percentDecode(text), decoded);
    });
  }

  for (const text of [
    "%",
    "a%",
    "%4",
    "%zz",
    "%4g",
    "%g4",
    "%%41",
    "% 41",
    "%+1",
    "%-1",
    "%\xb2\xb2",
    "%u0041",
    "a%2",
  ]) {
    it(`finds no name in ${JSON.stringify(text)}: a malformed escape`, () => {
      assert.equal(percentDecode(text), undefined);
    });
  }

  const NOT_UTF8: [text: string, decoded: string][] = [
    ["%ff", "\udcff"],
    ["%80", "\udc80"],
    ["%c0%af", "\udcc0\udcaf"],
    ["%c0%80", "\udcc0\udc80"],
    ["%e2%82", "\udce2\udc82"],
    ["%ed%a0%80", "\udced\udca0\udc80"],
    ["%f5%80%80%80", "\udcf5\udc80\udc80\udc80"],
    ["%e4", "\udce4"],
    ["\xe4", "\udce4"],
    ["a%e2b", "a\udce2b"],
  ];
  for (const [text, decoded] of NOT_UTF8) {
    it(`keeps the bytes of ${JSON.stringify(text)}: not UTF-8 (RFC 3629 §3)`, () => {
      assert.equal(percentDecode(text), decoded);
    });
  }

  it("decodes bytes to a text that holds all of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const text = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
        const decoded = percentDecode(text);
        assert.deepEqual(bytesOfName(decoded!), Buffer.from(bytes));
      }),
    );
  });
});

describe("percentEncodeSegment", () => {
  it("encodes all but the unreserved characters (RFC 3986 §2.3)", () => {
    for (let code = 0; code < 0x80; code++) {
      const character = String.fromCharCode(code);
      const isUnreserved = /[A-Za-z0-9\-._~]/.test(character);
      const expected = isUnreserved ? character : `%${code.toString(16).toUpperCase().padStart(2, "0")}`;
      assert.equal(percentEncodeSegment(character), expected);
    }
  });

  it("encodes what is beyond ASCII as UTF-8", () => {
    assert.equal(percentEncodeSegment("\u20ac\u{1f600}"), "%E2%82%AC%F0%9F%98%80");
  });

  it("replaces half a surrogate pair, as no UTF-8 can hold it", () => {
    assert.equal(percentEncodeSegment("a\ud800b\udc00"), "a%EF%BF%BDb%EF%BF%BD");
  });

  it("is decoded to the name it came from", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const link = percentEncodeSegment(name);
        assert.match(link, /^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
        assert.equal(percentDecode(link), name);
      }),
    );
  });
});

describe("percentEncodeBytes", () => {
  it("encodes bytes beyond ASCII and backslashes, and leaves what is encoded already", () => {
    assert.equal(percentEncodeBytes("/a%20b/\xe9\\c?d=\xff"), "/a%20b/%E9%5Cc?d=%FF");
  });
});
