import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytesOfName, textOfName } from "../../src/text/name-bytes.ts";
import { percentDecode, percentEncodePath, percentEncodeSegment } from "../../src/text/percent-coding.ts";

const bytes = fc.uint8Array({ maxLength: 24 });

describe("textOfName", () => {
  it("leaves UTF-8 as it is, and makes lone surrogates of all other bytes (PEP 383)", () => {
    assert.equal(textOfName(Buffer.from("a\u20ac\u{1f600}")), "a\u20ac\u{1f600}");
    assert.equal(textOfName(Buffer.from([0x61, 0xff, 0xc3, 0xa4, 0xc3])), "a\udcff\u00e4\udcc3");
    // Overlong, half of a surrogate pair, beyond the last character.
    assert.equal(textOfName(Buffer.from([0xc0, 0xaf])), "\udcc0\udcaf");
    assert.equal(textOfName(Buffer.from([0xed, 0xb2, 0x80])), "\udced\udcb2\udc80");
    assert.equal(textOfName(Buffer.from([0xf4, 0x90, 0x80, 0x80])), "\udcf4\udc90\udc80\udc80");
  });

  it("makes another text of each name, and bytesOfName gives the very bytes back", () => {
    fc.assert(fc.property(bytes, (name) => assert.deepEqual([...bytesOfName(textOfName(name))], [...name])));
  });

  it("takes no longer for 64 KiB of bytes that are no UTF-8 than for text", { timeout: 30_000 }, () => {
    // One step for each byte, or the test does not end in its time: it took a thrown error each.
    for (const piece of [[0xff], [0xf0], [0xf0, 0x9f], [0xe2, 0x82], [0x61, 0xff], [0x80]]) {
      const name = Buffer.alloc(65_536, Buffer.from(piece));
      for (let i = 0; i < 50; i++) {
        const text = textOfName(name);
        assert.ok(!text.includes("\ufffd"));
        assert.ok(bytesOfName(text).equals(name));
      }
    }
  });

  it("does not take a byte behind a pair for the pair's second half", () => {
    const name = Buffer.concat([Buffer.from("\u{1f600}"), Buffer.from([0x80])]);
    assert.deepEqual(bytesOfName(textOfName(name)), name);
  });
});

describe("the link to a name", () => {
  it("is exact to the byte, whatever the bytes are", () => {
    fc.assert(
      fc.property(bytes, (name) => {
        const link = percentEncodeSegment(textOfName(name));
        assert.match(link, /^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
        assert.deepEqual([...bytesOfName(percentDecode(link)!)], [...name]);
      }),
    );
  });

  it("keeps the slashes of a path, and encodes those of Windows", () => {
    assert.equal(percentEncodePath("/a b/\\c/\udcff/"), "/a%20b/%5Cc/%FF/");
  });
});
