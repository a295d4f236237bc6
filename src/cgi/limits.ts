// How much of the machine scripts may take: each limit with its value and the reason for it (RFC 3875 §9.5).

import { LimitError } from "../errors.ts";
import { makeVisible } from "../text/visible.ts";
import type { ScriptResources } from "./started-process.ts";

/** Times are in milliseconds, sizes in bytes. */
export interface CGILimits {
  /**
   * Scripts that run at once, over all connections of a server. A Python script takes some 10 MB and a tenth
   * of a second of one core: many more at once than cores only make all of them slow.
   * @default 32
   */
  readonly scriptsAtOnce: number;
  /**
   * How many of these places one client address may have, and by the same part of the queue. Half: one that
   * asks for all pages of a wiki at once leaves the other half to others. Behind a proxy all clients have one
   * address: raise it there. Clients on a Unix socket have none, and no share.
   * @default 16
   */
  readonly perClient: number;
  /**
   * Requests that wait for one of these places; one more is answered 503 at once.
   * @default 128
   */
  readonly queueLength: number;
  /**
   * How long a request waits for its place until it is answered 503. Nobody looks at a blank page for longer.
   * @default 15 seconds
   */
  readonly queueWait: number;
  /**
   * From the start of a script, and from the last byte that it was sent, to the end of its header; then
   * 504. Apache and uWSGI wait 60 s.
   * @default 60 seconds
   */
  readonly timeToHeader: number;
  /**
   * Silence between two pieces of the body; then the response is cut. `git http-backend`
   * packs for minutes without a word.
   * @default 10 minutes
   */
  readonly idle: number;
  /**
   * How long an answer without a Content-Length is held back once, from its header on, so that a short one
   * can be sent with its length. Scripts that print a page are at their end by then; one that prints for
   * hours is not slowed down by it.
   * @default 20 milliseconds
   */
  readonly gatherTime: number;

  /**
   * From the start of a script to the end of its answer; then 504, or the response is cut. Who shares a
   * machine with others sets one; a clone over a slow line takes hours, and server-sent events never end.
   * @default Infinity
   */
  readonly wholeTime: number;
  /**
   * The longest header; then 502. lighttpd takes as much, Apache 8 KiB a line; cookies and policies grow.
   * @default 64 KiB
   */
  readonly headerSize: number;
  /**
   * Between SIGTERM and SIGKILL. Apache, h2o and lighttpd's users settled on 3 s: time to remove a lock file.
   * @default 3 seconds
   */
  readonly killGrace: number;
  /**
   * How much of a request body is kept in memory; a longer one goes to a temporary file. Forms fit; 32
   * uploads at once still take no more than 2 MiB.
   * @default 64 KiB
   */
  readonly spoolMemory: number;
  /**
   * What the system lets each process of a script take; on Windows nothing is limited. Setting any costs half
   * a millisecond for each start.
   * @default {}, because programs differ a thousandfold in what they need
   */
  readonly resources: ScriptResources;
}

/** The limits of scripts, where `cgiLimits` does not say another. */
export const defaultCGILimits: CGILimits = {
  scriptsAtOnce: 32,
  perClient: 16,
  queueLength: 128,
  queueWait: 15_000,
  timeToHeader: 60_000,
  idle: 600_000,
  gatherTime: 20,
  wholeTime: Infinity,
  headerSize: 64 * 1024,
  killGrace: 3_000,
  spoolMemory: 64 * 1024,
  resources: {},
};

/** The resources that can be limited. */
const RESOURCES: ReadonlySet<string> = new Set([
  "cpu",
  "memory",
  "fileSize",
  "processes",
] satisfies (keyof ScriptResources)[]);

/** Without a place nothing would ever run. */
const AT_LEAST_ONE: ReadonlySet<string> = new Set([
  "scriptsAtOnce",
  "perClient",
] satisfies (keyof CGILimits)[]);

/** These become timers, which hold 24 days; Node takes a longer time for a millisecond. */
const TIMERS = [
  "queueWait",
  "timeToHeader",
  "idle",
  "gatherTime",
  "killGrace",
] as const satisfies (keyof CGILimits)[];
const LONGEST_TIMER = 2 ** 31 - 1;

/** What is wrong with some limits, as a sentence without its full stop. */
export function checkCGILimits(limits: unknown, name = "cgiLimits"): string | undefined {
  if (typeof limits !== "object" || limits === null || Array.isArray(limits))
    return `${name} has to be an object; see CGILimits`;
  for (const [key, value] of Object.entries(limits) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaultCGILimits, key)) return `there is no limit ${makeVisible(key)}; see CGILimits`;
    const problem =
      key === "resources"
        ? checkResources(value, name)
        : checkNumber(value, `${name}.${key}`, AT_LEAST_ONE.has(key) ? 1 : 0);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkResources(resources: unknown, name: string): string | undefined {
  if (typeof resources !== "object" || resources === null || Array.isArray(resources))
    return `${name}.resources has to be an object`;
  for (const [key, value] of Object.entries(resources) as [string, unknown][]) {
    if (!RESOURCES.has(key)) return `there is no resource ${makeVisible(key)}; see ScriptResources`;
    // These go into the words of a shell command.
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0)) {
      return `${name}.resources.${key} has to be a whole number from 1 up`;
    }
  }
  return undefined;
}

function checkNumber(value: unknown, name: string, least: number): string | undefined {
  if (typeof value === "number" && value >= least) return undefined;
  return `${name} has to be a number from ${least} up`;
}

const checked = new WeakMap<Partial<CGILimits>, CGILimits>();

/**
 * The limits in force: what was said, and the defaults for the rest. `Infinity` is a time, too.
 * @throws {LimitError} for a name or a value that is none
 */
export function completeCGILimits(limits: Partial<CGILimits>): CGILimits {
  let complete = checked.get(limits);
  if (complete === undefined) {
    const problem = checkCGILimits(limits);
    if (problem !== undefined) throw new LimitError(problem);
    const said = Object.entries(limits).filter(([, value]) => value !== undefined);
    const all: CGILimits = { ...defaultCGILimits, ...Object.fromEntries(said) };
    const timers = TIMERS.map((name) => [name, Math.min(all[name], LONGEST_TIMER)]);
    complete = { ...all, ...Object.fromEntries(timers) } as CGILimits;
    checked.set(limits, complete);
  }
  return complete;
}
