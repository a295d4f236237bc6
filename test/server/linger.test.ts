import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import { Linger } from "../../src/server/linger.ts";

describe("Linger (RFC 9112 §9.6)", () => {
  it("is over when the client has been silent once the answer was sent", () => {
    const linger = new Linger(DEFAULT_LIMITS);
    assert.equal(linger.isOver(2_000, false), false);
    assert.equal(linger.isOver(600_000, false), false);
    assert.equal(linger.isOver(602_000, true), true);
  });

  it("goes on while the client goes on, for lingerTotal", () => {
    const linger = new Linger({ ...DEFAULT_LIMITS, lingerTotal: 10_000 });
    for (let now = 0; now < 10_000; now += 2_000) {
      linger.noteData();
      assert.equal(linger.isOver(now, true), false);
    }
    linger.noteData();
    assert.equal(linger.isOver(10_000, true), true);
  });

  it("is over as soon as the client is silent for one look", () => {
    const linger = new Linger(DEFAULT_LIMITS);
    linger.noteData();
    assert.equal(linger.isOver(2_000, true), false);
    assert.equal(linger.isOver(4_000, true), true);
  });
});
