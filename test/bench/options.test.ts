import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { parseOptions } from "../../bench/options.ts";

describe("the bench's options", () => {
  it("have defaults that can be quoted, and quick ones that cannot", () => {
    const { rounds, seconds, only, check } = parseOptions([]);
    assert.deepEqual({ rounds, seconds, only, check }, { rounds: 5, seconds: 3, only: [], check: false });
    const quick = parseOptions(["--quick", "--rounds", "4"]);
    assert.deepEqual([quick.rounds, quick.seconds], [4, 1]);
  });

  it("take several rows", () => {
    assert.deepEqual(parseOptions(["--only", "1k,start"]).only, ["1k", "start"]);
  });

  it("are refused in one sentence", () => {
    assert.throws(() => parseOptions(["--fast"]), { message: /^Unknown option '--fast'; [^\n]+\.$/ });
    assert.throws(() => parseOptions(["--rounds", "0"]), {
      message: /^--rounds takes a whole number [^\n]+\.$/,
    });
    assert.throws(() => parseOptions(["1k"]), { message: /^Unexpected argument '1k'; [^\n]+\.$/ });
  });
});
