import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { alignCells, formatNumber } from "../../bench/table.ts";

describe("alignCells", () => {
  it("lines up what is read as text and is a Markdown table", () => {
    const table = alignCells([
      ["row", "server", "result"],
      ["1 KiB", "nginx", "9 ms"],
      ["", "h", "10 ms"],
    ]);
    assert.equal(
      table,
      [
        "| row   | server | result |",
        "| ----- | ------ | -----: |",
        "| 1 KiB | nginx  |   9 ms |",
        "|       | h      |  10 ms |",
        "",
      ].join("\n"),
    );
  });
});

describe("formatNumber", () => {
  it("keeps three digits", () => {
    const shown = [103_456, 1234, 101.7, 37.74, 7.562, 0.1234].map(formatNumber);
    assert.deepEqual(shown, ["103,000", "1,230", "102", "37.7", "7.56", "0.12"]);
  });

  it("shows what was not measured as a dash", () => {
    assert.equal(formatNumber(Number.NaN), "—");
  });
});
