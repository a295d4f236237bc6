import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { parseFieldLines } from "../../src/http1/field-lines.ts";
import { textOf } from "../text/text-of.ts";

const LIMITS = { field: 100, fields: 5 };
const TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function parse(text: string, limits = LIMITS): string[] {
  const fields: string[] = [];
  assert.equal(parseFieldLines(text, 0, fields, limits), text.length, JSON.stringify(text));
  return fields;
}

function refuses(text: string, status = 400, message = /./): void {
  assert.throws(
    () => parseFieldLines(text, 0, [], LIMITS),
    { name: "HTTPRequestError", status, message },
    JSON.stringify(text),
  );
}

/** A value as it may stand between the blanks: RFC 9110 §5.5, with the bytes from 0x80 up. */
const VCHAR = Array.from({ length: 256 }, (_, code) => code).filter((code) => code > 0x20 && code !== 0x7f);
const token = textOf(TCHAR, { minLength: 1, maxLength: 20 });
const value = fc
  .string({
    unit: fc.constantFrom(" ", "\t", ...VCHAR.map((code) => String.fromCharCode(code))),
    maxLength: 40,
  })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));
const blanks = fc.string({ unit: fc.constantFrom(" ", "\t"), maxLength: 3 });

describe("parseFieldLines", () => {
  it("reads names and values, and ends behind the empty line (RFC 9112 §5)", () => {
    assert.deepEqual(parse("A: b\r\nC-d:e\r\nA:\r\n\r\n"), ["A", "b", "C-d", "e", "A", ""]);
    assert.deepEqual(parse("\r\n"), []);
  });

  it("begins where it is told and stops at the end of the section", () => {
    const fields: string[] = [];
    assert.equal(parseFieldLines("junkA: b\r\n\r\nC: d\r\n\r\n", 4, fields, LIMITS), 12);
    assert.deepEqual(fields, ["A", "b"]);
  });

  it("reads back any fields that are written by the grammar (RFC 9110 §5.1, §5.5, §5.6.3)", () => {
    const line = fc.tuple(token, blanks, value, blanks);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const text = lines
          .map(([name, before, content, behind]) => `${name}:${before}${content}${behind}\r\n`)
          .join("");
        assert.deepEqual(
          parse(`${text}\r\n`),
          lines.flatMap(([name, , content]) => [name, content]),
        );
      }),
    );
  });

  it("asks for more at every place but the end", () => {
    const text = "A: b \r\nC:\r\n\r\n";
    for (let end = 0; end < text.length; end++) {
      assert.equal(
        parseFieldLines(text.slice(0, end), 0, [], LIMITS),
        undefined,
        JSON.stringify(text.slice(0, end)),
      );
    }
  });

  it("allows in a name the characters of a token and nothing else (RFC 9110 §5.6.2)", () => {
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      if (TCHAR.includes(character)) assert.equal(parse(`A${character}B: c\r\n\r\n`)[0], `A${character}B`);
      else if (character !== ":") refuses(`A${character}B: c\r\n\r\n`);
    }
  });

  it("allows in a value what is visible, SP, HTAB and bytes from 0x80 up (RFC 9110 §5.5)", () => {
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      const isAllowed = code === 0x09 || (code >= 0x20 && code !== 0x7f);
      if (isAllowed) assert.equal(parse(`A: b${character}c\r\n\r\n`)[1], `b${character}c`);
      else refuses(`A: b${character}c\r\n\r\n`);
    }
  });

  const REFUSED: [what: string, text: string][] = [
    ["a blank before the colon (RFC 9112 §5.1)", "A : b\r\n\r\n"],
    ["a tab before the colon (RFC 9112 §5.1)", "A\t: b\r\n\r\n"],
    ["an empty name", ": b\r\n\r\n"],
    ["a line without colon", "A\r\n\r\n"],
    ["a folded line (RFC 9112 §5.2)", "A: b\r\n c\r\n\r\n"],
    ["a line folded with a tab", "A: b\r\n\tc\r\n\r\n"],
    ["a fold of nothing but blanks", "A: b\r\n \r\n\r\n"],
    ["a blank before the first field (RFC 9112 §2.2)", " A: b\r\n\r\n"],
    ["a bare LF behind a value", "A: b\nC: d\r\n\r\n"],
    ["a bare LF behind an empty value", "A:\nC: d\r\n\r\n"],
    ["a bare LF for the empty line", "A: b\r\n\n"],
    ["a bare CR in a value", "A: b\rc\r\n\r\n"],
    ["a bare CR for the empty line", "A: b\r\n\rC: d\r\n\r\n"],
    ["a CR too many", "A: b\r\r\n\r\n"],
    ["a NUL", "A: \0\r\n\r\n"],
    ["a name in quotes", '"A": b\r\n\r\n'],
    ["a name with a byte above 0x7f", "\xc4: b\r\n\r\n"],
  ];
  for (const [what, text] of REFUSED) {
    it(`refuses ${what}`, () => {
      refuses(text);
    });
  }

  it("answers 431 to a line longer than the limit, complete or not, and takes one as long as it", () => {
    for (const line of [`A: ${"x".repeat(97)}`, "x".repeat(99) + ":", `A:${" ".repeat(98)}`]) {
      assert.equal(parse(`${line}\r\n\r\n`).length, 2);
      const name = line.endsWith(":") ? `x${line}` : line;
      const longer = name === line ? `${line}${line.at(-1)!}` : name;
      refuses(`${longer}\r\n\r\n`, 431, /^Line too long$/);
      refuses(longer, 431, /^Line too long$/);
    }
  });

  it("answers 431 to a field too many, as soon as it begins", () => {
    assert.equal(parse(`${"A: b\r\n".repeat(5)}\r\n`).length, 10);
    refuses(`${"A: b\r\n".repeat(6)}\r\n`, 431, /^Too many headers$/);
    refuses(`${"A: b\r\n".repeat(5)}A`, 431, /^Too many headers$/);
  });
});
