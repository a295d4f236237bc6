import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { acceptedCodings, CONTENT_CODINGS } from "../../src/files/accept-encoding.ts";

/** `br zstd, gzip`: groups by commas, best first. */
const ranking = (field: string | undefined): string =>
  acceptedCodings(field)
    .map((group) => group.join(" "))
    .join(", ");

describe("acceptedCodings (RFC 9110 §12.5.3)", () => {
  const cases: readonly (readonly [field: string | undefined, ranking: string, why: string])[] = [
    [undefined, "", "no field: any coding is allowed, and none is expected"],
    ["", "", "an empty field: no coding is wanted"],
    [" , ,", "", "empty members"],
    ["gzip", "gzip", "one coding"],
    ["GZip", "gzip", "codings are case-insensitive (§8.4.1)"],
    ["x-gzip", "gzip", "the old name of gzip (§8.4.1.3)"],
    ["compress, gzip", "gzip", "the RFC's first example"],
    ["*", "br zstd gzip", "the RFC's third example: all that is not named"],
    ["compress;q=0.5, gzip;q=1.0", "gzip", "the RFC's fourth example"],
    ["gzip;q=1.0, identity; q=0.5, *;q=0", "gzip", "the RFC's fifth example"],
    ["gzip, deflate, br, zstd", "br zstd gzip", "a browser: all are equally welcome"],
    ["gzip, deflate", "gzip", "a browser without TLS"],
    ["br;q=0.5, gzip;q=0.8, zstd;q=0.8", "zstd gzip, br", "the higher weight first"],
    ["br;q=0.001", "br", "the least weight that there is"],
    ["gzip;q=0", "", "a weight of 0: not acceptable"],
    ["gzip;q=0.000", "", "a weight of 0 with digits"],
    ["gzip;q=0, *", "br zstd", "* does not stand for what is named"],
    ["*;q=0", "", "nothing at all: the file goes out as it is"],
    ["identity;q=0", "", "nothing at all, said otherwise"],
    ["identity;q=0, gzip;q=0.1", "gzip", "only this one"],
    ["identity", "", "only the file as it is"],
    ["identity, gzip", "gzip", "equally welcome: the smaller form"],
    ["identity;q=0.5, gzip;q=0.5", "gzip", "equally welcome"],
    ["identity, gzip;q=0.9", "", "the file as it is, rather"],
    ["identity;q=0.8, gzip;q=0.9, br;q=0.7", "gzip", "only what is better than the file as it is"],
    ["*;q=0.5, gzip", "gzip, br zstd", "* has a weight as well"],
    ["*, gzip;q=0.5", "br zstd", "* stands for identity, too"],
    ["gzip ; q=0.5", "gzip", "optional white space"],
    ["gzip;\tQ=0.5\t", "gzip", "tabs, and a large Q"],
    ["gzip;q=1.000", "gzip", "three digits"],
    ["gzip;q=1.", "gzip", "no digit behind the point"],
    ["gzip;q=1.001", "", "malformed: more than 1"],
    ["gzip;q=2", "", "malformed: more than 1"],
    ["gzip;q=-1", "", "malformed: less than 0"],
    ["gzip;q=0.5000", "", "malformed: four digits"],
    ["gzip;q=.5", "", "malformed: no digit before the point"],
    ["gzip;q=", "", "malformed: no weight"],
    ["gzip;q", "", "malformed: no weight"],
    ["gzip;", "", "malformed: no parameter"],
    ["gzip;q=abc", "", "malformed: no number"],
    ["gzip;q=0x1", "", "malformed: no number here"],
    ['gzip;q="1"', "", "malformed: no quotes here"],
    ["gzip;q=1;q=1", "", "malformed: two weights"],
    ["gzip;level=9", "", "malformed: no other parameters"],
    ["gzip;q=NaN, *", "br zstd", "malformed is not unnamed: * does not stand for it"],
    ["gzip q=1", "", "malformed: no semicolon, so no token"],
    ["gz ip, br", "br", "one malformed member"],
    ["gzip, gzip;q=0", "", "named twice: the lowest weight"],
    ["gzip;q=0.1, x-gzip, br;q=0.5", "br, gzip", "named twice under two names"],
    ["xgzipx, gzip2, not-br", "", "no part of a word is a coding"],
    ["gzip\u00e4, br", "br", "beyond ASCII there are no tokens"],
    ["deflate, compress", "", "codings that are not sent"],
  ];
  for (const [field, expected, why] of cases) {
    it(`${JSON.stringify(field) ?? "no field"}: ${why}`, () => assert.equal(ranking(field), expected));
  }

  it("says the same when it is asked again, and after more values than it remembers", () => {
    for (let i = 0; i < 300; i++) {
      const field = `br;q=0.${i % 10}, gzip;q=0.5, x${i}`;
      const first = ranking(field);
      assert.equal(ranking(field), first);
    }
    assert.equal(ranking(`${"x".repeat(500)}, gzip`), "gzip");
  });
});

// ---- a second implementation, slow and obvious ---------------------------------------------------------------------

const MEMBER = /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(?:;[ \t]*q=(0|0\.[0-9]{0,3}|1|1\.0{0,3})[ \t]*)?$/i;
const BEGINS_LIKE_MEMBER = /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(;|$)/i;

/** The weight that a list gives to one name, `undefined` where it does not name it. */
function weightIn(list: string, name: string): number | undefined {
  const weights: number[] = [];
  for (const member of list.split(",")) {
    const named = BEGINS_LIKE_MEMBER.exec(member)?.[1]?.toLowerCase();
    if (named !== name && !(name === "gzip" && named === "x-gzip")) continue;
    const match = MEMBER.exec(member);
    weights.push(match === null ? 0 : Number.parseFloat(match[2] ?? "1"));
  }
  return weights.length === 0 ? undefined : Math.min(...weights);
}

/** Asks each coding against each other, and against the file as it is. */
function slowly(list: string): string {
  const weight = (name: string): number => weightIn(list, name) ?? weightIn(list, "*") ?? 0;
  const wanted = CONTENT_CODINGS.filter(
    (coding) => weight(coding) > 0 && weight(coding) >= weight("identity"),
  );
  const weights = [...new Set(wanted.map(weight))].sort((a, b) => a - b).reverse();
  return weights.map((each) => wanted.filter((coding) => weight(coding) === each).join(" ")).join(", ");
}

const blank = fc.constantFrom("", "", " ", "\t", "  ");
const name = fc.constantFrom(
  "gzip",
  "br",
  "zstd",
  "identity",
  "*",
  "x-gzip",
  "deflate",
  "GZIP",
  "Br",
  "Identity",
  "g zip",
  "",
  "@",
);
const weight = fc.oneof(
  fc.constantFrom(
    "",
    "",
    ";q=0",
    ";q=1",
    ";q=0.5",
    ";Q=0.5",
    ";q=0.001",
    ";q=1.0",
    ";q=2",
    ";q=",
    ";",
    ";x=1",
  ),
  fc.double({ min: 0, max: 1.2, noNaN: true }).map((value) => `; q=${value.toFixed(3)}`),
  fc.string({ maxLength: 6 }).map((text) => `;q=${text}`),
);
const member = fc.tuple(blank, name, blank, weight, blank).map((parts) => parts.join(""));
const list = fc.array(member, { maxLength: 8 }).map((members) => members.join(","));

describe("acceptedCodings, for any field", () => {
  it("ranks as a slow and obvious implementation does", () => {
    fc.assert(
      fc.property(list, (field) => assert.equal(ranking(field), slowly(field))),
      { numRuns: 3000 },
    );
  });

  it("never throws, and names each coding at most once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (field) => {
        const all = acceptedCodings(field).flat();
        assert.equal(new Set(all).size, all.length);
      }),
    );
  });

  it("does not mind the order of members, blanks round them, or empty ones", () => {
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 6 }),
        fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
        (members, keys) => {
          const shuffled = members
            .map((each, i) => [keys[i]!, each] as const)
            .sort(([a], [b]) => a - b)
            .map(([, each]) => ` ${each}\t`);
          assert.equal(ranking(`,${shuffled.join(" ,,")}, `), ranking(members.join(",")));
        },
      ),
    );
  });

  it("refuses what is given the weight 0, whatever else is there", () => {
    fc.assert(
      fc.property(list, fc.constantFrom(...CONTENT_CODINGS), (field, coding) => {
        assert.ok(!acceptedCodings(`${field}, ${coding};q=0`).flat().includes(coding));
      }),
    );
  });
});
