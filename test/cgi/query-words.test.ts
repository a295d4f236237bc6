import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { queryArguments } from "../../src/cgi/query-words.ts";

describe("queryArguments", () => {
  it("splits a search at '+' and decodes each word (RFC 3875 §4.4)", () => {
    assert.deepEqual(queryArguments("GET", "a+b%20c+%2B+%C3%A9"), ["a", "b c", "+", "é"]);
    assert.deepEqual(queryArguments("HEAD", "a"), ["a"]);
    assert.deepEqual(queryArguments("GET", "a%3Db"), ["a=b"]);
  });

  it("makes none of a form, of another method, of nothing (RFC 3875 §4.4)", () => {
    assert.deepEqual(queryArguments("GET", "a=b"), []);
    assert.deepEqual(queryArguments("GET", "a+b=c"), []);
    assert.deepEqual(queryArguments("POST", "a"), []);
    assert.deepEqual(queryArguments("GET", ""), []);
  });

  it("leaves out all for one word that cannot be passed, or that programs take for an option (CVE-2012-1823)", () => {
    for (const query of ["a+%00", "a+%", "a+%ff", "-s", "a+-s", "%2ds", `a+${"x".repeat(131_072)}`])
      assert.deepEqual(queryArguments("GET", query), [], query.slice(0, 20));
  });
});
