// How much of the machine scripts may take: each limit with its value and the reason for it (RFC 3875 §9.5).

import type { ScriptResources } from "./started-process.ts";

/** Times are in milliseconds, sizes in bytes. */
export interface CGILimits {
  /**
   * Scripts that run at once, over all connections of a server. A Python script takes some 10 MB and a tenth of a second of
   * one core: many more at once than cores only make all of them slow.
   * @default 32
   */
  readonly scriptsAtOnce: number;
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
   * From the start of a script, and from the last byte that it was sent, to the end of its header; then 504. Apache and
   * uWSGI wait 60 s.
   * @default 60 seconds
   */
  readonly timeToHeader: number;
  /**
   * Silence between two pieces of the body; then the response is cut. `git http-backend` packs for minutes without a word.
   * @default 10 minutes
   */
  readonly idle: number;
  /**
   * The longest header; then 502. lighttpd's limit, too.
   * @default 64 KiB
   */
  readonly headerSize: number;
  /**
   * Between SIGTERM and SIGKILL. Apache, h2o and lighttpd's users settled on 3 s: time to remove a lock file.
   * @default 3 seconds
   */
  readonly killGrace: number;
  /**
   * How much of a request body without a length is kept in memory until it goes to a temporary file. Forms fit; 32 uploads
   * at once still take no more than 2 MiB.
   * @default 64 KiB
   */
  readonly spoolMemory: number;
  /**
   * What the system lets each process of a script take; on Windows nothing is limited. Setting any costs half a millisecond
   * for each start.
   * @default {}, because programs differ a thousandfold in what they need
   */
  readonly resources: ScriptResources;
}

export const defaultCGILimits: CGILimits = {
  scriptsAtOnce: 32,
  queueLength: 128,
  queueWait: 15_000,
  timeToHeader: 60_000,
  idle: 600_000,
  headerSize: 64 * 1024,
  killGrace: 3_000,
  spoolMemory: 64 * 1024,
  resources: {},
};
