// The body of a request as a script takes it: a stream, and its exact length
// beforehand (RFC 3875 §4.1.2, §4.2).

import type { Readable } from "node:stream";

import type { BodyFraming } from "../http1/framing.ts";
import { spool } from "./spool.ts";

export interface ScriptBody {
  /** CONTENT_LENGTH; `undefined` if the request has no body, or one of unknown length. */
  readonly length: number | undefined;
  /** The descriptor of a file that holds the body and stands at its first byte. */
  readonly file: number | undefined;
  /** Where there is no file; `undefined` if there is nothing to read. */
  readonly stream: Readable | undefined;
  /** Call it on every way out. */
  close(): Promise<void>;
}

export interface BodyTaking {
  /** If not, the script reads while the body arrives; one in chunks has no length then. */
  readonly isStored: boolean;
  /** How many bytes stay in memory; the rest, and then all, is in a file. */
  readonly memory: number;
  /** The reader takes a descriptor; if not, it gets a stream in any case. */
  readonly takesFile: boolean;
}

/**
 * The whole body, before a script is started: one that arrives slowly holds no place for scripts, and one
 * that breaks off never looks like a complete one. For a body in chunks there is no other way: a script that
 * gets no CONTENT_LENGTH reads nothing (PHP, CGI.pm, foswiki), and one that gets a wrong one waits or stops
 * too early (`git http-backend`).
 *
 * @param rfile asked for only if there is something to read
 * @throws {CGIError} ERR_CGI_NO_SPACE, and whatever reading the body throws
 */
export async function takeBody(
  framing: BodyFraming,
  rfile: () => Readable,
  { isStored, memory, takesFile }: BodyTaking,
): Promise<ScriptBody> {
  if (framing.kind === "none") return nothing(undefined);
  if (framing.kind === "length" && framing.length === 0) return nothing(0);
  if (!isStored) return streamed(framing, rfile());
  const stored = await spool(rfile(), memory);
  const file = takesFile ? stored.descriptor : undefined;
  return {
    length: stored.length,
    file,
    stream: stored.length > 0 && file === undefined ? stored.read() : undefined,
    close: () => stored.close(),
  };
}

function streamed(framing: BodyFraming, stream: Readable): ScriptBody {
  const length = framing.kind === "length" ? framing.length : undefined;
  return { length, file: undefined, stream, close: () => Promise.resolve() };
}

function nothing(length: number | undefined): ScriptBody {
  return { length, file: undefined, stream: undefined, close: () => Promise.resolve() };
}
