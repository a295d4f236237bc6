import { describe, it } from "node:test";
import assert from "node:assert/strict";

import type { Entry, RowResult } from "../../bench/contest.ts";
import { allRows } from "../../bench/rows.ts";
import { judge, TARGETS } from "../../bench/targets.ts";

const tools = { root: "", node: "node", nodeVersion: "20.0.0", htbin: "htbin.js", python: undefined };
const [row] = allRows(tools);

function ran(name: string, ...values: number[]): Entry {
  const server = {
    name,
    remark: "",
    find: () => ({ kind: "present", version: "1" }) as const,
    command: () => [],
  };
  const samples = values.map((value) => ({ value }));
  return { server, version: "1", answeredRightly: true, remarks: [], outcome: { kind: "ran", samples } };
}

function resultOf(...entries: Entry[]): RowResult {
  assert.ok(row);
  return { row, expected: undefined, entries };
}

describe("a target", () => {
  const twice = { row: "1k", against: "nginx", bound: "at least", value: 2, source: "" } as const;

  it("is met when the median of the rounds reaches it", () => {
    const result = resultOf(ran("htbin", 20, 21, 5), ran("nginx", 10, 10, 10));
    assert.equal(judge(twice, result).verdict, "met");
  });

  it("is within noise when only some rounds reach it", () => {
    const result = resultOf(ran("htbin", 19, 21, 5), ran("nginx", 10, 10, 10));
    assert.equal(judge(twice, result).verdict, "within noise");
  });

  it("is missed when no round reaches it", () => {
    const result = resultOf(ran("htbin", 19, 19, 5), ran("nginx", 10, 10, 10));
    assert.equal(judge(twice, result).verdict, "missed");
    assert.match(
      judge(twice, result).text,
      /^missed: 1k: htbin ÷ nginx at least 2; seen 1\.9 \(0\.5–1\.9\)$/,
    );
  });

  it("can be a value that must not be exceeded", () => {
    const small = { row: "1k", bound: "at most", value: 8, source: "" } as const;
    assert.equal(judge(small, resultOf(ran("htbin", 8, 7, 9))).verdict, "met");
    assert.equal(judge(small, resultOf(ran("htbin", 8.1, 8.2, 9))).verdict, "missed");
  });

  it("can be about the slowest of a hundred answers", () => {
    const target = {
      row: "1k",
      against: "nginx",
      of: "p99",
      bound: "at most",
      value: 2,
      source: "",
    } as const;
    const withP99 = (entry: Entry, p99: number): Entry => {
      assert.ok(entry.outcome.kind === "ran");
      const samples = entry.outcome.samples.map((sample) => ({ ...sample, p99 }));
      return { ...entry, outcome: { kind: "ran", samples } };
    };
    const nginx = withP99(ran("nginx", 10, 10, 10), 1);
    assert.equal(judge(target, resultOf(withP99(ran("htbin", 1, 1, 1), 2), nginx)).verdict, "met");
    assert.match(
      judge(target, resultOf(withP99(ran("htbin", 1, 1, 1), 2.5), nginx)).text,
      /^missed: 1k, p99: htbin ÷ nginx at most 2; seen 2\.5 /,
    );
    assert.equal(judge(target, resultOf(ran("htbin", 1), nginx)).verdict, "not measured");
  });

  it("is not measured without its peer", () => {
    assert.equal(judge(twice, resultOf(ran("htbin", 20))).verdict, "not measured");
  });

  it("names a row and servers that exist", () => {
    for (const { row: name, server = "htbin", against = server } of TARGETS) {
      const names = allRows(tools)
        .find((each) => each.name === name)
        ?.entrants.map((entrant) => entrant.server.name);
      assert.ok(names?.includes(server) && names.includes(against), `${name}: ${server}, ${against}`);
    }
  });
});
