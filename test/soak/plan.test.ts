import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { type Plan, Planner } from "../../soak/plan.ts";
import { Random } from "../../soak/random.ts";
import { KINDS, type ServerName } from "../../soak/requests.ts";

function plans(server: ServerName, seed: number, count: number): Plan[] {
  const planner = new Planner(server, seed);
  return Array.from({ length: count }, () => planner.next());
}

describe("Random", () => {
  it("gives the same for the same seed, and something else for another", () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.integer(0, 1_000_000));
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it("stays within its bounds, reaches both, and follows weights", () => {
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(3, 5)));
    assert.deepEqual(seen, new Set([3, 4, 5]));
    const choices = [
      { weight: 9, name: "often" },
      { weight: 1, name: "seldom" },
      { weight: 0, name: "never" },
    ];
    const counts: Record<string, number> = { often: 0, seldom: 0, never: 0 };
    for (let i = 0; i < 2_000; i++) counts[random.weighted(choices).name]! += 1;
    assert.ok(counts["often"]! > 1_700 && counts["seldom"]! > 100, JSON.stringify(counts));
    assert.equal(counts["never"], 0);
  });
});

for (const server of ["handlers", "command"] as const) {
  describe(`the plans for ${server}`, () => {
    it("are the same for the same seed, byte by byte, and others for another", () => {
      assert.deepEqual(plans(server, 42, 500), plans(server, 42, 500));
      assert.notDeepEqual(plans(server, 42, 50), plans(server, 43, 50));
    });

    it("break off half of the requests, in every part of an exchange and in every way", () => {
      const all = plans(server, 1, 5_000);
      const sum = (of: (plan: Plan) => number): number => all.reduce((total, plan) => total + of(plan), 0);
      const share = sum(({ broken }) => broken) / sum(({ requests }) => requests);
      assert.ok(Math.abs(share - 0.5) < 0.02, `${share}`);
      const broken = all.filter(({ breakOff }) => breakOff !== undefined);
      assert.deepEqual(
        new Set(broken.map(({ breakOff }) => breakOff!.how)),
        new Set(["reset", "close", "end"]),
      );
      const has = (what: string, test: (plan: Plan) => boolean): void =>
        assert.ok(broken.filter(test).length >= 20, `too few ${what}`);
      has("that send nothing", ({ rest }) => rest === "");
      has("in the request line", ({ rest }) => /^[A-Z]+ [^\r\n]*$/.test(rest));
      has("in the head", ({ rest }) => /^[^\r\n]+\r\n/.test(rest) && !/\r?\n\r?\n/.test(rest));
      has("in a body of known length", ({ rest }) => isCutBody(rest, /content-length: (\d+)\r/i));
      has("in a chunked body", ({ rest }) => /chunked\r\n\r\n/.test(rest) && !rest.includes("\r\n0\r\n\r\n"));
      has("before the answer", ({ rest, breakOff }) => rest.endsWith("\r\n\r\n") && breakOff!.received === 0);
      has("in the answer", ({ breakOff }) => breakOff!.received > 0);
      has("far in the answer", ({ breakOff }) => breakOff!.received > 10_000);
      has("behind answers", ({ whole }) => whole.length > 0);
      has("pipelined", ({ rest }) => (rest.match(/ HTTP\/1\.1\r\n/g)?.length ?? 0) > 1);
    });

    it("use every kind of request", () => {
      const sent = plans(server, 1, 5_000).map(
        ({ whole, rest }) => whole.map(({ bytes }) => bytes).join("") + rest,
      );
      for (const kind of KINDS[server]) {
        const { bytes } = kind.make(new Random(1));
        const line = bytes.slice(0, bytes.indexOf("\n") + 1);
        assert.ok(
          sent.some((text) => text.includes(line)),
          line.slice(0, 80),
        );
      }
    });
  });
}

function isCutBody(text: string, length: RegExp): boolean {
  const body = text.indexOf("\r\n\r\n");
  const declared = length.exec(text)?.[1];
  return body !== -1 && declared !== undefined && text.length - body - 4 < Number(declared);
}
