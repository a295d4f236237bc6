import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { HELP, parseOptions } from "../../bench/options.ts";
import { allRows } from "../../bench/rows.ts";

describe("the bench's options", () => {
  it("have defaults that can be quoted, and quick ones that cannot", () => {
    const { rounds, seconds, warmUp, only, answers, check } = parseOptions([]);
    assert.deepEqual([rounds, seconds, warmUp], [5, 1, 4]);
    assert.deepEqual({ only, answers, check }, { only: [], answers: false, check: false });
    const quick = parseOptions(["--quick", "--seconds", "4"]);
    assert.deepEqual([quick.rounds, quick.seconds, quick.warmUp], [2, 4, 1]);
  });

  it("take several rows", () => {
    assert.deepEqual(parseOptions(["--only", "1k,start"]).only, ["1k", "start"]);
  });

  it("name all rows in the help", () => {
    const tools = { root: "", node: "node", nodeVersion: "20.0.0", htbin: "htbin.js", python: undefined };
    const listed = /--only ROW[^:]*: ([^-]*(?:-(?!-)[^-]*)*)/.exec(HELP)?.[1]?.trim().split(/,\s+/);
    assert.deepEqual(
      listed,
      allRows(tools).map((row) => row.name),
    );
  });

  it("are refused in one sentence", () => {
    assert.throws(() => parseOptions(["--fast"]), { message: /^Unknown option '--fast'; [^\n]+\.$/ });
    assert.throws(() => parseOptions(["--rounds", "0"]), {
      message: /^--rounds takes a whole number [^\n]+\.$/,
    });
    assert.throws(() => parseOptions(["--check", "--rounds", "4"]), {
      message: /^--check takes at least 5 rounds; [^\n]+\.$/,
    });
    assert.throws(() => parseOptions(["1k"]), { message: /^Unexpected argument '1k'; [^\n]+\.$/ });
  });
});
