import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { weightedList } from "../../src/text/weighted-list.ts";

describe("weightedList (RFC 9110 §12.4.2)", () => {
  const weights: readonly (readonly [parameter: string, weight: number, why: string])[] = [
    ["", 1, "none given"],
    [";q=1", 1, "the greatest"],
    [";q=1.000", 1, "three digits"],
    [";q=1.", 1, "no digit behind the point"],
    [";q=0.5", 0.5, "one digit"],
    [" ;\tQ=0.5 ", 0.5, "optional white space, and a large Q"],
    [";q=0.001", 0.001, "the least"],
    [";q=0", 0, "not this one"],
    [";q=0.000", 0, "not this one, with digits"],
    [";q=1.001", 0, "malformed: more than 1"],
    [";q=2", 0, "malformed: more than 1"],
    [";q=-1", 0, "malformed: less than 0"],
    [";q=0.5000", 0, "malformed: four digits"],
    [";q=.5", 0, "malformed: no digit before the point"],
    [";q=", 0, "malformed: nothing"],
    [";q=abc", 0, "malformed: no number"],
    [";q= 1", 0, "malformed: a blank"],
    [";q=0x1", 0, "malformed: no such numbers here"],
    [';q="1"', 0, "malformed: no quotes here"],
    [";q=1;q=1", 0, "malformed: two weights"],
  ];
  for (const [parameter, weight, why] of weights) {
    it(`a${parameter} → ${weight}: ${why}`, () =>
      assert.deepEqual(weightedList(`a${parameter}`), [{ name: "a", parameters: [], weight }]));
  }

  it("keeps other parameters, on either side of the weight, and empty ones", () => {
    assert.deepEqual(weightedList("Text/HTML ; Level=1; q=0.4 ;x=y;"), [
      { name: "text/html", parameters: ["level=1", "x=y", ""], weight: 0.4 },
    ]);
    assert.deepEqual(weightedList("a;q;quality=1"), [
      { name: "a", parameters: ["q", "quality=1"], weight: 1 },
    ]);
  });

  it("keeps members in their order, and skips empty ones (§5.6.1.2)", () => {
    assert.deepEqual(
      weightedList(",b;q=0.1,, a\t,").map(({ name, weight }) => [name, weight]),
      [
        ["b", 0.1],
        ["a", 1],
      ],
    );
  });

  it("gives a weight from 0 to 1, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const { weight } of weightedList(`a;q=${text}`)) assert.ok(weight >= 0 && weight <= 1);
      }),
    );
  });
});
