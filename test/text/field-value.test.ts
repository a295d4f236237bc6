import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { isFieldValue, tokenList, trimOptionalWhitespace } from "../../src/text/field-value.ts";
import { textOf } from "./text-of.ts";

describe("isFieldValue (RFC 9110 §5.5)", () => {
  it("allows HTAB, SP, what is visible, and bytes from 0x80 up", () => {
    for (let code = 0; code < 256; code++) {
      const isAllowed = code === 0x09 || (code >= 0x20 && code !== 0x7f);
      assert.equal(isFieldValue(`a${String.fromCharCode(code)}b`), isAllowed, code.toString(16));
    }
  });

  it("allows the empty value", () => {
    assert.equal(isFieldValue(""), true);
  });

  it("refuses what is no byte: Latin-1 would cut it to CR, LF or NUL", () => {
    for (const text of ["\u0100", "\u010a", "\u010d", "\u560a", "\u{1f600}", "\ud800"]) {
      assert.equal(isFieldValue(text), false);
    }
  });
});

describe("trimOptionalWhitespace (RFC 9110 §5.6.3)", () => {
  it("removes SP and HTAB at both ends", () => {
    assert.equal(trimOptionalWhitespace(" \t a b\tc \t"), "a b\tc");
    assert.equal(trimOptionalWhitespace(" \t "), "");
    assert.equal(trimOptionalWhitespace(""), "");
  });

  it("removes nothing else: other servers would not", () => {
    for (const text of ["\xa0a\xa0", "\x0ba\x0b", "\x0ca\x0c", "\ra\r", "\na\n", "\x85a\x85", "\ufeffa"]) {
      assert.equal(trimOptionalWhitespace(text), text);
    }
  });

  it("leaves in the middle whatever stands there", () => {
    const blanks = fc.string({ unit: fc.constantFrom(" ", "\t") });
    const middle = fc.string({ unit: "binary-ascii" }).map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));
    fc.assert(
      fc.property(blanks, middle, blanks, (before, text, behind) => {
        assert.equal(trimOptionalWhitespace(before + text + behind), text);
      }),
    );
  });
});

describe("tokenList (RFC 9110 §5.6.1)", () => {
  const LISTS: [value: string, members: string[]][] = [
    ["close", ["close"]],
    ["Keep-Alive, TE", ["keep-alive", "te"]],
    ["a ,\tb\t,c", ["a", "b", "c"]],
    [",, a,,b ,", ["a", "b"]],
    ["", []],
    [" , ", []],
    ["a b", ["a b"]],
  ];
  for (const [value, members] of LISTS) {
    it(`reads ${JSON.stringify(value)} as ${JSON.stringify(members)}`, () => {
      assert.deepEqual(tokenList(value), members);
    });
  }

  it("reads back any list that is written by the grammar", () => {
    const member = textOf("ab-1", { minLength: 1 });
    const separator = fc.constantFrom(",", ", ", " ,\t", ",,", ", ,");
    fc.assert(
      fc.property(fc.array(fc.tuple(member, separator)), (parts) => {
        const text = parts.flat().join("");
        assert.deepEqual(
          tokenList(text.toUpperCase()),
          parts.map(([name]) => name),
        );
      }),
    );
  });
});
