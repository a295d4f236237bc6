// The body of a request as a script takes it: a stream, and its exact length beforehand (RFC 3875 §4.1.2, §4.2).

import type { Readable } from "node:stream";

import type { BodyFraming } from "../http1/framing.ts";
import { spool } from "./spool.ts";

export interface ScriptBody {
  /** CONTENT_LENGTH; `undefined` if the request has no body, or one of unknown length. */
  readonly length: number | undefined;
  /** `undefined` if there is nothing to read. */
  readonly stream: Readable | undefined;
  /** Call it on every way out. */
  close(): Promise<void>;
}

/**
 * A body of known length streams. One in chunks is stored until its length is known: a script that gets no CONTENT_LENGTH reads
 * nothing (PHP, CGI.pm, foswiki), and one that gets a wrong one waits or stops too early (`git http-backend`).
 *
 * @param spoolMemory how much is stored in memory; `undefined` to stream bodies in chunks, too, without their length
 * @param rfile asked for only if there is something to read
 * @throws {CGIError} ERR_CGI_NO_SPACE, and whatever reading the body throws
 */
export async function takeBody(
  framing: BodyFraming,
  rfile: () => Readable,
  spoolMemory: number | undefined,
): Promise<ScriptBody> {
  switch (framing.kind) {
    case "none":
      return unstored(undefined, undefined);
    case "length":
      return unstored(framing.length, framing.length === 0 ? undefined : rfile());
    case "chunked": {
      if (spoolMemory === undefined) return unstored(undefined, rfile());
      const stored = await spool(rfile(), spoolMemory);
      const stream = stored.length === 0 ? undefined : stored.read();
      return { length: stored.length, stream, close: () => stored.close() };
    }
    default:
      return framing satisfies never;
  }
}

function unstored(length: number | undefined, stream: Readable | undefined): ScriptBody {
  return { length, stream, close: () => Promise.resolve() };
}
