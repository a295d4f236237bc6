import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { parseOptions } from "../../fuzz/options.ts";

describe("the fuzzer's options", () => {
  it("compare a hundred thousand cases with all peers, unless told otherwise", () => {
    const { cases, seconds, from, only, files } = parseOptions([]);
    assert.deepEqual(
      { cases, seconds, from, only, files },
      { cases: 100_000, seconds: Infinity, from: 0, only: ["llhttp", "python"], files: [] },
    );
  });

  it("run as long as asked when only a time is given", () => {
    assert.deepEqual(
      [parseOptions(["--seconds", "5"]).cases, parseOptions(["--seconds", "5"]).seconds],
      [Infinity, 5],
    );
  });

  it("are refused in one sentence", () => {
    assert.throws(() => parseOptions(["--fast"]), { message: /^Unknown option '--fast'; [^\n]+\.$/ });
    assert.throws(() => parseOptions(["--seed", "x"]), {
      message: /^--seed takes a whole number, not "x"\.$/,
    });
    assert.throws(() => parseOptions(["--only", "go"]), {
      message: /^--only takes llhttp and python, not "go"\.$/,
    });
  });
});
