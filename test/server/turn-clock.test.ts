import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { answerAtEndOfTurn } from "../../src/server/end-of-turn.ts";
import { asOneTurn, turnMoment, turnTime } from "../../src/server/turn-clock.ts";

describe("the clock of a turn", () => {
  it("is read once for all that is answered, and runs at all other times", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
    let moment = 10;
    t.mock.method(performance, "now", () => moment);
    const seen: number[] = [];
    const input = {
      useInput() {
        seen.push(turnTime(), turnMoment());
        t.mock.timers.tick(500);
        moment += 500;
      },
    };
    answerAtEndOfTurn(input);
    answerAtEndOfTurn(input);
    await nextTurn();
    assert.deepEqual(seen, [1_000, 10, 1_000, 10]);
    assert.deepEqual([turnTime(), turnMoment()], [2_000, 1_010]);
  });

  it("runs on behind an error", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000 });
    assert.throws(
      () =>
        asOneTurn(() => {
          turnTime();
          throw new Error("on purpose");
        }),
      /on purpose/,
    );
    t.mock.timers.tick(500);
    assert.equal(turnTime(), 1_500);
  });
});
