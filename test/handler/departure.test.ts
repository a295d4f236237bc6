import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Departure } from "../../src/handler/departure.ts";

describe("Departure", () => {
  it("tells each listener once, in the order in which they came", () => {
    const departure = new Departure();
    const told: string[] = [];
    departure.addEventListener("abort", () => told.push("first"));
    departure.addEventListener("abort", () => told.push("second"));
    assert.equal(departure.aborted, false);
    departure.note();
    departure.note();
    assert.deepEqual([departure.aborted, told], [true, ["first", "second"]]);
  });

  it("does not tell who has taken the wish back, also while others are told", () => {
    const departure = new Departure();
    const told: string[] = [];
    const last = (): void => void told.push("last");
    const gone = (): void => void told.push("gone");
    departure.addEventListener("abort", gone);
    departure.addEventListener("abort", () => {
      told.push("first");
      departure.removeEventListener("abort", last);
    });
    departure.addEventListener("abort", last);
    departure.removeEventListener("abort", gone);
    departure.note();
    assert.deepEqual(told, ["first"]);
  });
});
