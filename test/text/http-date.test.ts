import assert from "node:assert/strict";
import { describe, it } from "node:test";

import fc from "fast-check";

import {
  formatCommonLogDate,
  formatHttpDate,
  formatLogDate,
  parseHttpDate,
} from "../../src/text/http-date.ts";

const NOW = Date.UTC(2026, 4, 17, 12);
/** The example of RFC 9110 §5.6.7. */
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Whole seconds between these years. */
function seconds(from: number, to: number): fc.Arbitrary<number> {
  return fc.integer({ min: Date.UTC(from) / 1000, max: Date.UTC(to) / 1000 - 1 }).map((n) => n * 1000);
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

describe("formatHttpDate", () => {
  it("writes an IMF-fixdate (RFC 9110 §5.6.7; row 84 of the original's tests)", () => {
    assert.equal(formatHttpDate(EXAMPLE), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert.equal(formatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  });

  it("drops parts of a second", () => {
    assert.equal(formatHttpDate(EXAMPLE + 999.9), "Sun, 06 Nov 1994 08:49:37 GMT");
  });

  it("gives the same again, also after many others", () => {
    for (let i = 0; i < 2500; i++) formatHttpDate(EXAMPLE + i * 1000);
    assert.equal(formatHttpDate(EXAMPLE), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert.equal(formatHttpDate(EXAMPLE + 60_000), "Sun, 06 Nov 1994 08:50:37 GMT");
  });

  it("is read back as the same second", () => {
    const time = fc.integer({ min: Date.UTC(1000), max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(time, (milliseconds) => {
        const text = formatHttpDate(milliseconds);
        assert.match(text, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
        assert.equal(parseHttpDate(text, NOW), Math.floor(milliseconds / 1000) * 1000);
      }),
    );
  });
});

describe("parseHttpDate (RFC 9110 §5.6.7)", () => {
  it("reads all three formats of the example", () => {
    for (const text of [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    ]) {
      assert.equal(parseHttpDate(text, NOW), EXAMPLE, text);
    }
  });

  it("reads any time in the format of RFC 850 within 49 years", () => {
    fc.assert(
      fc.property(seconds(1977, 2076), (time) => {
        const date = new Date(time);
        const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${two(date.getUTCFullYear() % 100)}`;
        const clock = date.toISOString().slice(11, 19);
        assert.equal(parseHttpDate(`${LONG_DAYS[date.getUTCDay()]}, ${day} ${clock} GMT`, NOW), time);
      }),
    );
  });

  it("reads any time in the format of asctime", () => {
    fc.assert(
      fc.property(seconds(1000, 9999), (time) => {
        const date = new Date(time);
        const day = String(date.getUTCDate()).padStart(2, " ");
        const clock = date.toISOString().slice(11, 19);
        const text = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${clock} ${date.getUTCFullYear()}`;
        assert.equal(parseHttpDate(text, NOW), time);
      }),
    );
  });

  it("puts a year of two digits that is more than 50 years ahead into the past, to the second", () => {
    const inFiftyYears = "Sunday, 17-May-76 12:00:00 GMT";
    assert.equal(parseHttpDate(inFiftyYears, NOW), Date.UTC(2076, 4, 17, 12));
    assert.equal(parseHttpDate(inFiftyYears, NOW - 1000), Date.UTC(1976, 4, 17, 12));
    assert.equal(parseHttpDate("Monday, 01-Jan-77 00:00:00 GMT", NOW), Date.UTC(1977, 0, 1));
    assert.equal(parseHttpDate("Monday, 01-Jan-00 00:00:00 GMT", NOW), Date.UTC(2000, 0, 1));
  });

  it("reads a leap second as the second after it", () => {
    assert.equal(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", NOW), Date.UTC(2017, 0, 1));
  });

  it("knows the leap years", () => {
    assert.equal(parseHttpDate("Thu, 29 Feb 2024 00:00:00 GMT", NOW), Date.UTC(2024, 1, 29));
    assert.equal(parseHttpDate("Tue, 29 Feb 2000 00:00:00 GMT", NOW), Date.UTC(2000, 1, 29));
    for (const year of [2023, 1900, 2100]) {
      assert.equal(parseHttpDate(`Thu, 29 Feb ${year} 00:00:00 GMT`, NOW), undefined);
    }
  });

  it("reads the first century as itself", () => {
    assert.equal(new Date(parseHttpDate("Sun, 06 Nov 0094 08:49:37 GMT", NOW)!).getUTCFullYear(), 94);
  });

  const NO_DATES = [
    "",
    "0",
    "now",
    "784111777",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 NOV 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Foo, 06 Nov 1994 08:49:37 GMT",
    "Sun,06 Nov 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 32 Dec 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",

    "Sun, 06 Nov 1994 08:49:37 GMT; length=5",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\n",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 31-Feb-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",

    "Sun Nov 31 08:49:37 1994",
    "Sun Nov  0 08:49:37 1994",
    "Sun Nov  6 08:49:37 1994 GMT",
    "-1",
    "Invalid Date",
  ];
  for (const text of NO_DATES) {
    it(`finds no date in ${JSON.stringify(text)}`, () => {
      assert.equal(parseHttpDate(text, NOW), undefined);
    });
  }

  it("gives whole seconds or nothing, whatever comes", () => {
    const piece = fc.constantFrom(..."Sun,|Sunday,| |06|Nov|-|94|1994|08:49:37|GMT|99|  6".split("|"));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const time = parseHttpDate(pieces.join(""), NOW);
        assert.ok(time === undefined || time % 1000 === 0);
      }),
    );
  });
});

describe("formatLogDate", () => {
  it("writes day and local time as the original does", () => {
    assert.equal(formatLogDate(new Date(1994, 10, 6, 8, 49, 37).getTime()), "06/Nov/1994 08:49:37");
    assert.equal(formatLogDate(new Date(2026, 0, 31, 23, 5, 9).getTime()), "31/Jan/2026 23:05:09");
  });
});

describe("formatCommonLogDate", () => {
  it("writes the distance from UTC as well", (t) => {
    const before = process.env["TZ"];
    t.after(() => {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    });
    for (const [zone, text] of [
      ["UTC", "06/Nov/1994:08:49:37 +0000"],
      ["Asia/Kolkata", "06/Nov/1994:14:19:37 +0530"],
      ["America/St_Johns", "06/Nov/1994:05:19:37 -0330"],
      ["Pacific/Honolulu", "05/Nov/1994:22:49:37 -1000"],
    ] as const) {
      process.env["TZ"] = zone;
      assert.equal(formatCommonLogDate(EXAMPLE), text, zone);
    }
  });
});
