import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasHiddenSegment, isHiddenName } from "../../src/files/hidden-name.ts";

describe("isHiddenName", () => {
  it("hides names that begin with a dot", () => {
    for (const name of [".env", ".git", "...", "..a", ".well-known2", ".Well-known", ".well-know"]) {
      assert.ok(isHiddenName(name), name);
    }
  });

  it("shows the others, and .well-known", () => {
    for (const name of ["a", "a.b", "a.", "", "well-known", ".well-known"])
      assert.ok(!isHiddenName(name), name);
  });
});

describe("hasHiddenSegment", () => {
  it("looks at every segment", () => {
    for (const path of [
      "/.env",
      "/.git/config",
      "/a/.b",
      "/a/.b/",
      "/a/.b/c",
      "/.well-known/.secret",
      "/a/.well-known/b/.c",
    ]) {
      assert.ok(hasHiddenSegment(path), path);
    }
  });

  it("finds nothing in paths that hide nothing", () => {
    for (const path of [
      "/",
      "/a",
      "/a.b/c.d",
      "/.well-known",
      "/.well-known/",
      "/.well-known/a",
      "/a/.well-known/b",
    ]) {
      assert.ok(!hasHiddenSegment(path), path);
    }
  });
});
