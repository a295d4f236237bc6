import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Pace } from "../../src/server/pace.ts";

/** Looks once a second while a transfer makes `steps` bytes a second. @returns the second in which it is too slow */
function slowAfter(steps: readonly number[], rate: number, span = 10_000): number | undefined {
  const pace = new Pace();
  let count = 0;
  pace.isTooSlow(0, count, span, rate);
  for (const [i, step] of steps.entries()) {
    count += step;
    if (pace.isTooSlow((i + 1) * 1000, count, span, rate)) return i + 1;
  }
  return undefined;
}

const seconds = (count: number, step: number): number[] => Array.from({ length: count }, () => step);

describe("Pace", () => {
  it("lets pass what has the rate, evenly or in bursts", () => {
    assert.equal(slowAfter(seconds(100, 500), 500), undefined);
    const bursts = seconds(100, 0).map((_, i) => (i % 10 === 5 ? 5_000 : 0));
    assert.equal(slowAfter(bursts, 500), undefined);
  });

  it("finds at the end of the span what has not", () => {
    assert.equal(slowAfter(seconds(100, 499), 500), 10);
    assert.equal(slowAfter(seconds(100, 0), 500), 10);
  });

  it("gives no credit for what was fast before", () => {
    assert.equal(slowAfter([1e9, ...seconds(30, 1)], 500), 20);
  });

  it("counts no time in which it pauses", () => {
    const pace = new Pace();
    for (let i = 0; i < 100; i++) {
      assert.equal(pace.isTooSlow(i * 1000, 0, 10_000, 500), false);
      if (i % 9 === 0) pace.pause();
    }
  });

  it("judges nothing with a rate of 0, or a span without end", () => {
    assert.equal(slowAfter(seconds(100, 0), 0), undefined);
    assert.equal(slowAfter(seconds(100, 0), 500, Infinity), undefined);
  });
});
