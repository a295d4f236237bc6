import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import { IS_TOKEN_CHAR, isToken } from "../../src/text/token.ts";
import { textOf } from "./text-of.ts";

// tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
const TCHAR = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;

describe("isToken (RFC 9110 §5.6.2)", () => {
  it("knows each of the 256 characters", () => {
    for (let code = 0; code < 256; code++) {
      const character = String.fromCharCode(code);
      assert.equal(isToken(character), TCHAR.test(character), JSON.stringify(character));
      assert.equal(IS_TOKEN_CHAR[code], TCHAR.test(character) ? 1 : 0);
    }
  });

  it("refuses the empty string and characters beyond Latin-1", () => {
    for (const text of ["", "\u0141", "a\u20ac", "\u212a", "\u{1f600}"])
      assert.equal(isToken(text), false, text);
  });

  it("is true when every character is a tchar and there is one", () => {
    fc.assert(
      fc.property(textOf('aZ09!~|("/: \t\xe4'), (text) => {
        assert.equal(
          isToken(text),
          text !== "" && text.split("").every((character) => TCHAR.test(character)),
        );
      }),
    );
  });
});
