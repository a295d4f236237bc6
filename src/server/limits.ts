// What a server puts up with from its clients: every limit with its unit, its default and the reason for it.

import { LimitError } from "../errors.ts";
import type { HeadLimits } from "../http1/request-head.ts";
import { makeVisible } from "../text/visible.ts";

/** `server.limits`, and `limits` of `serve()`, take any part of it. `Infinity` switches a limit off. */
export interface ServerLimits extends HeadLimits {
  /** Longest request body, in bytes without its framing; then 413. */
  readonly body: number;
  /**
   * Connections open at once. One more takes the place of the one that has waited longest for a
   * request; if none waits, it is answered 503. Three quarters of the descriptors that the process
   * may have are never exceeded.
   */
  readonly connections: number;
  /** Requests on one connection; the answer to the last says `Connection: close`. */
  readonly requestsPerConnection: number;
  /** Milliseconds from the first byte of a head to its last; then 408. */
  readonly headTime: number;
  /**
   * Milliseconds that a connection may wait between requests, and before the first; then it is closed without
   * a word. So is one whose client has ended its side, and is sent nothing for that long.
   */
  readonly idleTime: number;
  /** Milliseconds without a byte of a body that a handler is reading; then 408. */
  readonly bodyTime: number;
  /** Milliseconds in which a client takes nothing of an answer; then the connection is cut. */
  readonly writeTime: number;
  /**
   * Milliseconds that a handler may go on after its connection was lost. It is not stopped then, for nobody
   * can, but neither its turn nor `shutdown()` waits for it any longer.
   */
  readonly abandonTime: number;
  /**
   * Bytes per second that a client has to send of a body, on average over each `bodyTime`, and to take of an
   * answer, over each `writeTime`. Only time in which the server waits for the client counts.
   */
  readonly minRate: number;
  /** Milliseconds of silence after which a closed connection stops reading what the client still sends. */
  readonly lingerTime: number;
  /** Milliseconds after which it stops although the client goes on. */
  readonly lingerTotal: number;
  /** Milliseconds that `shutdown()` gives to the requests that run; then they are cut. */
  readonly shutdownTime: number;
  /** Bytes of an unread body that are read and dropped to keep the connection; beyond, it is closed. */
  readonly discard: number;
  /** Bytes kept of what a client sends ahead, before the connection stops reading. */
  readonly readAhead: number;
}

/** The limits where nothing else is said. docs/limits.md has them in one table. */
export const DEFAULT_LIMITS: ServerLimits = {
  /** 64 KiB as in the original; nginx and Apache 8 KiB, but long queries are what CGI forms make. */
  requestLine: 65_536,
  /** 64 KiB as in the original. */
  field: 65_536,
  /** 100 as in the original. */
  fields: 100,
  /** Twice the longest field; Node 16 KiB, Go 1 MiB. Linux takes as much in one string of an environment. */
  allFields: 131_072,
  /**
   * None: a push through `git http-backend` has gigabytes, and a body is never held in memory. nginx has 1
   * MiB, Apache 1 GiB; whoever lets strangers upload chooses a number.
   */
  body: Infinity,
  /**
   * Room for 10 000 browsers that keep theirs open, with 8 KiB each, and for everybody else; a download that
   * nobody reads holds 0.5 MiB, so 6 GiB at worst.
   */
  connections: 12_288,
  /** None: no memory grows with the requests of a connection. nginx has 1000, because there it does. */
  requestsPerConnection: Infinity,
  /** nginx 60 s, Apache 20 s, Node 60 s. */
  headTime: 30_000,
  /**
   * Longer than proxies keep connections to us (nginx, Varnish, Squid: 60 s), so that it is they who
   * close: a request that is on its way while we close is lost, and they do not send a POST again.
   * nginx 75 s, Apache 5 s, Node 5 s.
   */
  idleTime: 75_000,
  /** nginx 60 s, Apache 20 s. */
  bodyTime: 60_000,
  /** nginx 60 s. */
  writeTime: 60_000,
  /** As long as `shutdown()` waits: enough to roll back what was begun for the client. */
  abandonTime: 10_000,
  /** Apache 500, Kestrel 240; a telephone line of 9600 bit/s makes 1200. */
  minRate: 500,
  /** nginx 5 s, Apache 2 s. */
  lingerTime: 2_000,
  /** nginx and Apache 30 s. */
  lingerTotal: 30_000,
  /** What `docker stop` waits before it kills. */
  shutdownTime: 10_000,
  /** Go 256 KiB: reading that much is cheaper than a new connection. */
  discard: 262_144,
  /** One read of a socket in Node. */
  readAhead: 65_536,
};

/** With less than one of these there is no server. */
const AT_LEAST_ONE: ReadonlySet<string> = new Set<keyof ServerLimits>([
  "requestLine",
  "field",
  "fields",
  "allFields",
  "connections",
  "requestsPerConnection",
  "readAhead",
]);

/** What is wrong with limits, as one sentence without its full stop; `undefined` if nothing is. */
export function checkLimits(limits: unknown, name = "limits"): string | undefined {
  if (typeof limits !== "object" || limits === null || Array.isArray(limits))
    return `${name} has to be an object; see ServerLimits`;
  for (const [key, value] of Object.entries(limits) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(DEFAULT_LIMITS, key)) return `there is no limit ${makeVisible(key)}; see ServerLimits`;
    const least = AT_LEAST_ONE.has(key) ? 1 : 0;
    if (typeof value !== "number" || !(value >= least)) {
      const shown = typeof value === "number" ? String(value) : `a ${typeof value}`;
      return `${name}.${key} is ${shown}; it has to be a number from ${least} up, or Infinity for no limit`;
    }
  }
  return undefined;
}

/**
 * The limits in force: what was said, and the defaults for the rest.
 * @throws {LimitError} for NaN, a negative number, a name that is no limit …
 */
export function completeLimits(limits: Partial<ServerLimits>): ServerLimits {
  const problem = checkLimits(limits);
  if (problem !== undefined) throw new LimitError(problem);
  const said = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(said) };
}
