import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { makeVisible } from "../../src/text/visible.ts";
import { textOf } from "./text-of.ts";

describe("makeVisible", () => {
  it("writes control characters as the original does (row 67 of its tests)", () => {
    assert.equal(makeVisible("\x1b \x00 \x7f \x9f \x07"), "\\x1b \\x00 \\x7f \\x9f \\x07");
  });

  it("doubles the backslash, so that no escape can be forged", () => {
    assert.equal(makeVisible("\\x0a"), "\\\\x0a");
    assert.equal(makeVisible("\\\n"), "\\\\\\x0a");
  });

  it("keeps one entry on one line", () => {
    assert.equal(makeVisible('a\r\n127.0.0.1 "GET /'), 'a\\x0d\\x0a127.0.0.1 "GET /');
  });

  it("leaves everything else", () => {
    for (const text of ["", "GET /\xa0\xe4\u20ac\u{1f600} HTTP/1.1", "\"quotes' <>"]) {
      assert.equal(makeVisible(text), text);
    }
  });

  it("writes what turns text round, so that a line reads as it is", () => {
    assert.equal(makeVisible("\u202egnp.exe"), "\\u202egnp.exe");
    assert.equal(makeVisible("\u061c\u200e\u200f\u2066\u2069"), "\\u061c\\u200e\\u200f\\u2066\\u2069");
    // The joiners of Persian, Hindi and emoji turn nothing.
    assert.equal(makeVisible("\u200c\u200d"), "\u200c\u200d");
  });

  it("leaves exactly what holds no control character and no backslash", () => {
    fc.assert(
      fc.property(textOf("aZ ~\\\x1f\x20\x7e\x7f\x80\x9f\xa0\xff\u2028\u202e\u200f\u061c"), (text) => {
        assert.equal(makeVisible(text) === text, !/[\p{Cc}\p{Bidi_Control}\\]/u.test(text));
      }),
    );
  });

  it("leaves no control character, and reads back as it was", () => {
    fc.assert(
      fc.property(textOf("\\xu0a1b\n\r\x1b\0\x7f\x80\x9f\xa0\u202e\u061c"), (text) => {
        const visible = makeVisible(text);
        assert.doesNotMatch(visible, /[\p{Cc}\p{Bidi_Control}]/u);
        const back = visible.replace(
          /\\(?:\\|x([0-9a-f]{2})|u([0-9a-f]{4}))/g,
          (_, two: string | undefined, four: string | undefined) =>
            two === undefined && four === undefined
              ? "\\"
              : String.fromCharCode(Number.parseInt((two ?? four)!, 16)),
        );
        assert.equal(back, text);
      }),
    );
  });
});
