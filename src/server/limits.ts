// What a server puts up with from a connection: every limit with its unit, its default and the reason for it.

import type { HeadLimits } from "../http1/request-head.ts";

export interface ServerLimits extends HeadLimits {
  /** Milliseconds from the first byte of a head to its last; then 408. */
  readonly headTime: number;
  /**
   * Milliseconds that a connection may wait between requests, and before the first; then it is closed without a word. So is one whose
   * client has ended its side, and is sent nothing for that long.
   */
  readonly idleTime: number;
  /** Milliseconds without a byte of a body that a handler is reading; then 408. */
  readonly bodyTime: number;
  /** Milliseconds in which a client takes nothing of an answer; then the connection is cut. */
  readonly writeTime: number;
  /**
   * Milliseconds that a handler may go on after its connection was lost. It is not stopped then, for nobody can, but neither its turn
   * nor `shutdown()` waits for it any longer.
   */
  readonly abandonTime: number;
  /** Milliseconds that a closed connection goes on reading, so that the client can read the answer before it sees a reset. */
  readonly lingerTime: number;
  /** Bytes of an unread request body that are read and dropped to keep the connection; beyond that it is closed. */
  readonly discard: number;
  /** Bytes kept of what a client sends ahead, before the connection stops reading. */
  readonly readAhead: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  /** 64 KiB as in the original; nginx and Apache 8 KiB, but long queries are what CGI forms make. */
  requestLine: 65_536,
  /** 64 KiB as in the original. */
  field: 65_536,
  /** 100 as in the original. */
  fields: 100,
  /** Twice the longest field; Node 16 KiB, Go 1 MiB. It is also what an environment takes on Linux in one string. */
  allFields: 131_072,
  /** nginx 60 s, Apache 20 s, Node 60 s. */
  headTime: 30_000,
  /** nginx 75 s, Apache 5 s, Node 5 s: browsers open connections ahead, and reuse costs nothing. */
  idleTime: 60_000,
  /** nginx 60 s, Apache 20 s. */
  bodyTime: 60_000,
  /** nginx 60 s. */
  writeTime: 60_000,
  /** As long as `shutdown()` waits: enough to roll back what was begun for the client. */
  abandonTime: 10_000,
  /** nginx 5 s, Apache 2 s. */
  lingerTime: 2_000,
  /** Go 256 KiB: reading that much is cheaper than a new connection. */
  discard: 262_144,
  /** One read of a socket in Node. */
  readAhead: 65_536,
};
