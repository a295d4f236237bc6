import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isNotModified } from "../../src/files/modified-since.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const TIME = Date.UTC(1994, 10, 6, 8, 49, 37);

describe("isNotModified", () => {
  it("holds for the very second and for later dates (row 45)", () => {
    assert.ok(isNotModified(DATE, undefined, TIME));
    assert.ok(isNotModified("Sun, 06 Nov 1994 09:49:37 GMT", undefined, TIME));
  });

  it("does not hold for earlier dates (row 46)", () => {
    assert.ok(!isNotModified("Sat, 06 Nov 1993 08:49:37 GMT", undefined, TIME));
    assert.ok(!isNotModified("Sun, 06 Nov 1994 08:49:36 GMT", undefined, TIME));
  });

  it("drops parts of a second of the file's time", () => {
    assert.ok(isNotModified(DATE, undefined, TIME + 999.9));
    assert.ok(!isNotModified(DATE, undefined, TIME + 1000));
  });

  it("is ignored beside If-None-Match (row 47; RFC 9110 §13.1.3)", () => {
    assert.ok(!isNotModified(DATE, "*", TIME));
    assert.ok(!isNotModified(DATE, '"x"', TIME));
  });

  it("is ignored where it is absent or no date", () => {
    for (const value of [undefined, "", "yesterday", "0", `${DATE}; length=5`, `${DATE}, ${DATE}`]) {
      assert.ok(!isNotModified(value, undefined, TIME), value);
    }
  });

  it("reads the two older formats as well (RFC 9110 §5.6.7)", () => {
    assert.ok(isNotModified("Sunday, 06-Nov-94 08:49:37 GMT", undefined, TIME));
    assert.ok(isNotModified("Sun Nov  6 08:49:37 1994", undefined, TIME));
  });

  it("reads files older than 1970", () => {
    assert.ok(isNotModified(DATE, undefined, -1));
  });
});
