import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { median, pairedRatio, percentile } from "../../bench/statistics.ts";

describe("median", () => {
  it("is the middle value, or between the two in the middle", () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 2, 9]), 3);
    assert.equal(median([7]), 7);
  });

  it("is no number without values", () => {
    assert.ok(Number.isNaN(median([])));
  });
});

describe("percentile", () => {
  it("takes the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.equal(percentile(hundred, 0.99), 99);
    assert.equal(percentile(hundred, 1), 100);
    assert.equal(percentile([5], 0.99), 5);
  });
});

describe("pairedRatio", () => {
  it("compares round by round, so a slow round does no harm", () => {
    assert.deepEqual(pairedRatio([100, 10, 120], [50, 5, 60]), { median: 2, lowest: 2, highest: 2 });
  });

  it("tells the extremes", () => {
    assert.deepEqual(pairedRatio([10, 20, 30], [10, 10, 10]), { median: 2, lowest: 1, highest: 3 });
  });

  it("is nothing when the rounds do not match or a peer did nothing", () => {
    assert.equal(pairedRatio([], []), undefined);
    assert.equal(pairedRatio([1, 2], [1]), undefined);
    assert.equal(pairedRatio([1, 2], [1, 0]), undefined);
  });
});
