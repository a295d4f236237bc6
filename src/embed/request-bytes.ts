// A request that another server has read, as the bytes that htbin's own wire reads.

import { DEALT_WITH } from "../http1/dealt-with.ts";

/** What another server has read. Texts hold one character per byte. */
export interface OuterRequest {
  readonly method: string;
  /** Path and query, as the client sent them. */
  readonly target: string;
  /** The part of its path below which the handler serves, without a slash at its end; empty for all. */
  readonly base: string;
  readonly version: "1.0" | "1.1";
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What the client called the server, where no field Host says it. */
  readonly host: string;
  /** A body comes, of the length that its Content-Length says, or else of unknown length. */
  readonly hasBody: boolean;
}

const OUTER: ReadonlySet<string> = new Set(DEALT_WITH);

/** The head of the request, and how the bytes of its body have to be framed behind it. */
export function requestHead(request: OuterRequest): { head: Buffer; isChunked: boolean } {
  // The fields of HTTP/2 that begin with a colon are its request line.
  const fields = request.fields.filter(([name]) => !name.startsWith(":") && !OUTER.has(name.toLowerCase()));
  const has = (wanted: string): boolean => fields.some(([name]) => name.toLowerCase() === wanted);
  const isChunked = request.hasBody && !has("content-length");
  const lines = [
    `${request.method} ${request.target} HTTP/${isChunked ? "1.1" : request.version}`,
    ...(has("host") ? [] : [`Host: ${request.host}`]),
    ...fields
      .filter(([name]) => request.hasBody || name.toLowerCase() !== "content-length")
      .map(([name, value]) => `${name}: ${value}`),
    ...(isChunked ? ["Transfer-Encoding: chunked"] : []),
    "Connection: close",
  ];
  for (const line of lines) if (/[\r\n\0]/.test(line)) throw new TypeError("a line break in a request field");
  return { head: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), isChunked };
}

/** A piece of the body as it stands behind that head. */
export function framed(bytes: Uint8Array, isChunked: boolean): Buffer {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isChunked) return body;
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);
}

/** What stands behind the last piece of a chunked body. */
export const LAST_CHUNK: Buffer = Buffer.from("0\r\n\r\n");
