import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { parseCGILimits } from "../../src/cli/cgi-limit-words.ts";

function sentence(...words: Parameters<typeof parseCGILimits>): string {
  const result = parseCGILimits(...words);
  assert.equal(typeof result, "string");
  return result as string;
}

describe("--cgi-limit", () => {
  it("takes several limits in one word, and in several", () => {
    const first = parseCGILimits("cpu=10,memory=512M,file-size=1G,processes=64", "--cgi-limit", {});
    assert.deepEqual(first, {
      resources: { cpu: 10, memory: 512 * 2 ** 20, fileSize: 2 ** 30, processes: 64 },
    });
    const all = parseCGILimits(
      "scripts=8,per-client=2,queue=20,wait=5,header=30,idle=60,time=0.5,cpu=3",
      "--cgi-limit",
      { resources: { cpu: 10, memory: 512 * 2 ** 20, fileSize: 2 ** 30, processes: 64 } },
    );
    assert.deepEqual(all, {
      scriptsAtOnce: 8,
      perClient: 2,
      queueLength: 20,
      queueWait: 5_000,
      timeToHeader: 30_000,
      idle: 60_000,
      wholeTime: 500,
      resources: { cpu: 3, memory: 512 * 2 ** 20, fileSize: 2 ** 30, processes: 64 },
    });
  });

  it("says in one sentence what is none", () => {
    for (const text of ["", "cpu", "cpu10", "ram=5", "toString=1", "cpu=1,,memory=1M", "=1"]) {
      assert.match(
        sentence(text, "--cgi-limit", {}),
        /^--cgi-limit "[^"]*" is no limit; write NAME=VALUE with one of scripts, .* processes$/,
        text,
      );
    }
    assert.match(sentence("cpu=0", "--cgi-limit", {}), /^--cgi-limit cpu "0" is no number from 1 up/);
    assert.match(sentence("memory=lots", "--cgi-limit", {}), /^--cgi-limit memory "lots" is no size/);
    assert.match(sentence("time=-1", "--cgi-limit", {}), /^--cgi-limit time "-1" is no time/);
  });
});
