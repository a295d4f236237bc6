import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { evaluatePreconditions, readConditions } from "../../src/files/conditions.ts";
import type { Validators } from "../../src/files/representation.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";
import { entityTagList, strongEqual, weakEqual } from "../../src/text/entity-tag.ts";
import { formatHttpDate, parseHttpDate } from "../../src/text/http-date.ts";

const NOW = Date.UTC(2026, 0, 1);
const YEAR_0 = Date.UTC(-1, 11, 31) + 86_400_000;
const YEAR_10000 = Date.UTC(10_000, 0, 1);

function outcome(name: string, value: string, validators: Validators): string {
  return evaluatePreconditions("GET", readConditions(new HTTPMessage([name, value]))!, validators, () => NOW);
}

/** A whole second, of any time that an HTTP date can tell. */
const second = fc
  .integer({ min: YEAR_0 / 1000, max: YEAR_10000 / 1000 - 1 })
  .map((seconds) => seconds * 1000);
const date = fc.oneof(
  second.map(formatHttpDate),
  second.map((time) => formatHttpDate(time).toLowerCase()),
  fc.constantFrom("Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "soon", ""),
);

const opaque = fc.constantFrom('"a"', '"b"', '"a,b"', '""');
const tag = fc.tuple(fc.constantFrom("", "W/", "w/", "W/W/"), opaque).map((parts) => parts.join(""));
const tags = fc.oneof(
  tag,
  fc.array(tag, { maxLength: 3 }).map((each) => each.join(", ")),
  fc.constantFrom("*", "a", '"a', "W/"),
);
const ownTag = fc.tuple(fc.constantFrom("", "W/"), opaque).map((parts) => parts.join(""));

describe("what a client sends back as it has got it", () => {
  it("is as if the date had been read (RFC 9110 §13.1.3)", () => {
    const slow = (value: string, lastModified: number): string => {
      const since = parseHttpDate(value, NOW);
      return since !== undefined && lastModified <= since ? "notModified" : "proceed";
    };
    fc.assert(
      fc.property(second, date, (lastModified, other) => {
        const validators = { entityTag: '"a"', isProvisional: false, lastModified };
        for (const value of [formatHttpDate(lastModified), other])
          assert.equal(outcome("If-Modified-Since", value, validators), slow(value, lastModified), value);
      }),
    );
  });

  it("is as if the list of tags had been read (RFC 9110 §13.1.1, §13.1.2)", () => {
    fc.assert(
      fc.property(ownTag, tags, fc.boolean(), (entityTag, other, isProvisional) => {
        const validators = { entityTag, isProvisional, lastModified: undefined };
        for (const value of [entityTag, other]) {
          const isAny = (equal: typeof strongEqual): boolean =>
            value === "*" ||
            (!isProvisional && entityTagList(value)?.some((each) => equal(each, entityTag)) === true);
          assert.equal(
            outcome("If-None-Match", value, validators),
            isAny(weakEqual) ? "notModified" : "proceed",
            value,
          );
          assert.equal(
            outcome("If-Match", value, validators),
            isAny(strongEqual) ? "proceed" : "preconditionFailed",
            value,
          );
        }
      }),
    );
  });

  it("is found without a look at the clock", () => {
    const conditions = readConditions(
      new HTTPMessage(["If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"]),
    )!;
    const validators = { entityTag: '"a"', isProvisional: false, lastModified: 784_111_777_000 };
    const noClock = (): number => assert.fail("the clock was read");
    assert.equal(evaluatePreconditions("GET", conditions, validators, noClock), "notModified");
  });
});
