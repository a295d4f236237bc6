import { after, describe, it } from "node:test";
import assert from "node:assert/strict";

import { compare } from "../../fuzz/compare.ts";
import { escapeInput, type Fixture, readFixtures } from "../../fuzz/fixture.ts";
import { explain, KNOWN_DIFFERENCES, type KnownDifference } from "../../fuzz/known-differences.ts";
import { htbinPeer } from "../../fuzz/peers/htbin.ts";
import { llhttpPeer } from "../../fuzz/peers/llhttp.ts";
import { pythonPeer, pythonVersion } from "../../fuzz/peers/python.ts";
import { type Case, type Peer, summarise } from "../../fuzz/verdict.ts";

const fixtures = readFixtures();
const htbin = htbinPeer();
const python = pythonVersion();
const peers: readonly Peer[] = python === undefined ? [llhttpPeer()] : [llhttpPeer(), pythonPeer()];

const whole = (text: string): Case => ({ text, cuts: [], isSlow: false, readsBody: true });
const byteByByte = (text: string): Case => ({
  ...whole(text),
  cuts: Array.from(text, (_, i) => i),
  isSlow: true,
});

/** Which entries explain what this peer makes of an input; `undefined` stands for a difference that none explains. */
async function explanations(peer: Peer, text: string): Promise<(KnownDifference | undefined)[]> {
  const [ours, theirs] = [await htbin.judge(whole(text)), await peer.judge(whole(text))];
  return compare(ours, theirs).map((difference) => explain(peer.name, difference, text));
}

after(() => {
  for (const peer of peers) peer.close();
});

describe("the inputs that the fuzzer keeps", () => {
  it("are read by htbin as their files say, in one piece and byte by byte", async () => {
    for (const { name, expected, text } of fixtures) {
      for (const input of [whole(text), byteByByte(text)]) {
        assert.equal(escapeInput(summarise(await htbin.judge(input))), expected, name);
      }
    }
  });

  it("end at the same place for a handler that does not read bodies", async () => {
    for (const { name, text } of fixtures) {
      const read = await htbin.judge(whole(text));
      const unread = await htbin.judge({ ...whole(text), readsBody: false });
      assert.deepEqual(
        unread.requests.map(({ method, target }) => [method, target]),
        read.requests.map(({ method, target }) => [method, target]),
        name,
      );
    }
  });

  for (const peer of peers) {
    it(`show no difference to ${peer.name} that is not known`, async () => {
      for (const { name, text } of fixtures) {
        assert.ok(!(await explanations(peer, text)).includes(undefined), name);
      }
    });
  }

  if (python === undefined) it("are compared with CPython", (t) => t.skip("there is no python3 here"));
});

describe("the known differences", () => {
  // Other versions differ in fewer, or in other ways: what they differ in is what the tests above look at.
  const isWritten: Record<string, boolean> = {
    llhttp: process.versions["llhttp"]?.startsWith("9.3.") ?? false,
    python: python?.startsWith("3.11.") ?? false,
  };

  it("are each shown by an input, and explain nothing without one", async (t) => {
    const missing: string[] = [];
    for (const known of KNOWN_DIFFERENCES) {
      const needed = known.peer === "both" ? ["llhttp", "python"] : [known.peer];
      if (needed.some((name) => !isWritten[name])) {
        t.diagnostic(`not looked at, for want of llhttp 9.3 or Python 3.11: ${known.name}`);
        continue;
      }
      if (
        !(await isShown(
          known,
          fixtures.find((fixture) => fixture.known === known.name),
        ))
      )
        missing.push(known.name);
    }
    assert.deepEqual(missing, []);
  });

  async function isShown(known: KnownDifference, fixture: Fixture | undefined): Promise<boolean> {
    if (fixture === undefined) return false;
    for (const peer of peers) {
      if ((await explanations(peer, fixture.text)).includes(known)) return true;
    }
    return false;
  }

  it("have names of their own, and a section of an RFC each", () => {
    assert.equal(new Set(KNOWN_DIFFERENCES.map(({ name }) => name)).size, KNOWN_DIFFERENCES.length);
    for (const { reason } of KNOWN_DIFFERENCES) assert.match(reason, /^RFC \d{4} §[0-9C]/);
  });
});
