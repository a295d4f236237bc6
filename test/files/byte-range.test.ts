import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseRange } from "../../src/files/byte-range.ts";
import { type ObviousFile, obviousAnswer } from "./obvious-transfer.ts";

const HUGE = "9".repeat(400);

/** `0-1 5-9`, or the word for what is no set of ranges. */
function shown(value: string, size = 10): string {
  const ranges = parseRange(value, size);
  return typeof ranges === "string" ? ranges : ranges.map(({ first, last }) => `${first}-${last}`).join(" ");
}

const OF_TEN_BYTES: readonly (readonly [what: string, value: string, ranges: string])[] = [
  ["a range (RFC 9110 §14.1.2)", "bytes=2-4", "2-4"],
  ["the first byte", "bytes=0-0", "0-0"],
  ["the last byte", "bytes=-1", "9-9"],
  ["an open range", "bytes=7-", "7-9"],
  ["all of it", "bytes=0-", "0-9"],
  ["a suffix", "bytes=-3", "7-9"],
  ["a suffix as long as the whole", "bytes=-10", "0-9"],
  ["a suffix longer than the whole: the whole", "bytes=-11", "0-9"],
  ["a huge suffix", `bytes=-${HUGE}`, "0-9"],
  ["a range that ends behind the end", "bytes=8-100", "8-9"],
  ["2^64 + 5 as the end", "bytes=8-18446744073709551621", "8-9"],
  ["leading zeros", "bytes=0000000000000000000001-0000000000000000000000000000000000000002", "1-2"],
  ["the unit in any case (RFC 9110 §14.1)", "BYTES=1-2", "1-2"],
  ["white space and empty members (RFC 9110 §5.6.1.2)", "bytes=, 1-2 ,\t,5-6,", "1-2 5-6"],
  ["several ranges, in their order", "bytes=8-9,0-1,4-5", "8-9 0-1 4-5"],
  ["some that can be satisfied", "bytes=20-30,1-2,-0", "1-2"],
  ["overlapping ranges: one (RFC 9110 §15.3.7.2)", "bytes=1-3,2-5", "1-5"],
  ["adjacent ranges: one", "bytes=1-2,3-5", "1-5"],
  ["ranges with a gap of one byte: two", "bytes=1-2,4-5", "1-2 4-5"],
  ["a range within another", "bytes=0-9,3-4", "0-9"],
  ["one that joins two others, in the place of the first", "bytes=7-8,0-1,9-9,2-6", "0-9"],
  ["the same many times", `bytes=${"3-4,".repeat(200)}3-4`, "3-4"],
  ["nothing that is there", "bytes=10-", "unsatisfiable"],
  ["nothing that is there, 2^64", "bytes=18446744073709551616-", "unsatisfiable"],
  ["numbers that differ only beyond 2^53", "bytes=9007199254740992-9007199254740993", "unsatisfiable"],
  ["a suffix of no bytes", "bytes=-0", "unsatisfiable"],
  ["an end before the beginning", "bytes=5-3", "ignored"],
  ["an end before the beginning, beyond 2^53", "bytes=9007199254740993-9007199254740992", "ignored"],
  ["an end before the beginning, among others", "bytes=0-1,5-3", "ignored"],
  ["another unit", "lines=0-1", "ignored"],
  ["no unit", "0-1", "ignored"],
  ["no set", "bytes", "ignored"],
  ["an empty set", "bytes=", "ignored"],
  ["a set of nothing", "bytes=, ,", "ignored"],
  ["no number", "bytes=abc", "ignored"],
  ["a hyphen alone", "bytes=-", "ignored"],
  ["two hyphens", "bytes=--1", "ignored"],
  ["a sign", "bytes=+1-2", "ignored"],
  ["hexadecimal", "bytes=0x1-2", "ignored"],
  ["a blank in a range", "bytes=1 -2", "ignored"],
  ["a blank before the equals sign", "bytes =1-2", "ignored"],
  ["digits of other scripts", "bytes=\u0661-", "ignored"],
  ["257 ranges", `bytes=${"1-1,".repeat(256)}1-1`, "ignored"],
  ["a thousand commas", `bytes=${",".repeat(1000)}1-1`, "ignored"],
];

describe("parseRange", () => {
  for (const [what, value, ranges] of OF_TEN_BYTES) {
    it(`${what}: ${value.length < 60 ? value : `${value.slice(0, 50)} …`} → ${ranges}`, () =>
      assert.equal(shown(value), ranges));
  }

  it("has nothing of an empty file: a suffix is the whole of it, the rest cannot be satisfied (RFC 9110 §14.1.2)", () => {
    assert.equal(shown("bytes=0-", 0), "unsatisfiable");
    assert.equal(shown("bytes=0-0", 0), "unsatisfiable");
    assert.equal(shown("bytes=-0", 0), "unsatisfiable");
    assert.equal(shown("bytes=-1", 0), "ignored");
    assert.equal(shown("bytes=0-,-1", 0), "ignored");
  });

  it("sends the whole in the place of many small parts, and many parts of a large file (RFC 9110 §14.2)", () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, i) => `${2 * i}-${2 * i}`).join(",");
    assert.equal(shown(`bytes=${many(16)}`, 1000).split(" ").length, 16);
    assert.equal(shown(`bytes=${many(17)}`, 1000), "ignored");
    // A byte and the 160 around it, 17 times.
    assert.equal(shown(`bytes=${many(17)}`, 2737), "ignored");
    assert.equal(shown(`bytes=${many(17)}`, 2738).split(" ").length, 17);
    assert.equal(shown(`bytes=${many(17)}`, 1_000_000).split(" ").length, 17);
    assert.equal(shown(`bytes=${many(256)}`, 1_000_000).split(" ").length, 256);
    assert.equal(shown(`bytes=${many(257)}`, 1_000_000), "ignored");
  });

  it("takes no longer for 64 KiB of it", () => {
    // Numbers of 60 000 digits and lists of 30 000 members: both are one step each, or the test does not end in its time.
    for (let i = 0; i < 200; i++) {
      assert.equal(shown(`bytes=0-${"1".repeat(60_000)}`), "0-9");
      assert.equal(shown(`bytes=${"0".repeat(60_000)}-1`), "0-1");
      assert.equal(shown(`bytes=${"0,".repeat(30_000)}`), "ignored");
      assert.equal(shown(`bytes=${" ".repeat(60_000)}0-0`), "0-0");
    }
  });

  const number = fc.oneof(
    fc.nat(25).map(String),
    fc.constantFrom("007", "9007199254740993", "18446744073709551615", "99999999999999999999999"),
  );
  const spec = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(number, number).map(([a, b]) => `${a}-${b}`) },
    { weight: 4, arbitrary: number.map((a) => `${a}-`) },
    { weight: 4, arbitrary: number.map((a) => `-${a}`) },
    { weight: 1, arbitrary: fc.constantFrom("", "x", "-", "1", "1--2") },
  );
  const separator = fc.constantFrom(",", ", ", " ,\t", ",,");
  const fileOf = (size: number): ObviousFile => ({
    size,
    tag: '"x"',
    isProvisional: false,
    date: undefined,
    isCoded: false,
  });
  const obvious = (value: string, size: number): string => {
    const answer = obviousAnswer("GET", { range: value }, fileOf(size));
    if (typeof answer === "string") return answer === "whole" ? "ignored" : answer;
    return answer.map(([first, last]) => `${first}-${last}`).join(" ");
  };

  it("says what the obvious implementation says", () => {
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 30 }), separator, fc.nat(22), (specs, between, size) => {
        const value = `bytes=${specs.join(between)}`;
        assert.equal(shown(value, size), obvious(value, size), value);
      }),
      { numRuns: 3000 },
    );
  });

  it("says the same of a set on several lines, and ignores one with junk behind", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.nat(20).map((n) => `${n}-`),
          { minLength: 1, maxLength: 5 },
        ),
        (specs) => {
          // Field lines are joined by a comma and a blank; each with its unit they are no set of ranges any more.
          assert.equal(shown(`bytes=${specs.join(", ")}`), obvious(`bytes=${specs.join(",")}`, 10));
          for (const junk of ["x", " 5", ";q=1", "=", "\0"])
            assert.equal(shown(`bytes=${specs.join(",")}${junk}`), "ignored", junk);
        },
      ),
    );
    assert.equal(shown("bytes=0-1, bytes=3-4"), "ignored");
  });

  it("never asks for a byte that is not there, nor for one twice", () => {
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 30 }), fc.nat(1000), (specs, size) => {
        const ranges = parseRange(`bytes=${specs.join(",")}`, size);
        if (typeof ranges === "string") return;
        assert.notEqual(ranges.length, 0);
        const ascending = [...ranges].sort((a, b) => a.first - b.first);
        for (const [i, { first, last }] of ascending.entries()) {
          assert.ok(first >= 0 && first <= last && last < size);
          assert.ok(i === 0 || first > ascending[i - 1]!.last + 1);
        }
      }),
    );
  });
});
