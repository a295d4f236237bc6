import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Expectation, readExpectation } from "../../src/http1/expectation.ts";

describe("readExpectation (RFC 9110 §10.1.1)", () => {
  const cases: readonly (readonly [expect: string | undefined, expected: Expectation, why: string])[] = [
    [undefined, "none", "no field"],
    ["", "none", "an empty field"],
    [" , ", "none", "empty members"],
    ["100-continue", "continue", "the only one there is"],
    ["100-Continue", "continue", "case does not count"],
    [", 100-continue,\t100-continue", "continue", "twice is once"],
    ["100-continue, x", "unknown", "one of two is unknown"],
    ["100-continue;q=1", "unknown", "it has no parameters"],
    ["200-ok", "unknown", "another one"],
  ];
  for (const [expect, expected, why] of cases) {
    it(`${JSON.stringify(expect) ?? "no field"}: ${why}`, () =>
      assert.equal(readExpectation(expect), expected));
  }
});
