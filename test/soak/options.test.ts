import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { parseOptions } from "../../soak/options.ts";

describe("the soak's options", () => {
  it("have defaults", () => {
    assert.deepEqual(parseOptions([]), { requests: 100_000, seconds: 600, seed: 1, plant: [], help: false });
  });

  it("are taken", () => {
    const options = parseOptions([
      "--requests",
      "300",
      "--seconds",
      "9",
      "--seed",
      "7",
      "--plant",
      "file,heap",
    ]);
    assert.deepEqual(options, { requests: 300, seconds: 9, seed: 7, plant: ["file", "heap"], help: false });
  });

  it("are refused in one sentence", () => {
    assert.throws(() => parseOptions(["--fast"]), { message: /^Unknown option '--fast'; [^\n]+\.$/ });
    assert.throws(() => parseOptions(["--seed", "x"]), { message: /^--seed takes a whole number [^\n]+\.$/ });
    assert.throws(() => parseOptions(["--plant", "love"]), { message: /^--plant takes file, [^\n]+\.$/ });
  });
});
