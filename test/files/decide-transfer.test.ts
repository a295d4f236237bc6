// All combinations of conditions, ranges, methods and ages of files, against a second implementation that is slow and obvious.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readConditions } from "../../src/files/conditions.ts";
import { decideTransfer, type Transfer } from "../../src/files/decide-transfer.ts";
import type { Selected } from "../../src/files/representation.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";
import {
  type ObviousAnswer,
  type ObviousFields,
  type ObviousFile,
  obviousAnswer,
} from "./obvious-transfer.ts";

const NOW = Date.UTC(2026, 0, 1);
const TIME = Date.UTC(2020, 1, 2, 2, 2, 2);
const dateAt = (seconds: number): string => new Date(TIME + seconds * 1000).toUTCString();

const FILES: Readonly<Record<string, ObviousFile>> = {
  settled: { size: 20, tag: '"now"', isProvisional: false, date: TIME, isCoded: false },
  "young, with a weak tag": { size: 20, tag: 'W/"now"', isProvisional: false, date: TIME, isCoded: false },
  "changed just now": { size: 20, tag: 'W/"now"', isProvisional: true, date: TIME, isCoded: false },
  "without a date": { size: 20, tag: '"now"', isProvisional: false, date: undefined, isCoded: false },
  empty: { size: 0, tag: '"now"', isProvisional: false, date: TIME, isCoded: false },
  coded: { size: 20, tag: '"now"', isProvisional: false, date: TIME, isCoded: true },
};

const ABSENT = undefined;
const TAGS = [ABSENT, "*", '"now"', 'W/"now"', '"a","now"', '"a", "b"', "now", '"now"x'];
const DATES = [ABSENT, dateAt(0), dateAt(-1), dateAt(1), "never"];
const IF_RANGE = [ABSENT, '"now"', 'W/"now"', '"a"', dateAt(0), dateAt(-1), "never"];
const RANGE = [ABSENT, "bytes=0-4", "bytes=-5,0-0", "bytes=20-", "bytes=4-2", "bytes=-50"];

function* combinations(): Iterable<ObviousFields> {
  for (const ifMatch of TAGS)
    for (const unmodified of DATES)
      for (const ifNoneMatch of TAGS)
        for (const modified of DATES)
          for (const ifRange of IF_RANGE)
            for (const range of RANGE)
              yield {
                "if-match": ifMatch,
                "if-unmodified-since": unmodified,
                "if-none-match": ifNoneMatch,
                "if-modified-since": modified,
                "if-range": ifRange,
                range,
              };
}

function decide(method: string, fields: ObviousFields, file: ObviousFile): Transfer {
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  const selected: Selected = {
    validators: { entityTag: file.tag, isProvisional: file.isProvisional, lastModified: file.date },
    size: file.size,
    contentCoding: file.isCoded ? "gzip" : undefined,
  };
  return decideTransfer(method, readConditions(new HTTPMessage(lines)), selected, () => NOW);
}

/** In the form of the obvious implementation. */
function asObvious(transfer: Transfer): ObviousAnswer {
  switch (transfer.kind) {
    case "range":
      return [[transfer.range.first, transfer.range.last]];
    case "ranges":
      assert.ok(transfer.ranges.length > 1, "one range is no multipart (RFC 9110 §15.3.7.2)");
      return transfer.ranges.map(({ first, last }) => [first, last]);
    default:
      return transfer.kind;
  }
}

describe("decideTransfer", () => {
  it("sends the whole for a request without conditions", () =>
    assert.deepEqual(decide("GET", {}, FILES["settled"]!), { kind: "whole" }));

  for (const [age, file] of Object.entries(FILES)) {
    for (const method of ["GET", "HEAD", "POST"]) {
      it(`says what the obvious implementation says: ${method}, a file ${age}`, () => {
        const seen = new Set<string>();
        for (const fields of combinations()) {
          const answer = asObvious(decide(method, fields, file));
          const expected = obviousAnswer(method, fields, file);
          seen.add(typeof expected === "string" ? expected : `${expected.length} parts`);
          // Without this, a message is made for each of half a million combinations.
          if (JSON.stringify(answer) !== JSON.stringify(expected)) {
            assert.deepEqual({ fields, answer }, { fields, answer: expected });
          }
        }
        // The table is worth nothing if it has not been everywhere.
        const ranges = method === "GET" ? ["unsatisfiable", file.size === 0 ? [] : "1 parts"].flat() : [];
        const several = method === "GET" && file.size > 0 && !file.isCoded ? ["2 parts"] : [];
        const conditions = ["whole", "preconditionFailed", method === "POST" ? [] : "notModified"].flat();
        assert.deepEqual([...seen].sort(), [...ranges, ...several, ...conditions].sort());
      });
    }
  }

  it("says what the obvious implementation says of fields that are put together at random", () => {
    const tag = fc.constantFrom('"now"', 'W/"now"', '"a"', '""', "*", "x", '"', "");
    const list = fc
      .tuple(fc.array(tag, { maxLength: 4 }), fc.constantFrom(",", ", ", " ,\t", " "))
      .map(([tags, separator]) => tags.join(separator).trim());
    const date = fc.integer({ min: -2, max: 2 }).map(dateAt);
    const optional = (value: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
      fc.option(value, { nil: undefined });
    const fields = fc.record({
      "if-match": optional(list),
      "if-unmodified-since": optional(date),
      "if-none-match": optional(list),
      "if-modified-since": optional(date),
      "if-range": optional(fc.oneof(tag, date)),
      range: optional(fc.stringMatching(/^bytes=(?:\d{0,2}-\d{0,2}[ ,]{0,2}){0,6}$/)),
    });
    fc.assert(
      fc.property(
        fc.constantFrom("GET", "HEAD", "PUT"),
        fields,
        fc.constantFrom(...Object.values(FILES)),
        (method, given, file) => {
          const trimmed = Object.fromEntries(
            Object.entries(given).map(([name, value]) => [name, value?.trim()]),
          );
          assert.deepEqual(asObvious(decide(method, trimmed, file)), obviousAnswer(method, trimmed, file));
        },
      ),
      { numRuns: 5000 },
    );
  });
});
