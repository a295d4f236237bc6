import assert from "node:assert/strict";
import type { Stats } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fileValidators } from "../../src/files/file-validators.ts";

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

function statsOf(changes: Partial<Stats> = {}): Stats {
  return { dev: 2049, ino: 77, size: 5, mtimeMs: NOW - HOUR, ctimeMs: NOW - HOUR, ...changes } as Stats;
}

const tagOf = (changes: Partial<Stats>, now = NOW): string => fileValidators(statsOf(changes), now).entityTag;

describe("fileValidators", () => {
  it("gives a strong tag to a file that was left alone, and the same one each time", () => {
    assert.match(tagOf({}), /^"[\x21\x23-\x7e]+"$/);
    assert.equal(tagOf({}), tagOf({}, NOW + 10 * HOUR));
  });

  for (const [name, other] of [
    ["dev", 2050],
    ["ino", 78],
    ["ino", 77 + 2 ** 32],
    ["size", 6],
    ["mtimeMs", NOW - HOUR + 0.001],
    ["ctimeMs", NOW - HOUR + 0.001],
    ["ctimeMs", NOW - HOUR - 60_000],
  ] as const) {
    it(`gives another tag where ${name} is ${other}`, () =>
      assert.notEqual(tagOf({ [name]: other }), tagOf({})));
  }

  it("gives a weak tag, with the same opaque tag, while the file is young", () => {
    const changed = { mtimeMs: NOW - 1000.5, ctimeMs: NOW - 1000.5 };
    assert.equal(tagOf(changed), `W/${tagOf(changed, NOW + HOUR)}`);
  });

  it("gives a tag of no later moment to a file that may change and look the same", () => {
    const stats = statsOf({ mtimeMs: NOW - 0.5, ctimeMs: NOW - 0.5 });
    const { entityTag, isProvisional } = fileValidators(stats, NOW);
    assert.ok(isProvisional);
    assert.match(entityTag, /^W\/"/);
    for (const later of [100, HOUR]) {
      const after = fileValidators(stats, NOW + later);
      assert.ok(!after.isProvisional);
      assert.notEqual(after.entityTag.replace("W/", ""), entityTag.replace("W/", ""));
    }
  });

  it("has the time in whole seconds, also before 1970", () => {
    assert.equal(fileValidators(statsOf({ mtimeMs: 1999.9 }), NOW).lastModified, 1000);
    assert.equal(fileValidators(statsOf({ mtimeMs: -0.1 }), NOW).lastModified, -1000);
  });

  it("has no time later than now (RFC 9110 §8.8.2.1)", () =>
    assert.equal(fileValidators(statsOf({ mtimeMs: NOW + HOUR }), NOW + 1).lastModified, NOW));

  it("has no date for a time before the year 0", () =>
    assert.equal(fileValidators(statsOf({ mtimeMs: -1e15 }), NOW).lastModified, undefined));

  it("makes a field value of whatever the system says", () => {
    const time = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
    fc.assert(
      fc.property(
        time,
        time,
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        (mtimeMs, ctimeMs, dev, ino, size) => {
          const { entityTag, lastModified } = fileValidators(
            { mtimeMs, ctimeMs, dev, ino, size } as Stats,
            NOW,
          );
          assert.match(entityTag, /^(?:W\/)?"[\x21\x23-\x7e]+"$/);
          if (lastModified !== undefined) {
            assert.match(
              new Date(lastModified).toUTCString(),
              /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
            );
          }
        },
      ),
    );
  });
});
