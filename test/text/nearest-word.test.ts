import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { nearestWord } from "../../src/text/nearest-word.ts";

const KNOWN = ["directory", "dotfiles", "host", "cgi", "cgi-user"];

describe("nearestWord", () => {
  it("finds a word in spite of two slips", () => {
    for (const word of ["directroy", "directry", "dirrectory", "Directory", "derectary"]) {
      assert.equal(nearestWord(word, KNOWN), "directory", word);
    }
  });

  it("completes a beginning that only one word has", () => {
    assert.equal(nearestWord("dir", KNOWN), "directory");
    assert.equal(nearestWord("dotfile", KNOWN), "dotfiles");
    assert.equal(nearestWord("cgi-", KNOWN), "cgi-user");
  });

  it("allows a short word one slip only", () => {
    assert.equal(nearestWord("hots", KNOWN), "host");
    assert.equal(nearestWord("cig", KNOWN), "cgi");
    assert.equal(nearestWord("tls", KNOWN), undefined);
  });

  it("finds nothing for another word", () => {
    assert.equal(nearestWord("frobnicate", KNOWN), undefined);
    assert.equal(nearestWord("", KNOWN), undefined);
  });
});
