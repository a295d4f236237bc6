import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { LineSplitter } from "../../src/cgi/line-splitter.ts";

/** The lines of chunks that are all lent: their memory is used for something else after each. */
function linesOf(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    splitter.push(lent);
    lent.fill("!");
  }
  splitter.end();
  return lines;
}

describe("LineSplitter", () => {
  const text = Buffer.from("one\r\n\nzwö\nlast");
  const expected = ["one", "", "zwö", "last"];

  it("finds the same lines in one go, byte by byte, and with more behind", () => {
    assert.deepEqual(linesOf([text]), expected);
    assert.deepEqual(linesOf([...text].map((byte) => Buffer.of(byte))), expected);
    assert.deepEqual(linesOf([text, Buffer.from(" more\n")]), ["one", "", "zwö", "last more"]);
  });

  it("cuts a line that is too long, and loses nothing", () => {
    const lines = linesOf([Buffer.alloc(9000, "a"), Buffer.from("\nb\n")]);
    assert.deepEqual(
      lines.map((line) => line.length),
      [4096, 4096, 808, 1],
    );
  });

  it("cuts between two characters, and shows bytes that are none", () => {
    const lines = linesOf([Buffer.from(`${"a".repeat(4095)}€uro\n`)]);
    assert.deepEqual(lines, ["a".repeat(4095), "€uro"]);
    assert.deepEqual(linesOf([Buffer.from([0xff, 0x80, 0x61, 0x0a])]), ["\u00ff\u0080a"]);
    const binary = Buffer.alloc(10_000, 0x80);
    assert.equal(linesOf([binary]).join(""), binary.toString("latin1"));
  });
});
