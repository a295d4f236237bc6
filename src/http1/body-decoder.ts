// The body of a request taken out of the bytes of the connection, by its framing (RFC 9112 §6, §7.1).

import { HTTPRequestError } from "../errors.ts";
import { parseFieldLines } from "./field-lines.ts";
import type { BodyFraming } from "./framing.ts";

export interface BodyPiece {
  /** Body bytes, a view on the input; may be empty. */
  readonly bytes: Buffer;
  /** Where in the input reading goes on. */
  readonly next: number;
}

export interface BodyDecoder {
  /** The body is complete. */
  readonly done: boolean;
  /** Takes the next piece out of the input. No bytes and no progress means: more input is needed. */
  take(input: Buffer, start: number): BodyPiece;
}

const EMPTY = Buffer.alloc(0);

/** A decoder for that framing; none where there is no body. */
export function bodyDecoder(framing: BodyFraming): BodyDecoder | undefined {
  switch (framing.kind) {
    case "none":
      return undefined;
    case "length":
      return framing.length === 0 ? undefined : new LengthDecoder(framing.length);
    case "chunked":
      return new ChunkedDecoder();
    default:
      return framing satisfies never;
  }
}

class LengthDecoder implements BodyDecoder {
  #remaining: number;

  constructor(length: number) {
    this.#remaining = length;
  }

  get done(): boolean {
    return this.#remaining === 0;
  }

  take(input: Buffer, start: number): BodyPiece {
    const next = Math.min(input.length, start + this.#remaining);
    this.#remaining -= next - start;
    return { bytes: input.subarray(start, next), next };
  }
}

/** Longest chunk-size line with its extensions. No one uses those; nginx and llhttp bound them as well. */
const MAX_CHUNK_LINE = 4096;
/**
 * All chunk lines together may be longer than what they announce by so much, with room for a line of 16 bytes
 * in each chunk. A client that wraps single bytes in long extensions makes us read thousands of bytes for
 * each of them (CVE-2023-39326).
 */
const MAX_CHUNK_OVERHEAD = 16 * 1024;
const PLAIN_CHUNK_LINE = 16;
/** All trailer field lines together. They are checked and dropped, so little is enough. */
const MAX_TRAILERS = 16 * 1024;
/** 13 hexadecimal digits stay below 2^53, where numbers are exact. */
const MAX_SIZE_DIGITS = 13;

const CR = 0x0d;
const LF = 0x0a;

/**
 * chunked-body = *chunk last-chunk trailer-section CRLF
 *
 * Strict to the letter, since "chunk lines are not fields": a bare LF or a missing CRLF after the data is
 * where request smuggling through chunked bodies begins.
 */
class ChunkedDecoder implements BodyDecoder {
  #state: "size" | "data" | "data-end" | "trailers" | "done" = "size";
  #remaining = 0;
  #overhead = 0;

  get done(): boolean {
    return this.#state === "done";
  }

  take(input: Buffer, start: number): BodyPiece {
    switch (this.#state) {
      case "size":
        return { bytes: EMPTY, next: this.#takeSizeLine(input, start) };
      case "data":
        return this.#takeData(input, start);
      case "data-end":
        return { bytes: EMPTY, next: this.#takeDataEnd(input, start) };
      case "trailers":
        return { bytes: EMPTY, next: this.#takeTrailers(input, start) };
      case "done":
        return { bytes: EMPTY, next: start };
      default:
        return this.#state satisfies never;
    }
  }

  // chunk = chunk-size [ chunk-ext ] CRLF
  #takeSizeLine(input: Buffer, start: number): number {
    const lineEnd = input.indexOf(LF, start);
    if (lineEnd === -1) {
      if (input.length - start > MAX_CHUNK_LINE) throw new HTTPRequestError(400, "Chunk size line too long");
      // Without this check a client could send hex digits, or anything, for as long as the line may be.
      if (input.length > start) checkChunkLineSoFar(input.toString("latin1", start, input.length));
      return start;
    }
    if (lineEnd - start > MAX_CHUNK_LINE) throw new HTTPRequestError(400, "Chunk size line too long");
    if (lineEnd === start || input[lineEnd - 1] !== CR)
      throw new HTTPRequestError(400, "Bad chunk size line");
    this.#remaining = parseChunkSize(input.toString("latin1", start, lineEnd - 1));
    this.#overhead = Math.max(
      0,
      this.#overhead + lineEnd + 1 - start - PLAIN_CHUNK_LINE - 2 * this.#remaining,
    );
    if (this.#overhead > MAX_CHUNK_OVERHEAD) throw new HTTPRequestError(400, "Chunk extensions too long");
    this.#state = this.#remaining === 0 ? "trailers" : "data";
    return lineEnd + 1;
  }

  #takeData(input: Buffer, start: number): BodyPiece {
    const next = Math.min(input.length, start + this.#remaining);
    this.#remaining -= next - start;
    if (this.#remaining === 0) this.#state = "data-end";
    return { bytes: input.subarray(start, next), next };
  }

  #takeDataEnd(input: Buffer, start: number): number {
    if (input.length > start && input[start] !== CR)
      throw new HTTPRequestError(400, "Missing CRLF after chunk");
    if (input.length < start + 2) return start;
    if (input[start + 1] !== LF) throw new HTTPRequestError(400, "Missing CRLF after chunk");
    this.#state = "size";
    return start + 2;
  }

  // trailer-section = *( field-line CRLF ), dropped: "MUST NOT" be merged into the
  // header section (RFC 9110 §6.5.1)
  #takeTrailers(input: Buffer, start: number): number {
    const limit = Math.min(input.length, start + MAX_TRAILERS);
    const text = input.toString("latin1", start, limit);
    const end = parseFieldLines(text, 0, [], { field: MAX_TRAILERS, fields: 100 });
    if (end === undefined) {
      if (text.length === MAX_TRAILERS) throw new HTTPRequestError(431, "Trailers too long");
      return start;
    }
    this.#state = "done";
    return start + end;
  }
}

// chunk-ext-name = token; chunk-ext-val = token / quoted-string
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const QUOTED_STRING = String.raw`"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"`;
// chunk-size = 1*HEXDIG; chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
const CHUNK_LINE = new RegExp(
  `^([0-9A-Fa-f]+)(?:[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|${QUOTED_STRING}))?)*$`,
);
// The same as far as it has come: a CR may already be there.
const CHUNK_LINE_SO_FAR = /^[0-9A-Fa-f]+(?:[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?)?\r?$/;

function checkChunkLineSoFar(line: string): void {
  if (!CHUNK_LINE_SO_FAR.test(line)) throw new HTTPRequestError(400, "Bad chunk size");
}

function parseChunkSize(line: string): number {
  const match = CHUNK_LINE.exec(line);
  if (match === null) throw new HTTPRequestError(400, "Bad chunk size");
  const digits = match[1]!.replace(/^0+(?=.)/, "");
  if (digits.length > MAX_SIZE_DIGITS) throw new HTTPRequestError(400, "Chunk size too large");
  return Number.parseInt(digits, 16);
}
