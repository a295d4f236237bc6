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

  it("sends dots that leave the prefix and come back to the path that they mean (RFC 3986 §5.2.4)", () => {
    const location = "/a/b/b/c?q";
    for (const target of ["/a/b/../b/b/c?q", "/a/b/x/../../b/b/c?q", "/a/b/%2e%2e/b/b/c?q"])
      assert.deepEqual(placeBelow(target, base), { kind: "redirect", status: 301, location });
    // What stays below it is resolved later, as all others are.
    assert.deepEqual(placeBelow("/a/b/x/../c", base), { kind: "below", target: "/x/../c" });
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
    // Two of three begin below the prefix: by chance alone hardly one would leave it and come back.
    const beginning = fc.constantFrom("/", "/a/b/", "/a/b/../");
    fc.assert(
      fc.property(beginning, fc.array(part, { maxLength: 10 }), (first, parts) => {
        const target = first + parts.join("").replace(/^\/+/, "");
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
