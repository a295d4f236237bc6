import assert from "node:assert/strict";
import type { Stats } from "node:fs";
import { describe, it } from "node:test";
import { ageOf } from "../../src/files/settled.ts";

const NOW = 1_700_000_000_000;

/** Changed so many milliseconds ago; the system's stamps have parts of a second. */
const age = (changed: number, modified = changed): string =>
  ageOf({ mtimeMs: NOW - modified, ctimeMs: NOW - changed } as Stats, NOW);

describe("ageOf", () => {
  it("is settled 2.5 s after the last change of any kind", () => {
    assert.equal(age(2_500.5), "settled");
    assert.equal(age(2_499.5), "settling");
    assert.equal(age(3_600_000.5, 1_000.5), "settling");
    assert.equal(
      age(1_000.5, 3_600_000),
      "settling",
      "a modification time can be set back, a change time cannot",
    );
  });

  it("is unsettled within a few clock ticks of a change: another one could leave no trace", () => {
    assert.equal(age(0.5), "unsettled");
    assert.equal(age(49.5), "unsettled");
    assert.equal(age(50.5), "settling");
  });

  it("is unsettled for longer where the file system seems to count whole seconds", () => {
    assert.equal(age(1_000), "unsettled");
    assert.equal(age(3_000), "settled");
  });

  it("is unsettled where the change is still to come: the clock was set back", () =>
    assert.equal(age(-1_000.5), "unsettled"));

  it("does not care for a modification time that is still to come: anybody may set one", () => {
    assert.equal(age(3_600_000, -86_400_000), "settled");
    assert.equal(age(0.5, -86_400_000), "unsettled");
  });
});
