import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { acceptsHtml, looksLikeRoute } from "../../src/files/navigation.ts";

describe("acceptsHtml (RFC 9110 §12.5.1)", () => {
  it("holds where HTML is named, at any place, in any case, with any weight but none", () => {
    for (const accept of [
      "text/html",
      "TEXT/HTML",
      "text/html;q=0.1",
      "application/xhtml+xml , */*",
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
      "image/png,\ttext/html ; level=1 ; q=0.001",
    ]) {
      assert.ok(acceptsHtml(accept), accept);
    }
  });

  it("does not hold for wildcards, for other types, and where HTML is refused", () => {
    for (const accept of [
      undefined,
      "",
      "*/*",
      "text/*",
      "text/html;q=0",
      "text/html; q=0.000",
      "text/html;q=2",
      "text/htmlx",
      "x-text/html",
    ]) {
      assert.ok(!acceptsHtml(accept), accept);
    }
  });
});

describe("looksLikeRoute", () => {
  it("holds where the last segment has no dot", () => {
    for (const path of ["/", "/users", "/users/7", "/v1.2/users", "/v1.2/users/"])
      assert.ok(looksLikeRoute(path), path);
    for (const path of ["/a.js", "/users/j.doe", "/.env", "/users/j.doe/", "/a."])
      assert.ok(!looksLikeRoute(path), path);
  });
});
