// A fuzzer that finds nothing may be blind. So each hole that request smuggling is made of is dug here, and has to be found.

import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { type Finding, fuzz } from "../../fuzz/campaign.ts";
import { readFixtures } from "../../fuzz/fixture.ts";
import { htbinPeer } from "../../fuzz/peers/htbin.ts";
import { llhttpPeer } from "../../fuzz/peers/llhttp.ts";
import { pythonPeer, pythonVersion } from "../../fuzz/peers/python.ts";
import type { Case, Peer, SeenRequest, Verdict } from "../../fuzz/verdict.ts";

const seeds = readFixtures()
  .filter(({ name }) => name.startsWith("seeds/"))
  .map(({ text }) => text);

/** htbin, but for what is done to what it is given, or to what it says. */
function planted(
  bug: { input?: (text: string) => string; request?: (request: SeenRequest) => SeenRequest },
  peer = htbinPeer(),
): Peer {
  return {
    name: "htbin",
    async judge(input: Case): Promise<Verdict> {
      const text = bug.input?.(input.text) ?? input.text;
      const verdict = await peer.judge({ ...input, text, cuts: text === input.text ? input.cuts : [] });
      return { ...verdict, requests: verdict.requests.map(bug.request ?? ((request) => request)) };
    },
    close: () => {},
  };
}

async function firstFinding(
  htbin: Peer,
  peer: Peer,
  cases = 20_000,
  patience = 60_000,
): Promise<Finding | undefined> {
  const { findings } = await fuzz({
    htbin,
    peers: [{ peer, oneIn: 1 }],
    seeds,
    seed: 1,
    from: 0,
    cases,
    seconds: Infinity,
    patience,
    enough: 1,
    progress() {},
  });
  peer.close();
  return findings[0];
}

describe("the fuzzer", () => {
  const LAX: [hole: string, input: (text: string) => string][] = [
    ["takes a bare LF for a line end", (text) => text.replace(/(?<!\r)\n/g, "\r\n")],
    ["takes a bare CR for a line end", (text) => text.replace(/\r(?!\n)/g, "\r\n")],
    ["joins folded lines", (text) => text.replace(/\r\n[ \t]+/g, " ")],
    ["drops a blank before a colon", (text) => text.replace(/\n([\w-]+)[ \t]+:/g, "\n$1:")],
    ["drops NUL", (text) => text.replaceAll("\0", "")],
    ["takes a sign before a chunk size", (text) => text.replace(/\n\+([0-9a-f]+\r\n)/gi, "\n$1")],
    ["takes a blank behind a chunk size", (text) => text.replace(/\n([0-9a-f]+) \r\n/gi, "\n$1\r\n")],
    ["lets a chunk size wrap at 64 bits", (text) => text.replace(/\n1(0{15}[0-9a-f]\r\n)/gi, "\n$1")],
    ["takes a chunk size in C's notation", (text) => text.replace(/\n0x([0-9a-f]+\r\n)/gi, "\n$1")],
    ["takes a sign before a length", (text) => text.replace(/(content-length:[ \t]*)\+/gi, "$1")],
    ["takes a length twice", (text) => text.replace(/(content-length:[ \t]*(\d+)), ?\2\r/gi, "$1\r")],
    ["takes xchunked for chunked", (text) => text.replaceAll("xchunked", "chunked")],
    [
      "lets chunks win over a length",
      (text) => text.replace(/content-length:[^\r]*\r\n(?=transfer-encoding)/gi, ""),
    ],
    [
      "lets a length win over chunks",
      (text) => text.replace(/transfer-encoding:[^\r]*\r\n(?=content-length)/gi, ""),
    ],
    [
      "takes an underscore for a hyphen",
      (text) => text.replace(/(content|transfer)_(length|encoding):/gi, "$1-$2:"),
    ],
    ["looks for close anywhere in Connection", (text) => text.replaceAll("not-close", "close")],
  ];

  for (const [hole, input] of LAX) {
    it(`finds an htbin that ${hole}`, async () => {
      assert.ok(await firstFinding(planted({ input }), llhttpPeer()));
    });
  }

  const WRONG: [bug: string, request: (request: SeenRequest) => SeenRequest][] = [
    ["loses the last byte of a long body", (request) => ({ ...request, body: request.body?.slice(0, 30) })],
    ["ends a body too early", (request) => ({ ...request, isComplete: true })],
    ["lower-cases the method", (request) => ({ ...request, method: request.method.toLowerCase() })],
    ["decodes the target", (request) => ({ ...request, target: request.target.replaceAll("%20", " ") })],
    [
      "loses a repeated field",
      (request) => ({ ...request, fields: Object.entries(Object.fromEntries(request.fields)) }),
    ],
    ["always persists", (request) => ({ ...request, persists: true })],
  ];

  for (const [bug, request] of WRONG) {
    it(`finds an htbin that ${bug}`, async () => {
      assert.ok(await firstFinding(planted({ request }), llhttpPeer()));
    });
  }

  it("finds an htbin that fails inside", async () => {
    const peer = htbinPeer();
    const failing: Peer = {
      ...peer,
      judge: async (input) =>
        input.text.includes("\xff")
          ? { requests: [], end: { kind: "failed", reason: "TypeError" } }
          : await peer.judge(input),
    };
    assert.equal((await firstFinding(failing, llhttpPeer()))?.difference.kind, "failure");
  });

  it("finds an htbin that never ends", async () => {
    const peer = htbinPeer();
    const endless: Peer = {
      ...peer,
      judge: (input) =>
        input.text.includes("\xff") ? new Promise<Verdict>(() => {}) : Promise.resolve(peer.judge(input)),
    };
    await assert.rejects(firstFinding(endless, llhttpPeer(), 20_000, 200), {
      message: /^htbin does not end case \d+ within/,
    });
  });

  it("finds by CPython alone an htbin that loses a field", async (t) => {
    if (pythonVersion() === undefined) return t.skip("there is no python3 here");
    const request = (seen: SeenRequest): SeenRequest => ({
      ...seen,
      fields: seen.fields.filter(([name]) => name !== "Cookie"),
    });
    const finding = await firstFinding(planted({ request }), pythonPeer(), 2_000);
    assert.equal(finding?.difference.kind, "fields");
  });

  it("shows a finding in as few bytes as it takes, and makes the same cases from the same seed", async () => {
    const input = (text: string): string => text.replaceAll("xchunked", "chunked");
    const [one, two] = [
      await firstFinding(planted({ input }), llhttpPeer()),
      await firstFinding(planted({ input }), llhttpPeer()),
    ];
    assert.ok(one !== undefined && two !== undefined);
    assert.deepEqual([one.index, one.input], [two.index, two.input]);
    assert.ok(one.input.text.length < 80, JSON.stringify(one.input.text));
    assert.match(one.input.text, /xchunked/);
  });

  it("finds nothing in htbin itself", async () => {
    assert.equal(await firstFinding(htbinPeer(), llhttpPeer(), 5_000), undefined);
  });
});
