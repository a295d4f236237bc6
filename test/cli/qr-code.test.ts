import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encode } from "uqr";
import { qrCode } from "../../src/cli/qr-code.ts";

describe("qrCode", () => {
  it("shows every module of the code, two rows in a line, with a border of two", async () => {
    const url = "http://192.0.2.7:8000/";
    const lines = (await qrCode(url)).trimEnd().split("\n");
    const { size, data } = encode(url, { border: 2 });
    assert.equal(lines.length, Math.ceil(size / 2));
    for (const [y, line] of lines.entries()) {
      const characters = Array.from(line);
      assert.equal(characters.length, size);
      for (const [x, character] of characters.entries()) {
        // A light module is drawn, a dark one is left dark.
        const [upper, lower] = [!data[2 * y]![x]!, !(data[2 * y + 1]?.[x] ?? false)];
        const expected = upper && lower ? "\u2588" : upper ? "\u2580" : lower ? "\u2584" : " ";
        if (2 * y + 1 < size) assert.equal(character, expected, `${x},${y}`);
      }
    }
  });
});
