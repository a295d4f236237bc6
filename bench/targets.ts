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
  /** The time of the slowest of a hundred answers, instead of the row's own value. */
  readonly of?: "p99";
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
    row: "gzip-changing",
    against: "nginx, gzip",
    bound: "at least",
    value: 1,
    source: "both run zlib at the same level, and nearly all of the time is spent there",
  },
  {
    row: "gzip",
    against: "nginx, gzip",
    bound: "at least",
    value: 20,
    source: "what has not changed is compressed once: the rate is that of a small file",
  },
  {
    row: "1k-pipelined",
    against: "htbin, one by one",
    bound: "at least",
    value: 2.5,
    source: "one read and one write for 16 requests save most of what the kernel costs",
  },
  {
    row: "cgi-c",
    server: "htbin --cgi",
    against: "lighttpd, mod_cgi",
    bound: "at least",
    value: 0.9,
    source: "a start costs what the system takes for it, and little beside",
  },
  {
    row: "cgi-c",
    server: "htbin --cgi",
    against: "python http.server --cgi",
    bound: "at least",
    value: 3,
    source: "whoever comes from there has waited long enough",
  },
  {
    row: "cgi-python",
    server: "htbin --cgi",
    against: "lighttpd, mod_cgi",
    bound: "at least",
    value: 0.95,
    source: "the script is most of the work",
  },
  {
    row: "cgi-50m",
    server: "htbin --cgi",
    against: "lighttpd, mod_cgi",
    bound: "at least",
    value: 0.7,
    source: "output passes through the server in both, and lighttpd splices it",
  },
  {
    row: "cgi-memory",
    server: "htbin, 1024 MiB, posix_spawn",
    against: "htbin, 64 MiB, posix_spawn",
    bound: "at least",
    value: 0.95,
    source: "the page tables of a server that holds much are not copied for each script",
  },
  {
    row: "1k-cgi",
    server: "htbin --cgi",
    against: "htbin, no scripts",
    bound: "at most",
    value: 3,
    source: "who fetches a file does not wait for processes to start",
  },
  {
    row: "1k-cgi",
    server: "htbin --cgi",
    against: "nginx, scripts by an htbin",
    bound: "at most",
    value: 2,
    source: "what scripts that use all of a machine do to a server that starts none, nobody can avoid",
  },
  {
    row: "1k-idle",
    against: "htbin, none idle",
    bound: "at least",
    value: 0.95,
    source: "who waits costs nothing: only the look at deadlines, once a second, may show",
  },
  {
    row: "1k-10000",
    against: "nginx",
    bound: "at least",
    value: 0.8,
    source: "where no file is asked for twice in a row, one look at the disk each is what both need",
  },
  {
    row: "304",
    server: "htbin, newest Node",
    against: "nginx",
    bound: "at least",
    value: 1.2,
    source: "browsers revalidate more than they load; there is no file to open and nothing to send",
  },
  {
    row: "304",
    against: "nginx",
    bound: "at least",
    value: 1,
    source: "the same on Node 20, whose sockets alone take more than half of nginx's whole time",
  },
  {
    row: "100k",
    against: "nginx",
    bound: "at least",
    value: 0.9,
    source: "sendfile saves nginx a copy that Node has to make",
  },
  {
    row: "256m",
    against: "nginx",
    bound: "at least",
    value: 1.2,
    source:
      "a copy that stays in the processor's cache is cheaper for the client than pages that were never there",
  },
  {
    row: "256m-memory",
    bound: "at most",
    value: 150,
    source: "MiB: two pieces for each download, and Node",
  },
  ...["1k", "1k-idle", "1k-10000", "304", "100k"].map((row): Target => ({
    row,
    against: row === "1k-idle" ? "nginx, more connections" : "nginx",
    of: "p99",
    bound: "at most",
    value: 2,
    source: "a pause to collect garbage may show, and not be felt",
  })),
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
  const { server = "htbin", against, of, bound, value } = target;
  const what = of === undefined ? row.name : `${row.name}, ${of}`;
  const asked = `${what}: ${server}${against === undefined ? "" : ` ÷ ${against}`} ${bound} ${value}`;
  const ours = valuesOf(entries, server, of);
  const values = against === undefined ? ours : pairedRatios(ours, valuesOf(entries, against, of));
  if (values === undefined || values.length === 0)
    return { verdict: "not measured", text: `not measured: ${asked}` };
  const reaches = (seen: number): boolean => (bound === "at least" ? seen >= value : seen <= value);
  const verdict = reaches(median(values)) ? "met" : values.some(reaches) ? "within noise" : "missed";
  const seen = [median(values), Math.min(...values), Math.max(...values)].map(formatNumber);
  return { verdict, text: `${verdict}: ${asked}; seen ${seen[0]} (${seen[1]}–${seen[2]})` };
}

function valuesOf(entries: readonly Entry[], name: string, of: Target["of"]): number[] {
  const outcome = entries.find(({ server }) => server.name === name)?.outcome;
  if (outcome?.kind !== "ran") return [];
  return outcome.samples.flatMap((sample) => (of === undefined ? sample.value : (sample.p99 ?? [])));
}
