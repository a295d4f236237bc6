import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contentDisposition } from "../../src/text/content-disposition.ts";
import { isFieldValue } from "../../src/text/field-value.ts";

describe("contentDisposition (RFC 6266)", () => {
  it("quotes a plain name", () => {
    assert.equal(contentDisposition("a b;c.zip"), 'attachment; filename="a b;c.zip"');
  });

  it("gives a name beyond ASCII twice: for those who know no better, and in UTF-8 (RFC 8187 §3.2)", () => {
    assert.equal(
      contentDisposition("ä€😀.zip"),
      `attachment; filename="____.zip"; filename*=UTF-8''%C3%A4%E2%82%AC%F0%9F%98%80.zip`,
    );
  });

  it("lets no name end its quotes, hide an escape or split the field", () => {
    assert.equal(
      contentDisposition(`a"b\\c%41'(*).zip`),
      `attachment; filename="a_b_c_41'(*).zip"; filename*=UTF-8''a%22b%5Cc%2541%27%28%2A%29.zip`,
    );
    for (const name of ["a\r\nSet-Cookie: b", "a\0b", "\ud800", "\u202egnp.exe"])
      assert.ok(isFieldValue(contentDisposition(name)), JSON.stringify(name));
  });
});
