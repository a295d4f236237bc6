import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatCount, formatDate, formatSize, isoTime } from "../../src/files/format-size.ts";

describe("formatSize", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KiB"],
    [1024, "1.0 KiB"],
    [10_188, "9.9 KiB"],
    [10_189, "10 KiB"],
    [1_022_976, "999 KiB"],
    [1_023_488, "1.0 MiB"],
    [12 * 1024 ** 2, "12 MiB"],
    [1024 ** 3, "1.0 GiB"],
    [5.5 * 1024 ** 4, "5.5 TiB"],
    [Number.MAX_SAFE_INTEGER, "8.0 PiB"],
  ];
  for (const [bytes, text] of cases)
    it(`writes ${bytes} as ${text}`, () => assert.equal(formatSize(bytes), text));
});

describe("formatCount", () => {
  for (const [number, text] of [
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [65_535, "65,535"],
    [1_234_567, "1,234,567"],
  ] as const) {
    it(`writes ${number} as ${text}`, () => assert.equal(formatCount(number), text));
  }
});

describe("formatDate and isoTime", () => {
  it("write a time in UTC", () => {
    const time = Date.UTC(2020, 1, 29, 12, 34, 56, 789);
    assert.equal(formatDate(time), "2020-02-29 12:34");
    assert.equal(isoTime(time), "2020-02-29T12:34:56.789Z");
  });

  it("write nothing for a time that no calendar knows", () => {
    for (const time of [1e18, -1e18, Number.NaN]) {
      assert.equal(formatDate(time), "");
      assert.equal(isoTime(time), undefined);
    }
  });
});
