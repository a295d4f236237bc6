// Owns what htbin has to reach, each with its reason, and the verdict on a run.

import type { Entry, RowResult } from "./contest.ts";
import { median, pairedRatios } from "./statistics.ts";
import { formatNumber } from "./table.ts";

interface Target {
  readonly row: string;
  /** Whose value it is; htbin's unless said otherwise. */
  readonly server?: string;
  /** Divided by the value of this server, round by round; the value itself where none is named. */
  readonly against?: string;
  readonly bound: "at least" | "at most";
  readonly value: number;
  /** Why this much. */
  readonly source: string;
}

/** Missing a target is a defect of htbin, and not of the bench: change a number here only with its reason. */
export const TARGETS: readonly Target[] = [
  {
    row: "1k",
    against: "nginx",
    bound: "at least",
    value: 1,
    source:
      "stock nginx, which logs as well, is what people put before a slow file server; on Node 20 already",
  },
  {
    row: "1k",
    server: "htbin, newest Node",
    against: "nginx",
    bound: "at least",
    value: 1.2,
    source: "the bare socket of a new Node is that much faster than that of Node 20",
  },
  {
    row: "1k",
    against: "sirv-cli",
    bound: "at least",
    value: 5,
    source: "the fastest file server of npm stands on node:http and streams; own parsing has to be worth it",
  },
  {
    row: "1k-pipelined",
    against: "htbin, one by one",
    bound: "at least",
    value: 2.5,
    source: "one read and one write for 16 requests save most of what the kernel costs",
  },
  {
    row: "1k-idle",
    against: "htbin, none idle",
    bound: "at least",
    value: 0.95,
    source: "who waits costs nothing: only the look at deadlines, once a second, may show",
  },
  {
    row: "idle-heap",
    bound: "at most",
    value: 8,
    source: "KiB: 10,000 connections fit into 80 MiB",
  },
  {
    row: "fastcgi-php",
    server: "htbin --fastcgi",
    against: "nginx, fastcgi_pass",
    bound: "at least",
    value: 0.8,
    source: "PHP does most of the work; what htbin adds must not send anybody back to nginx",
  },
  {
    row: "start",
    against: "bare node:http",
    bound: "at most",
    value: 1.6,
    source: "most of a start is Node's own; a command that is typed should not be felt",
  },
  {
    row: "memory",
    against: "bare node:http",
    bound: "at most",
    value: 1.3,
    source: "most of the memory is Node's own",
  },
];

/** `within noise`: the median misses the target, but not every round does. */
type Verdict = "met" | "within noise" | "missed" | "not measured";

export interface Judgement {
  readonly verdict: Verdict;
  /** One line: the verdict, what was asked, what was seen. */
  readonly text: string;
}

/** The targets of the rows that ran. */
export function judgeAll(results: readonly RowResult[]): Judgement[] {
  return TARGETS.flatMap((target) => {
    const result = results.find(({ row }) => row.name === target.row);
    return result === undefined ? [] : [judge(target, result)];
  });
}

/**
 * A machine's noise is as wide as its rounds differ. A target is missed when no round reaches it: for one that is reached just
 * so, five rounds do that by chance in one run of 32.
 */
export function judge(target: Target, { row, entries }: RowResult): Judgement {
  const { server = "htbin", against, bound, value } = target;
  const asked = `${row.name}: ${server}${against === undefined ? "" : ` ÷ ${against}`} ${bound} ${value}`;
  const ours = valuesOf(entries, server);
  const values = against === undefined ? ours : pairedRatios(ours, valuesOf(entries, against));
  if (values === undefined || values.length === 0)
    return { verdict: "not measured", text: `not measured: ${asked}` };
  const reaches = (seen: number): boolean => (bound === "at least" ? seen >= value : seen <= value);
  const verdict = reaches(median(values)) ? "met" : values.some(reaches) ? "within noise" : "missed";
  const seen = [median(values), Math.min(...values), Math.max(...values)].map(formatNumber);
  return { verdict, text: `${verdict}: ${asked}; seen ${seen[0]} (${seen[1]}–${seen[2]})` };
}

function valuesOf(entries: readonly Entry[], name: string): number[] {
  const outcome = entries.find(({ server }) => server.name === name)?.outcome;
  return outcome?.kind === "ran" ? outcome.samples.map((sample) => sample.value) : [];
}
