import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalPath } from "../../src/files/url-path.ts";
import { withTrailingSlash } from "../../src/files/redirect-location.ts";

describe("withTrailingSlash", () => {
  it("puts the slash at the end of the path and keeps the query", () => {
    assert.equal(withTrailingSlash("/d"), "/d/");
    assert.equal(withTrailingSlash("/d?hi=1"), "/d/?hi=1");
    assert.equal(withTrailingSlash("/d?a=/b?c"), "/d/?a=/b?c");
    assert.equal(withTrailingSlash("/d?"), "/d/?");
  });

  it("leaves escapes as they are, so that none becomes active", () => {
    assert.equal(withTrailingSlash("/a%20b%2f..%0d%0aX:y"), "/a%20b%2f..%0d%0aX:y/");
  });

  it("encodes a backslash: a browser would read /\\host as //host", () => {
    assert.equal(withTrailingSlash("/\\host/%2e%2e/d"), "/%5Chost/%2e%2e/d/");
  });

  it("leaves one slash in front, where an override has cut a prefix off the target", () => {
    assert.equal(withTrailingSlash("//evil.example/%2e%2e/d?//x"), "/evil.example/%2e%2e/d/?//x");
    assert.equal(withTrailingSlash("///d"), "/d/");
  });

  it("encodes bytes beyond ASCII, which no URI holds", () => {
    assert.equal(withTrailingSlash("/\u00c3\u00a4"), "/%C3%A4/");
  });

  it("never leads a browser to another host", () => {
    const part = fc.constantFrom(
      "/",
      "\\",
      "evil.example",
      "%2f",
      "%5c",
      ".",
      "..",
      "@",
      ":",
      "?",
      "\u00c3\u00a4",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const target = `/${parts.join("")}`;
        // What ends in a slash is a directory already.
        if (canonicalPath(target).endsWith("/")) return;
        assert.equal(new URL(withTrailingSlash(target), "http://here.example/x/y").host, "here.example");
      }),
      { numRuns: 2000 },
    );
  });
});
