import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sortInPieces } from "../../src/files/sort-in-pieces.ts";
import { TimeSlice } from "../../src/files/time-slice.ts";

/** Numbers that look random and are the same in each run. */
function numbers(count: number): number[] {
  let state = 1;
  return Array.from({ length: count }, () => (state = (state * 48_271) % 2_147_483_647));
}

describe("sortInPieces", () => {
  for (const count of [0, 1, 2, 511, 512, 513, 1024, 1025, 5000, 20_000]) {
    it(`sorts ${count} values as Array.sort does`, async () => {
      const values = numbers(count);
      const order = await sortInPieces(count, (a, b) => values[a]! - values[b]!, new TimeSlice());
      assert.deepEqual(
        Array.from(order, (index) => values[index]),
        values.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(order).size, count);
    });
  }

  it("lets others have their turn meanwhile", async () => {
    const values = numbers(20_000);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    let calls = 0;
    const compare = (a: number, b: number): number => {
      // Slow enough that it would take a second in one piece.
      if (++calls % 1000 === 0) for (const end = performance.now() + 3; performance.now() < end;);
      return values[a]! - values[b]!;
    };
    await sortInPieces(values.length, compare, new TimeSlice());
    clearInterval(timer);
    assert.ok(turns > 10, `${turns} turns`);
  });
});
