import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { bodyDecoder } from "../../src/http1/body-decoder.ts";
import { byteByByte, cuts, feedBody, inOneGo, inPieces, readBody, toBytes } from "./feed.ts";
import { textOf } from "../text/text-of.ts";

const CHUNKED = { kind: "chunked" } as const;

/** Asserts that these chunks are that body, and end where the text ends. */
function decodes(text: string, body: string): void {
  assert.deepEqual(readBody(CHUNKED, text), { kind: "body", body, end: text.length }, JSON.stringify(text));
}

function refuses(text: string, status = 400, message = /./): void {
  const result = readBody(CHUNKED, text);
  assert.equal(result.kind, "refused", JSON.stringify(text.slice(0, 100)));
  if (result.kind !== "refused") return;
  assert.equal(result.status, status);
  assert.match(result.message, message);
}

interface Chunk {
  readonly data: string;
  readonly size: (length: number) => string;
  readonly extension: string;
}

const SIZES: ((length: number) => string)[] = [
  (length) => length.toString(16),
  (length) => length.toString(16).toUpperCase(),
  (length) => length.toString(16).padStart(20, "0"),
];
const extension = fc.constantFrom("", ";a", ";a=b", ' ; a = "b;c"', '\t;a;b="\xe4"', ';a="\\""');
const chunks: fc.Arbitrary<Chunk[]> = fc.array(
  fc.record({
    data: textOf("ab0\r\n\0\xff;", { minLength: 1, maxLength: 40 }),
    size: fc.constantFrom(...SIZES),
    extension,
  }),
  { maxLength: 6 },
);
const trailers = fc.array(fc.constantFrom("A: b", "Content-Length: 5", "Transfer-Encoding: chunked", "X:"), {
  maxLength: 3,
});

function encode(parts: readonly Chunk[], lastExtension: string, trailerLines: readonly string[]): string {
  const body = parts.map(({ data, size, extension }) => `${size(data.length)}${extension}\r\n${data}\r\n`);
  return `${body.join("")}0${lastExtension}\r\n${trailerLines.map((line) => `${line}\r\n`).join("")}\r\n`;
}

describe("bodyDecoder: none and length (RFC 9112 §6.2, §6.3)", () => {
  it("has no decoder where there is no body", () => {
    assert.equal(bodyDecoder({ kind: "none" }), undefined);
    assert.equal(bodyDecoder({ kind: "length", length: 0 }), undefined);
  });

  it("gives exactly as many bytes as announced, and leaves the rest", () => {
    assert.deepEqual(readBody({ kind: "length", length: 5 }, "ab\r\nc"), {
      kind: "body",
      body: "ab\r\nc",
      end: 5,
    });
    assert.deepEqual(feedBody({ kind: "length", length: 3 }, "abcdef", inOneGo), {
      kind: "body",
      body: "abc",
      end: 3,
    });
  });

  it("is not done before the last byte, and takes nothing after it", () => {
    const decoder = bodyDecoder({ kind: "length", length: 3 })!;
    assert.equal(decoder.done, false);
    assert.deepEqual(decoder.take(toBytes("ab"), 0), { bytes: toBytes("ab"), next: 2 });
    assert.equal(decoder.done, false);
    assert.deepEqual(decoder.take(toBytes("abcd"), 2), { bytes: toBytes("c"), next: 3 });
    assert.equal(decoder.done, true);
    assert.deepEqual(decoder.take(toBytes("abcd"), 3), { bytes: toBytes(""), next: 3 });
  });

  it("leaves a body that ends early incomplete (RFC 9112 §8)", () => {
    assert.deepEqual(readBody({ kind: "length", length: 5 }, "abcd"), { kind: "incomplete", body: "abcd" });
    const huge = { kind: "length", length: 999_999_999_999_999 } as const;
    assert.deepEqual(readBody(huge, "abcd"), { kind: "incomplete", body: "abcd" });
  });

  it("gives the same body wherever it is cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", minLength: 1 }), cuts, (body, places) => {
        const framing = { kind: "length", length: body.length } as const;
        assert.deepEqual(feedBody(framing, `${body}more`, inPieces(places)), {
          kind: "body",
          body,
          end: body.length,
        });
      }),
    );
  });

  it("gives views on the input and copies nothing", () => {
    const input = toBytes("5\r\nabcde\r\n0\r\n\r\n");
    const decoder = bodyDecoder(CHUNKED)!;
    const { next } = decoder.take(input, 0);
    assert.equal(decoder.take(input, next).bytes.buffer, input.buffer);
  });
});

describe("bodyDecoder: chunked, what is accepted (RFC 9112 §7.1)", () => {
  const ACCEPTED: [rule: string, text: string, body: string][] = [
    ["an empty body", "0\r\n\r\n", ""],
    ["one chunk", "5\r\nabcde\r\n0\r\n\r\n", "abcde"],
    [
      "hexadecimal sizes in any case",
      "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
      "01234567890123456789a",
    ],
    ["leading zeros", "0005\r\nabcde\r\n0000\r\n\r\n", "abcde"],
    ["data that looks like chunks", "7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n\r\n"],
    ["unknown extensions, which are ignored (§7.1.1)", '5;a;b=c;d="e"\r\nabcde\r\n0;x\r\n\r\n', "abcde"],
    ["white space round the semicolon (§7.1.1)", "5 \t; a = b\r\nabcde\r\n0\r\n\r\n", "abcde"],
    ["bytes above 0x7f in a quoted extension", '5;a="\xe4"\r\nabcde\r\n0\r\n\r\n', "abcde"],
    ["trailers, which are dropped (§7.1.2)", "1\r\na\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n", "a"],
  ];
  for (const [rule, text, body] of ACCEPTED) {
    it(`reads ${rule}`, () => {
      decodes(text, body);
    });
  }

  it("decodes what an encoder writes, with any sizes, extensions and trailers", () => {
    fc.assert(
      fc.property(chunks, extension, trailers, (parts, lastExtension, trailerLines) => {
        decodes(encode(parts, lastExtension, trailerLines), parts.map(({ data }) => data).join(""));
      }),
    );
  });

  it("does not mind where the bytes are cut", () => {
    fc.assert(
      fc.property(chunks, trailers, cuts, (parts, trailerLines, places) => {
        const text = encode(parts, "", trailerLines);
        assert.deepEqual(
          feedBody(CHUNKED, `${text}behind`, inPieces(places)),
          feedBody(CHUNKED, text, inOneGo),
        );
      }),
    );
  });

  it("never finds a body in one way of arrival and refuses it in another, whatever comes", () => {
    const unit = fc.constantFrom("0", "1", "5", "a", ";", " ", "\r\n", "\r", "\n", ":", "\r\n0\r\n\r\n", "x");
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 15 }), cuts, (units, places) => {
        const text = units.join("");
        const whole = readBody(CHUNKED, text);
        const cut = feedBody(CHUNKED, text, inPieces(places));
        if (whole.kind === "refused") assert.equal(cut.kind, "refused");
        else assert.deepEqual(cut, whole);
      }),
      { numRuns: 1000 },
    );
  });

  it("is incomplete at every place before the end (RFC 9112 §8)", () => {
    const text = "5;a=b\r\nabcde\r\n0\r\nA: b\r\n\r\n";
    for (let end = 0; end < text.length; end++) {
      assert.equal(
        readBody(CHUNKED, text.slice(0, end)).kind,
        "incomplete",
        JSON.stringify(text.slice(0, end)),
      );
    }
  });

  it("gives the bytes of a chunk before the chunk is complete", () => {
    assert.deepEqual(readBody(CHUNKED, "5\r\nabc"), { kind: "incomplete", body: "abc" });
  });

  it("takes nothing after its end", () => {
    const decoder = bodyDecoder(CHUNKED)!;
    const input = toBytes("0\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
    let at = 0;
    while (!decoder.done) at = decoder.take(input, at).next;
    assert.equal(at, 5);
    assert.deepEqual(decoder.take(input, at), { bytes: toBytes(""), next: 5 });
  });

  it("takes a size of 13 hexadecimal digits exactly", () => {
    assert.equal(readBody(CHUNKED, "fffffffffffff\r\nabc").kind, "incomplete");
  });

  it("reads 64 KiB byte by byte", () => {
    const body = "x".repeat(65_536);
    const text = `10000\r\n${body}\r\n0\r\n\r\n`;
    assert.deepEqual(feedBody(CHUNKED, text, byteByByte), { kind: "body", body, end: text.length });
    const ones = `${"1\r\nx\r\n".repeat(10_000)}0\r\n\r\n`;
    assert.equal(feedBody(CHUNKED, ones, byteByByte).kind, "body");
  });
});

describe("bodyDecoder: chunked, what is refused (RFC 9112 §7.1, §11.2)", () => {
  const SIZE_LINES = [
    "",
    " 5",
    "\t5",
    "5 ",
    "5\t",
    "+5",
    "-5",
    "0x5",
    "0X5",
    "5h",
    "g",
    "5_0",
    "5.",
    "5,5",
    "5 5",
    "x",
    "\0",
    "5\0",

    "5\r",
    "\r5",
    "5;",
    "5;;a",
    "5;a;",
    "5;=b",
    "5;a=",
    "5;a ",
    "5;a b",
    "5;a=b c",
    '5;a=b"',
    '5;a="b',
    '5;a="b"c',
    "5;\xe4",
    "5;a=\xe4",
    "5;a\rb",
    "5;a\0b",
    "5;\x7f",
    "5;\x01",
    "5 a",
    "5=a",
    '"5"',
    "\xb5",
    "5\x0b;a",
    "-0",
    "+0",
    ";a",
  ];
  for (const line of SIZE_LINES) {
    it(`refuses ${JSON.stringify(line)} as a chunk size line`, () => {
      refuses(`${line}\r\nabcde\r\n0\r\n\r\n`);
    });
  }

  it("refuses a size that would lose precision or wrap", () => {
    for (const size of [
      "10000000000000",
      "20000000000001",
      "10000000000000005",
      "f".repeat(17),
      "f".repeat(4000),
    ]) {
      refuses(`${size}\r\nabcde\r\n0\r\n\r\n`, 400, /too large/);
      refuses(`0000${size}\r\nabcde\r\n0\r\n\r\n`, 400, /too large/);
    }
  });

  const LINE_ENDS: [what: string, text: string][] = [
    ["a bare LF behind the size", "5\nabcde\r\n0\r\n\r\n"],
    ["a bare LF behind an extension", "5;a\nabcde\r\n0\r\n\r\n"],
    ["an empty size line with a bare LF", "\n5\r\nabcde\r\n0\r\n\r\n"],
    ["a bare LF behind the data", "5\r\nabcde\n0\r\n\r\n"],
    ["a bare CR behind the data", "5\r\nabcde\r0\r\n\r\n"],
    ["a CR and another byte in place of CRLF", "5\r\nabcde\rx0\r\n\r\n"],
    ["nothing behind the data", "5\r\nabcde0\r\n\r\n"],
    ["data longer than its size", "5\r\nabcdef\r\n0\r\n\r\n"],
    ["data shorter than its size", "5\r\nabcd\r\n0\r\n\r\n"],
    ["two line ends behind the data", "5\r\nabcde\r\n\r\n0\r\n\r\n"],
    ["a bare LF behind the last chunk", "0\n\r\n"],
    ["a bare LF for the last line", "0\r\n\n"],
    ["a bare CR for the last line", "0\r\n\rx"],
  ];
  for (const [what, text] of LINE_ENDS) {
    it(`refuses ${what}`, () => {
      refuses(text);
    });
  }

  it("refuses a bad size before its line is complete", () => {
    for (const text of ["x", "5 x", "5\rx", "\r", " ", "-"]) refuses(text);
  });

  it("bounds the size line with its extensions, complete or not", () => {
    // 4096 bytes with the CR
    decodes(`1;${"x".repeat(4093)}\r\na\r\n0\r\n\r\n`, "a");
    refuses(`1;${"x".repeat(4094)}\r\na\r\n0\r\n\r\n`, 400, /too long/);
    refuses(`1;${"x".repeat(10_000)}`, 400, /too long/);
    refuses("0".repeat(10_000), 400, /too long/);
    refuses(`0;${"x".repeat(10_000)}\r\n\r\n`, 400, /too long/);
  });

  it("bounds all size lines together by the data that they bring (CVE-2023-39326)", () => {
    // "1;", 1000 x and CRLF are 1004 bytes, of which 16, and two for the byte of data, are free.
    const chunk = `1;${"x".repeat(1000)}\r\na\r\n`;
    decodes(`${chunk.repeat(16)}0\r\n\r\n`, "a".repeat(16));
    refuses(`${chunk.repeat(17)}0\r\n\r\n`, 400, /Chunk extensions too long/);
    // What a chunk does not use of its line's length is not saved up for later.
    refuses(`ffff\r\n${"b".repeat(0xffff)}\r\n${chunk.repeat(17)}0\r\n\r\n`, 400, /Chunk extensions/);
    // A signature with each chunk, as S3 has it, never comes near.
    const signed = `400;chunk-signature=${"0".repeat(64)}\r\n${"c".repeat(1024)}\r\n`;
    decodes(`${signed.repeat(300)}0;chunk-signature=${"0".repeat(64)}\r\n\r\n`, "c".repeat(300 * 1024));
  });

  const TRAILERS = [
    "A",
    "A : b",
    ": b",
    " A: b",
    "A: b\n",
    "A: b\rc",
    "A: \0",
    "A\0: b",
    "A: b\r\n c",
    "A b: c",
    "\xc4: b",
    "GET / HTTP/1.1",
  ];
  for (const trailer of TRAILERS) {
    it(`refuses ${JSON.stringify(trailer)} as a trailer (RFC 9112 §7.1.2)`, () => {
      refuses(`1\r\na\r\n0\r\n${trailer}\r\n\r\n`);
    });
  }

  it("answers 431 to trailers that are too long or too many", () => {
    // 7 characters of the 16 384 are "A: ", the end of the line and the empty line.
    decodes(`0\r\nA: ${"x".repeat(16_384 - 7)}\r\n\r\n`, "");
    refuses(`0\r\nA: ${"x".repeat(16_384 - 6)}\r\n\r\n`, 431);
    refuses(`0\r\nA: ${"x".repeat(20_000)}`, 431);
    refuses(`0\r\n${`A: ${"x".repeat(500)}\r\n`.repeat(40)}\r\n`, 431);
    decodes(`0\r\n${"A: b\r\n".repeat(100)}\r\n`, "");
    refuses(`0\r\n${"A: b\r\n".repeat(101)}\r\n`, 431);
  });
});
