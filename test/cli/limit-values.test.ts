import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { parseCount, parseSeconds, parseSize } from "../../src/cli/limit-values.ts";

describe("limits as a person writes them", () => {
  it("sizes: bytes, or K, M and G as powers of 1024, with or without B", () => {
    for (const [text, bytes] of [
      ["0", 0],
      ["1500", 1500],
      ["64K", 65_536],
      ["64k", 65_536],
      ["1.5M", 1_572_864],
      ["2G", 2 ** 31],
      ["2GB", 2 ** 31],
      ["2GiB", 2 ** 31],
      ["100B", 100],
    ] as const) {
      assert.equal(parseSize(text, "--max-body"), bytes, text);
    }
  });

  it("what is none is one sentence that shows how to write it", () => {
    for (const text of [
      "",
      "M",
      "10X",
      "-1",
      "1e9",
      "0x10",
      "1 M",
      "Infinity",
      "NaN",
      "9".repeat(30),
      "1\x07",
    ]) {
      const sentence = parseSize(text, "--max-body");
      assert.match(String(sentence), /^--max-body "[^"\n]*" is no size; write bytes, .* such as 100M$/, text);
    }
    for (const text of ["", "0", "-1", "1.5", "ten", "1e3", "9".repeat(16)]) {
      assert.match(String(parseCount(text, "--max-connections")), /is no number from 1 up; write one/, text);
    }
    for (const text of ["", "0", "0.0001", "-1", "1m", "Infinity", "2147484"]) {
      assert.match(
        String(parseSeconds(text, "--timeout", "refused")),
        /is no time; write seconds, such as 30$/,
        text,
      );
    }
  });

  it("counts and seconds", () => {
    assert.equal(parseCount("4096", "--max-connections"), 4096);
    assert.equal(parseSeconds("60", "--timeout", "refused"), 60_000);
    assert.equal(parseSeconds("0.5", "--timeout", "refused"), 500);
    assert.equal(parseSeconds("0", "--grace", "allowed"), 0);
  });
});
