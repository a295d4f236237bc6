import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TimeSlice } from "../../src/files/time-slice.ts";

describe("TimeSlice", () => {
  it("lets all who rest at the same time go on in turns of their own, one after another", async () => {
    let order = "";
    let isWatching = true;
    const watch = (): void => {
      order += "|";
      if (isWatching) setImmediate(watch);
    };
    setImmediate(watch);
    const work = async (name: string): Promise<void> => {
      const slice = new TimeSlice();
      for (let i = 0; i < 3; i++) {
        await slice.rest();
        order += name;
      }
    };
    await Promise.all(["a", "b", "c"].map(work));
    isWatching = false;
    assert.match(order, /^\|*a\|+b\|+c\|+a\|+b\|+c\|+a\|+b\|+c\|*$/);
  });

  it("is over some time after it has begun", () => {
    const slice = new TimeSlice();
    const start = performance.now();
    while (!slice.isOver) assert.ok(performance.now() - start < 1000, "it has no end");
    while (!slice.isLongOver) assert.ok(performance.now() - start < 1000, "it has no end");
  });
});
