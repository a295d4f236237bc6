// A run: case after case to htbin and to its peers, and every difference that nothing explains.

import { compare, type Difference } from "./compare.ts";
import { explain } from "./known-differences.ts";
import { makeCase } from "./make-case.ts";
import { minimise } from "./minimise.ts";
import type { Case, End, Peer, Verdict } from "./verdict.ts";

export interface Finding {
  /** The number of the case. */
  readonly index: number;
  readonly input: Case;
  readonly peer: string;
  readonly difference: Difference;
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

export interface Campaign {
  readonly htbin: Peer;
  /** Every peer with how many cases it gets: one in so many. */
  readonly peers: readonly { readonly peer: Peer; readonly oneIn: number }[];
  readonly seeds: readonly string[];
  readonly seed: number;
  /** The number of the first case, and how many there are. */
  readonly from: number;
  readonly cases: number;
  readonly seconds: number;
  /** Milliseconds after which a case counts as one that never ends; most take less than one. */
  readonly patience: number;
  /** Distinct findings after which to stop. */
  readonly enough: number;
  progress(done: number, findings: number): void;
}

export interface Outcome {
  readonly done: number;
  readonly findings: readonly Finding[];
  /** How often each known difference was the explanation. */
  readonly explained: ReadonlyMap<string, number>;
}

/** Cases between two looks at the clock, and at what a peer in another process has to say. */
const BATCH = 250;

/** @throws {Error} for a case that never ends: nothing can be compared then */
export async function fuzz(campaign: Campaign): Promise<Outcome> {
  const { htbin, peers, seeds, seed, from, cases, seconds, enough, patience } = campaign;
  const explained = new Map<string, number>();
  const found = new Map<string, Finding>();
  const stopAt = Date.now() + seconds * 1000;
  let done = 0;

  const check = async (index: number, input: Case, ours: Verdict, peer: Peer): Promise<void> => {
    const theirs = await peer.judge(input);
    for (const difference of compare(ours, theirs)) {
      const known = explain(peer.name, difference, input.text);
      if (known !== undefined) explained.set(known.name, (explained.get(known.name) ?? 0) + 1);
      else {
        const key = signature(peer.name, difference);
        if (!found.has(key)) found.set(key, { index, input, peer: peer.name, difference, ours, theirs });
      }
    }
  };

  while (done < cases && found.size < enough && Date.now() < stopAt) {
    const checks: Promise<void>[] = [];
    for (const end = Math.min(cases, done + BATCH); done < end; done++) {
      const index = from + done;
      const input = makeCase(seed, index, seeds);
      const ours = await inTime(patience, htbin.judge(input), `htbin does not end case ${index}`);
      for (const { peer, oneIn } of peers)
        if (index % oneIn === 0) checks.push(check(index, input, ours, peer));
    }
    await inTime(patience, Promise.all(checks), `A peer of htbin does not end a case before ${from + done}`);
    campaign.progress(done, found.size);
  }

  const findings: Finding[] = [];
  for (const finding of found.values()) findings.push(await shrink(finding, campaign));
  return { done, findings, explained };
}

/** Findings with the same signature are very likely the same: what differs, and why who has refused it did so. */
function signature(peer: string, { kind, ourEnd, theirEnd }: Difference): string {
  const reason = (end: End): string =>
    "reason" in end ? `${end.kind} ${end.reason.replace(/'.*'/s, "")}` : end.kind;
  const parts = [peer, kind];
  if (kind.startsWith("only the peer") || kind === "end") parts.push(reason(ourEnd));
  if (kind.startsWith("only htbin") || kind === "end") parts.push(reason(theirEnd));
  return parts.join("; ");
}

async function inTime<T>(patience: number, work: T | Promise<T>, complaint: string): Promise<T> {
  if (!(work instanceof Promise)) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} within ${patience} ms.`)), patience);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The finding with as few bytes as show the same difference. */
async function shrink(finding: Finding, { htbin, peers }: Campaign): Promise<Finding> {
  const { peer } = peers.find((entry) => entry.peer.name === finding.peer)!;
  let smallest = finding;
  const wanted = signature(peer.name, finding.difference);
  await minimise(finding.input, async (input) => {
    const ours = await htbin.judge(input);
    const theirs = await peer.judge(input);
    const difference = compare(ours, theirs).find(
      (candidate) =>
        signature(peer.name, candidate) === wanted && explain(peer.name, candidate, input.text) === undefined,
    );
    if (difference !== undefined) smallest = { ...finding, input, difference, ours, theirs };
    return difference !== undefined;
  });
  return smallest;
}
