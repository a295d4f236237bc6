import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { checkCGILimits, completeCGILimits, defaultCGILimits } from "../../src/cgi/limits.ts";

describe("limits for scripts", () => {
  it("are the defaults where nothing is said", () => {
    assert.deepEqual(completeCGILimits({}), defaultCGILimits);
    assert.equal(completeCGILimits({ idle: 5 }).idle, 5);
    assert.equal(completeCGILimits({ idle: undefined } as object).idle, defaultCGILimits.idle);
  });

  it("may be longer than a timer holds, which Node would take for a millisecond", () => {
    const { idle, timeToHeader, wholeTime } = completeCGILimits({ idle: Infinity, timeToHeader: 2 ** 40 });
    assert.deepEqual([idle, timeToHeader, wholeTime], [2 ** 31 - 1, 2 ** 31 - 1, Infinity]);
  });

  it("are refused in one sentence when they are none", () => {
    for (const [limits, sentence] of [
      [null, /has to be an object/],
      [[], /has to be an object/],
      [{ speed: 1 }, /^there is no limit speed/],
      [{ idle: NaN }, /^cgiLimits.idle has to be a number from 0 up$/],
      [{ scriptsAtOnce: 0 }, /from 1 up$/],
      [{ resources: 5 }, /resources has to be an object/],
      [{ resources: [] }, /resources has to be an object/],
      [{ resources: { ram: 5 } }, /^there is no resource ram/],
      // It would stand in a shell's command line.
      [{ resources: { cpu: "1; rm -rf /" } }, /cpu has to be a whole number from 1 up$/],
      [{ resources: { memory: 1.5 } }, /memory has to be a whole number/],
    ] as const) {
      assert.match(checkCGILimits(limits)!, sentence);
      if (limits !== null) assert.throws(() => completeCGILimits(limits as object), { code: "ERR_LIMIT" });
    }
  });
});
