// Feeds a parser the same bytes in several ways. However they arrive, the result must be the same.

import assert from "node:assert/strict";

import fc from "fast-check";

import { HTTPRequestError } from "../../src/errors.ts";
import { bodyDecoder } from "../../src/http1/body-decoder.ts";
import type { BodyFraming } from "../../src/http1/framing.ts";
import {
  BadRequestHead,
  type HeadLimits,
  type RequestHead,
  RequestHeadReader,
} from "../../src/http1/request-head.ts";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";

/** What a connection holds after each arrival: every input begins like the one before it. */
export type Feed = (bytes: Buffer) => Iterable<Buffer>;

export function* inOneGo(bytes: Buffer): Iterable<Buffer> {
  yield bytes;
}

export function* byteByByte(bytes: Buffer): Iterable<Buffer> {
  for (let end = 1; end <= bytes.length; end++) yield bytes.subarray(0, end);
}

/** The client sends its next request at once. It belongs to no one yet, and changes nothing. */
function* withMoreBehind(bytes: Buffer): Iterable<Buffer> {
  yield Buffer.concat([bytes, Buffer.from("GET /behind HTTP/1.1\r\nHost: behind\r\n\r\n")]);
}

/** Cut at each of these places. */
export function inPieces(cuts: readonly number[]): Feed {
  return function* (bytes) {
    const ends = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
    for (const end of ends) yield bytes.subarray(0, end);
    yield bytes;
  };
}

/** Places to cut a text at, for a property. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(), { maxLength: 6 });

/** One character per byte, as on the wire. */
export function toBytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

export type HeadResult =
  | { readonly kind: "head"; readonly head: RequestHead; readonly end: number }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly message: string;
      readonly requestline: string;
      readonly method: string;
    }
  | { readonly kind: "incomplete" };

/** What the reader makes of bytes that arrive in that way. */
export function feedHead(text: string, feed: Feed, limits: HeadLimits = DEFAULT_LIMITS): HeadResult {
  const reader = new RequestHeadReader(limits);
  try {
    for (const input of feed(toBytes(text))) {
      const head = reader.read(input, 0);
      if (head !== undefined) return { kind: "head", head, end: reader.end };
    }
  } catch (error) {
    if (!(error instanceof BadRequestHead)) throw error;
    const { status, message, requestline, method } = error;
    return { kind: "refused", status, message, requestline, method };
  }
  return { kind: "incomplete" };
}

/** What the reader makes of these bytes, in every way that they can arrive. */
export function readHead(text: string, limits?: HeadLimits): HeadResult {
  const result = feedHead(text, inOneGo, limits);
  assert.deepEqual(feedHead(text, byteByByte, limits), result, "byte by byte");
  if (result.kind !== "incomplete") {
    assert.deepEqual(feedHead(text, withMoreBehind, limits), result, "with more behind");
  }
  return result;
}

/** The head that these bytes are. */
export function acceptHead(text: string, limits?: HeadLimits): RequestHead {
  const result = readHead(text, limits);
  assert.equal(result.kind, "head", `${describe(text)} → ${JSON.stringify(result)}`);
  return (result as HeadResult & { kind: "head" }).head;
}

/** Asserts that these bytes are refused with that status. */
export function refuseHead(
  text: string,
  status: number,
  message?: RegExp,
  limits?: HeadLimits,
): HeadResult & { kind: "refused" } {
  const result = readHead(text, limits) as HeadResult & { kind: "refused" };
  assert.equal(result.kind, "refused", describe(text));
  assert.equal(result.status, status, `${describe(text)} → ${result.message}`);
  if (message !== undefined) assert.match(result.message, message);
  return result;
}

export type BodyResult =
  | { readonly kind: "body"; readonly body: string; readonly end: number }
  | { readonly kind: "refused"; readonly status: number; readonly message: string }
  | { readonly kind: "incomplete"; readonly body: string };

/** What the decoder of that framing makes of bytes that arrive in that way. */
export function feedBody(framing: BodyFraming, text: string, feed: Feed): BodyResult {
  const decoder = bodyDecoder(framing);
  let body = "";
  let at = 0;
  if (decoder === undefined) return { kind: "body", body, end: at };
  try {
    for (const input of feed(toBytes(text))) {
      while (!decoder.done) {
        const { bytes, next } = decoder.take(input, at);
        body += bytes.toString("latin1");
        if (next === at && bytes.length === 0) break;
        at = next;
      }
      if (decoder.done) return { kind: "body", body, end: at };
    }
  } catch (error) {
    if (!(error instanceof HTTPRequestError)) throw error;
    return { kind: "refused", status: error.status, message: error.message };
  }
  return { kind: "incomplete", body };
}

/** What the decoder of that framing makes of these bytes, in every way that they can arrive. */
export function readBody(framing: BodyFraming, text: string): BodyResult {
  const result = feedBody(framing, text, inOneGo);
  const single = feedBody(framing, text, byteByByte);
  // With two faults in one line, the order of arrival decides which of them is named.
  if (result.kind === "refused" && single.kind === "refused") assert.equal(single.status, result.status);
  else assert.deepEqual(single, result, "byte by byte");
  if (result.kind !== "incomplete") {
    assert.deepEqual(feedBody(framing, text, withMoreBehind), result, "with more behind");
  }
  return result;
}

function describe(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
