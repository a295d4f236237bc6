import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseBasePath, placeBelow } from "../../src/files/base-path.ts";
import { canonicalPath } from "../../src/files/url-path.ts";

describe("parseBasePath", () => {
  it("has one form, whatever slashes and escapes it was written with", () => {
    for (const text of ["docs", "/docs", "docs/", "//docs//", "/%64ocs/"]) {
      assert.deepEqual(parseBasePath(text), { encoded: "/docs", decoded: "/docs" });
    }
    assert.deepEqual(parseBasePath("/a b/\u00fc"), { encoded: "/a%20b/%C3%BC", decoded: "/a b/\u00fc" });
    for (const text of ["", "/", "//"]) assert.deepEqual(parseBasePath(text), { encoded: "", decoded: "" });
  });
});

describe("placeBelow", () => {
  const base = parseBasePath("/a/b");

  it("gives every target as it is without a prefix", () => {
    assert.deepEqual(placeBelow("/x?y", parseBasePath("")), { kind: "below", target: "/x?y" });
  });

  it("leaves one slash in front, as every target has: a redirect to it stays on this host (CVE-2021-28861)", () => {
    for (const target of ["/base//evil.example/..", "/base///evil.example/.."])
      assert.deepEqual(placeBelow(target, parseBasePath("/base")), {
        kind: "below",
        target: "/evil.example/..",
      });
  });

  it("never lets dots, encoded or not, lead to another place than it says; redirects stay here", () => {
    const part = fc.constantFrom(
      "/",
      "/",
      "a",
      "b",
      "c",
      "..",
      ".",
      "%2e%2e",
      "%2f",
      "%61",
      "\\",
      "?",
      "%c3%a4",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const target = `/${parts.join("").replace(/^\/+/, "")}`;
        const path = canonicalPath(target);
        const place = placeBelow(target, base);
        switch (place.kind) {
          case "below":
            assert.ok(path.startsWith("/a/b/"), target);
            assert.equal(canonicalPath(place.target), path.slice("/a/b".length));
            break;
          case "redirect": {
            assert.ok(path === "/" || path === "/a/b" || path.startsWith("/a/b/"), target);
            const url = new URL(place.location, "http://here.example/");
            assert.equal(url.host, "here.example");
            // Whoever follows it arrives.
            assert.equal(placeBelow(url.pathname + url.search, base).kind, "below");
            break;
          }
          case "outside":
            assert.ok(!path.startsWith("/a/b/"), target);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
