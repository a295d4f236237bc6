import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { meantByWord } from "../../src/cli/meant-word.ts";

describe("meantByWord", () => {
  it("knows options without hyphens, and with dashes that an editor has made of them", () => {
    assert.equal(meantByWord("help"), "the option is --help");
    assert.equal(meantByWord("cgi"), "the option is --cgi");
    assert.match(meantByWord("\u2014-port") ?? "", /: --port$/);
    assert.match(meantByWord("\u2013p") ?? "", /: -p$/);
  });

  it("knows addresses, with and without a port", () => {
    assert.equal(meantByWord(":8080"), "the port is a number alone: htbin 8080");
    for (const word of ["localhost:8080", "http://localhost:8080/", "http://localhost:8080"])
      assert.match(meantByWord(word) ?? "", /htbin 8080 --bind localhost$/, word);
    assert.match(meantByWord("[::1]:80") ?? "", /htbin 80 --bind \[::1\]$/);
    assert.match(meantByWord("0.0.0.0") ?? "", /--bind 0\.0\.0\.0$/);
  });

  it("takes everything else for a folder", () => {
    for (const word of ["public", "dist/app", "./2024", "/srv/www", "C:\\site", "a-b", "site:v2", "-q"])
      assert.equal(meantByWord(word), undefined, word);
  });
});
