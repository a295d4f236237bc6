// FastCGI records, to bytes and from bytes (FastCGI Specification 1.0, §3.3, §3.4, §5).

import type { Environment } from "./environment.ts";

/** The types of records that a server sends or gets (§8). */
export const RECORD_TYPE = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
} as const;

const VERSION = 1;
const HEADER_LENGTH = 8;
/** The two bytes of a record's length hold no more; a multiple of 8, as the specification recommends. */
const LONGEST_CONTENT = 65_528;
const ROLE_RESPONDER = 1;
const FLAG_KEEP_CONNECTION = 1;

export interface FastCGIRecord {
  readonly type: number;
  readonly requestId: number;
  /** A view on the input. */
  readonly content: Buffer;
}

/** Bytes that no FastCGI application sends. */
export class BadRecord extends Error {
  override name = "BadRecord";
}

/**
 * The record that begins at `start`; `undefined` while it is not all here.
 * @throws {BadRecord} for another version: what follows cannot be read
 */
export function takeRecord(
  input: Buffer,
  start: number,
): { readonly record: FastCGIRecord; readonly next: number } | undefined {
  if (input.length <= start) return undefined;
  if (input[start] !== VERSION) throw new BadRecord(`a record of version ${input[start]}`);
  if (input.length < start + HEADER_LENGTH) return undefined;
  const contentLength = input.readUInt16BE(start + 4);
  const contentStart = start + HEADER_LENGTH;
  const contentEnd = contentStart + contentLength;
  const next = contentEnd + input[start + 6]!;
  if (input.length < next) return undefined;
  const content = input.subarray(contentStart, contentEnd);
  return { record: { type: input[start + 1]!, requestId: input.readUInt16BE(start + 2), content }, next };
}

/** Content as records of one type. No content makes the empty record that ends a stream (§3.3). */
export function makeRecords(type: number, requestId: number, content: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [];
  let at = 0;
  do {
    const piece = content.subarray(at, at + LONGEST_CONTENT);
    const header = Buffer.alloc(HEADER_LENGTH);
    header[0] = VERSION;
    header[1] = type;
    header.writeUInt16BE(requestId, 2);
    header.writeUInt16BE(piece.length, 4);
    pieces.push(header, piece);
    at += piece.length;
  } while (at < content.length);
  return Buffer.concat(pieces);
}

/** What begins a request: its role, its variables, and the end of these (§5.1, §5.2). */
export function makeRequest(requestId: number, variables: Environment, keepsConnection: boolean): Buffer {
  const role = Buffer.from([0, ROLE_RESPONDER, keepsConnection ? FLAG_KEEP_CONNECTION : 0, 0, 0, 0, 0, 0]);
  const pairs = makePairs(variables);
  return Buffer.concat([
    makeRecords(RECORD_TYPE.beginRequest, requestId, role),
    // Without variables this is the end of them already.
    ...(pairs.length === 0 ? [] : [makeRecords(RECORD_TYPE.params, requestId, pairs)]),
    makeRecords(RECORD_TYPE.params, requestId, EMPTY),
  ]);
}

const EMPTY = new Uint8Array();

/** Name-value pairs (§3.4): two lengths, the name, the value. One buffer for all: each request needs it. */
function makePairs(variables: Environment): Buffer {
  const lengths: number[] = [];
  let size = 0;
  for (const pair of variables) {
    for (const text of pair) {
      const length = Buffer.byteLength(text);
      lengths.push(length);
      size += sizeOfLength(length) + length;
    }
  }
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  let next = 0;
  for (const [name, value] of variables) {
    at = writeLength(bytes, lengths[next++]!, at);
    at = writeLength(bytes, lengths[next++]!, at);
    at += bytes.write(name, at);
    at += bytes.write(value, at);
  }
  return bytes;
}

/** One byte up to 127, else four of which the first bit is set. */
function sizeOfLength(length: number): 1 | 4 {
  return length < 0x80 ? 1 : 4;
}

function writeLength(bytes: Buffer, length: number, at: number): number {
  return length < 0x80 ? bytes.writeUInt8(length, at) : bytes.writeUInt32BE((length | 0x8000_0000) >>> 0, at);
}

/** How a request ended (§5.5). */
export type RequestEnd =
  | { readonly kind: "complete"; readonly appStatus: number }
  | { readonly kind: "overloaded" }
  | { readonly kind: "refused"; readonly reason: string };

/** @throws {BadRecord} for content that is too short */
export function readEnd(content: Buffer): RequestEnd {
  if (content.length < 5) throw new BadRecord("an end of a request without its status");
  const protocolStatus = content[4]!;
  switch (protocolStatus) {
    case 0:
      return { kind: "complete", appStatus: content.readUInt32BE(0) };
    case 1:
      return { kind: "refused", reason: "it takes one request at a time" };
    case 2:
      return { kind: "overloaded" };
    default:
      return { kind: "refused", reason: "it is no responder" };
  }
}
