import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { preferredType } from "../../src/files/preferred-type.ts";

describe("preferredType (RFC 9110 §12.5.1)", () => {
  const offers = ["text/html", "application/json", "text/plain"] as const;
  const cases: readonly (readonly [accept: string | undefined, expected: string, why: string])[] = [
    [undefined, "text/html", "no field: the first"],
    ["", "text/html", "an empty field: the first"],
    ["*/*", "text/html", "anything: the first"],
    ["application/json", "application/json", "named"],
    ["text/plain", "text/plain", "named"],
    ["Text/Plain ; Q=0.5", "text/plain", "case and blanks do not count"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html", "a browser"],
    ["application/json, text/html", "text/html", "a tie: the server's order"],
    ["text/html;q=0.5, application/json", "application/json", "the greater weight"],
    ["text/html;q=0.5, */*;q=0.8", "application/json", "a wildcard stands for the others"],
    ["text/*;q=0.3, */*;q=0.1", "text/html", "a wildcard of the type before one of all"],
    ["text/*, text/html;q=0", "text/plain", "the most specific range decides"],
    ["text/html;level=1, application/json;q=0.2", "application/json", "a parameter asks for another kind"],
    ["application/json;q=0.5, text/html;", "text/html", "an empty parameter is none (§5.6.6)"],
    ["application/json;, text/plain;q=0.3", "application/json", "an empty parameter is none (§5.6.6)"],
    [
      "text/html; ; q=0.1, application/json;q=0.2",
      "application/json",
      "an empty parameter before the weight",
    ],
    ['text/plain;charset="UTF-8"', "text/plain", "a value may be quoted (§5.6.6)"],
    ["text/plain;charset=utf-8", "text/plain", "the charset that there is"],
    ["image/png", "text/html", "none of them: better than an error (§12.4.1)"],
    ["*/*;q=0", "text/html", "none at all: the same"],
    ["application/json;q=2, text/plain;q=0.1", "text/plain", "a malformed weight is 0 (§12.4.2)"],
    ["application/json;q=2", "text/html", "a malformed weight is 0, and there is no other wish"],
    [",,application/json,,", "application/json", "empty members"],
  ];
  for (const [accept, expected, why] of cases) {
    it(`${JSON.stringify(accept)} → ${expected}: ${why}`, () =>
      assert.equal(preferredType(accept, offers), expected));
  }

  it("takes no longer for 64 KiB of commas", { timeout: 30_000 }, () => {
    for (let i = 0; i < 1000; i++)
      assert.equal(preferredType(`${",".repeat(65_000)}text/plain`, offers), "text/plain");
  });
});
