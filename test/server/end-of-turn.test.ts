// The end of a turn of the event loop: first all input is answered, as one batch, then all output leaves.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { answerAtEndOfTurn, currentBatch, flushAtEndOfTurn } from "../../src/server/end-of-turn.ts";

describe("the end of a turn", () => {
  it("answers all input before any output leaves, each in the order in which it was announced", async () => {
    const order: string[] = [];
    const output = (name: string) => ({ flushScheduled: () => void order.push(name) });
    const input = (name: string) => ({
      useInput() {
        order.push(name);
        flushAtEndOfTurn(output(`answer to ${name}`));
      },
    });
    answerAtEndOfTurn(input("a"));
    answerAtEndOfTurn(input("b"));
    assert.deepEqual(order, []);
    await nextTurn();
    assert.deepEqual(order, ["a", "b", "answer to a", "answer to b"]);
  });

  it("gives a batch a number of its own while it is being answered, and none to a request that is alone", async () => {
    const batches: number[] = [];
    const input = { useInput: (batch: number) => void batches.push(batch, currentBatch()) };
    for (const count of [2, 1, 2]) {
      for (let i = 0; i < count; i++) answerAtEndOfTurn(input);
      await nextTurn();
    }
    assert.equal(currentBatch(), 0);
    const [first, , , , alone, , second] = batches;
    assert.deepEqual(batches, [first, first, first, first, 0, 0, second, second, second, second]);
    assert.notEqual(first, 0);
    assert.notEqual(second, first);
    assert.equal(alone, 0);
  });

  it("puts what is announced while it ends off to the next turn", async () => {
    let answered = 0;
    answerAtEndOfTurn({
      useInput: () => answerAtEndOfTurn({ useInput: () => void answered++ }),
    });
    await nextTurn();
    assert.equal(answered, 0);
    await nextTurn();
    assert.equal(answered, 1);
  });
});
