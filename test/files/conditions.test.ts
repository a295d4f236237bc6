import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Conditions,
  evaluatePreconditions,
  isRangeWanted,
  readConditions,
} from "../../src/files/conditions.ts";
import type { Validators } from "../../src/files/representation.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
const STRONG: Validators = {
  entityTag: '"now"',
  isProvisional: false,
  lastModified: Date.UTC(1994, 10, 6, 8, 49, 37),
};
const WEAK: Validators = { ...STRONG, entityTag: 'W/"now"' };
const PROVISIONAL: Validators = { ...WEAK, isProvisional: true };
const DATELESS: Validators = { ...STRONG, lastModified: undefined };
const NOW = Date.UTC(2026, 0, 1);

function conditionsOf(...fields: string[]): Conditions {
  return readConditions(new HTTPMessage(fields))!;
}

/** What becomes of a GET with these fields: name, value, name, value … */
const get = (fields: string[], validators = STRONG): string =>
  evaluatePreconditions("GET", conditionsOf(...fields), validators, () => NOW);

describe("readConditions", () => {
  it("finds nothing to decide about in a plain request", () => {
    assert.equal(readConditions(new HTTPMessage(["Host", "x", "If-None", "y", "Ranges", "z"])), undefined);
    assert.equal(readConditions(new HTTPMessage(["If-Range", '"x"'])), undefined);
  });

  it("joins a field that comes on several lines, in any case (RFC 9110 §5.3)", () => {
    const { ifNoneMatch, range } = conditionsOf(
      "if-none-match",
      '"a"',
      "IF-NONE-MATCH",
      '"b"',
      "Range",
      "bytes=0-1",
    );
    assert.equal(ifNoneMatch, '"a", "b"');
    assert.equal(range, "bytes=0-1");
  });
});

describe("If-Match (RFC 9110 §13.1.1)", () => {
  for (const [value, isMet] of [
    ["*", true],
    ['"now"', true],
    ['"other", "now"', true],
    ['"other"', false],
    ['W/"now"', false],
    ["now", false],
    ['"now", junk', false],
    ['*, "now"', false],
    ["", false],
  ] as const) {
    it(`${isMet ? "holds" : "is 412"} for ${JSON.stringify(value)} where the tag is "now"`, () =>
      assert.equal(get(["If-Match", value]), isMet ? "proceed" : "preconditionFailed"));
  }

  it("is 412 for every tag where there is a weak one: the comparison is strong", () => {
    assert.equal(get(["If-Match", 'W/"now"'], WEAK), "preconditionFailed");
    assert.equal(get(["If-Match", '"now"'], WEAK), "preconditionFailed");
    assert.equal(get(["If-Match", "*"], WEAK), "proceed");
  });

  it("is 412 for other methods, too", () => {
    for (const method of ["HEAD", "PUT", "DELETE"])
      assert.equal(
        evaluatePreconditions(method, conditionsOf("If-Match", '"x"'), STRONG, () => NOW),
        "preconditionFailed",
      );
  });
});

describe("If-Unmodified-Since (RFC 9110 §13.1.4)", () => {
  it("holds for the time of the last change and later ones, and is 412 for earlier ones", () => {
    assert.equal(get(["If-Unmodified-Since", DATE]), "proceed");
    assert.equal(get(["If-Unmodified-Since", LATER]), "proceed");
    assert.equal(get(["If-Unmodified-Since", EARLIER]), "preconditionFailed");
  });

  it("is ignored beside If-Match, where it is no date or two, and where there is no date", () => {
    assert.equal(get(["If-Unmodified-Since", EARLIER, "If-Match", "*"]), "proceed");
    for (const value of ["yesterday", "", "0", `${EARLIER}, ${EARLIER}`, `${EARLIER}; x`])
      assert.equal(get(["If-Unmodified-Since", value]), "proceed", value);
    assert.equal(get(["If-Unmodified-Since", EARLIER, "If-Unmodified-Since", EARLIER]), "proceed");
    assert.equal(get(["If-Unmodified-Since", EARLIER], DATELESS), "proceed");
  });
});

describe("If-None-Match (RFC 9110 §13.1.2)", () => {
  for (const [value, isNamed] of [
    ["*", true],
    ['"now"', true],
    ['W/"now"', true],
    ['"other", W/"now"', true],
    [',, "now" ,', true],
    ['"other"', false],
    ["now", false],
    ['"now', false],
    ['"now" "other"', false],
    ['w/"now"', false],
    ["", false],
  ] as const) {
    it(`is ${isNamed ? "304" : "no hindrance"} for ${JSON.stringify(value)} where the tag is "now"`, () => {
      assert.equal(get(["If-None-Match", value]), isNamed ? "notModified" : "proceed");
      assert.equal(get(["If-None-Match", value], WEAK), isNamed ? "notModified" : "proceed");
    });
  }

  it("is 412 for methods other than GET and HEAD", () => {
    const outcome = (method: string): string =>
      evaluatePreconditions(method, conditionsOf("If-None-Match", "*"), STRONG, () => NOW);
    assert.deepEqual(["GET", "HEAD", "PUT", "get"].map(outcome), [
      "notModified",
      "notModified",
      "preconditionFailed",
      "preconditionFailed",
    ]);
  });

  it("matches no tag of a file that may have changed since without a trace", () => {
    assert.equal(get(["If-None-Match", 'W/"now"'], PROVISIONAL), "proceed");
    assert.equal(get(["If-None-Match", "*"], PROVISIONAL), "notModified");
    assert.equal(get(["If-Match", '"now"'], { ...STRONG, isProvisional: true }), "preconditionFailed");
  });
});

describe("If-Modified-Since (RFC 9110 §13.1.3)", () => {
  it("is 304 for the very second and for later dates (row 45)", () => {
    assert.equal(get(["If-Modified-Since", DATE]), "notModified");
    assert.equal(get(["If-Modified-Since", LATER]), "notModified");
  });

  it("is no hindrance for earlier dates (row 46)", () =>
    assert.equal(get(["If-Modified-Since", EARLIER]), "proceed"));

  it("is ignored beside If-None-Match (row 47), whatever that is", () => {
    for (const value of ['"other"', "junk", ""])
      assert.equal(get(["If-Modified-Since", LATER, "If-None-Match", value]), "proceed");
  });

  it("is ignored where it is no date or two, for other methods, and where there is no date", () => {
    for (const value of ["yesterday", "", "0", `${DATE}; length=5`, `${DATE}, ${DATE}`])
      assert.equal(get(["If-Modified-Since", value]), "proceed", value);
    assert.equal(
      evaluatePreconditions("POST", conditionsOf("If-Modified-Since", LATER), STRONG, () => NOW),
      "proceed",
    );
    assert.equal(get(["If-Modified-Since", LATER], DATELESS), "proceed");
  });

  it("reads the two older formats as well (RFC 9110 §5.6.7)", () => {
    assert.equal(get(["If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT"]), "notModified");
    assert.equal(get(["If-Modified-Since", "Sun Nov  6 08:49:37 1994"]), "notModified");
  });
});

describe("the order of preconditions (RFC 9110 §13.2.2)", () => {
  it("asks for the state first: 412 goes before 304", () => {
    assert.equal(get(["If-None-Match", '"now"', "If-Match", '"other"']), "preconditionFailed");
    assert.equal(get(["If-None-Match", '"now"', "If-Unmodified-Since", EARLIER]), "preconditionFailed");
    assert.equal(get(["If-Modified-Since", DATE, "If-Match", '"other"']), "preconditionFailed");
  });

  it("goes on to If-None-Match after If-Match has held", () =>
    assert.equal(get(["If-None-Match", '"now"', "If-Match", '"now"']), "notModified"));
});

describe("If-Range (RFC 9110 §13.1.5)", () => {
  const isWanted = (ifRange: string, validators = STRONG): boolean =>
    isRangeWanted("GET", conditionsOf("Range", "bytes=0-1", "If-Range", ifRange), validators, () => NOW);

  it("holds for the same strong tag and for the exact date", () => {
    assert.ok(isWanted('"now"'));
    assert.ok(isWanted(DATE));
    assert.ok(isWanted("Sunday, 06-Nov-94 08:49:37 GMT"));
  });

  for (const value of [
    '"other"',
    'W/"now"',
    '"now", "now"',
    "*",
    EARLIER,
    LATER,
    "now",
    "",
    '"now',
    `${DATE}, ${DATE}`,
  ]) {
    it(`does not hold for ${JSON.stringify(value)}`, () => assert.ok(!isWanted(value)));
  }

  it("does not hold where a validator is weak: the file was changed just now, the date is as weak as the tag", () => {
    for (const value of ['W/"now"', '"now"', DATE]) assert.ok(!isWanted(value, WEAK), value);
    assert.ok(!isWanted(DATE, DATELESS));
  });

  it("is about GET only, and about nothing without Range", () => {
    const conditions = conditionsOf("Range", "bytes=0-1");
    assert.deepEqual(
      ["GET", "HEAD", "POST"].map((method) => isRangeWanted(method, conditions, STRONG, () => NOW)),
      [true, false, false],
    );
    assert.ok(
      !isRangeWanted("GET", conditionsOf("If-Range", '"now"', "If-None-Match", '"x"'), STRONG, () => NOW),
    );
  });
});
