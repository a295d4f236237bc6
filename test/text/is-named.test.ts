import { describe, it } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";

import { isNamed } from "../../src/text/is-named.ts";

describe("isNamed", () => {
  it("takes no notice of the case of ASCII letters (RFC 9110 §5.1)", () => {
    assert.ok(isNamed("If-None-Match", "if-none-match"));
    assert.ok(isNamed("hOsT", "host"));
    assert.ok(!isNamed("Host", "hosts"));
    assert.ok(!isNamed("Host", "hast"));
  });

  it("tells characters apart that differ by the bit of the case, and are no letters", () => {
    for (const [a, b] of [
      ["@", "`"],
      ["[", "{"],
      ["^", "~"],
      ["_", "\x7f"],
    ] as const) {
      assert.ok(!isNamed(a, b), `${a} ${b}`);
    }
  });

  it("says of ASCII what a comparison in lower case says", () => {
    const pair = fc
      .string({ unit: "binary-ascii", maxLength: 12 })
      .chain((text) =>
        fc.tuple(
          fc.constant(text),
          fc.oneof(
            fc.constant(text.toUpperCase()),
            fc.constant(text.toLowerCase()),
            fc.string({ unit: "binary-ascii", maxLength: 12 }),
          ),
        ),
      );
    fc.assert(
      fc.property(pair, ([a, b]) =>
        assert.equal(isNamed(a, b.toLowerCase()), a.toLowerCase() === b.toLowerCase()),
      ),
    );
  });
});
