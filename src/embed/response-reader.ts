// The bytes of htbin's answer taken apart again, for a server that has its own way to send them.

import { type BodyDecoder, bodyDecoder } from "../http1/body-decoder.ts";
import { parseFieldLines } from "../http1/field-lines.ts";
import { isBodiless } from "../status.ts";

/** The head of an answer, for the outer server to send in its own way. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** As sent, without those that concern the inner connection only; one character per byte. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Told in this order: `interim` any number of times, `head` once, `body` any number of times, `end` once. */
export interface ResponseEvents {
  interim(head: ResponseHead): void;
  head(head: ResponseHead): void;
  /** A view on bytes that are only lent. */
  body(bytes: Buffer): void;
  /** The response is complete. */
  end(): void;
}

const EMPTY = Buffer.alloc(0);
const UNLIMITED = { field: Infinity, fields: Infinity };
/** Fields that concern the inner connection, or frame the message there (RFC 9110 §7.6.1). */
const INNER = new Set(["connection", "keep-alive", "transfer-encoding"]);
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3}) (.*)$/;

export class ResponseReader {
  readonly #method: string;
  readonly #events: ResponseEvents;
  #input: Buffer = EMPTY;
  #state: "head" | "body" | "untilEnd" | "done" = "head";
  #decoder: BodyDecoder | undefined;

  /** @param method of the request: an answer to HEAD has no body */
  constructor(method: string, events: ResponseEvents) {
    this.#method = method;
    this.#events = events;
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Takes the next bytes, however they were cut. */
  take(bytes: Buffer): void {
    const input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    let at = 0;
    while (at < input.length && this.#state !== "done") {
      const next = this.#takeSome(input, at);
      if (next === at) break;
      at = next;
    }
    this.#input = this.#state === "done" ? EMPTY : Buffer.from(input.subarray(at));
  }

  /** There are no more bytes: that ends a body without an end. @returns whether the response is complete */
  end(): boolean {
    if (this.#state === "untilEnd") this.#end();
    return this.#state === "done";
  }

  #takeSome(input: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#takeHead(input, at);
      case "body": {
        const { bytes, next } = this.#decoder!.take(input, at);
        if (bytes.length > 0) this.#events.body(bytes);
        if (this.#decoder!.done) this.#end();
        return next;
      }
      case "untilEnd":
        this.#events.body(input.subarray(at));
        return input.length;
      case "done":
        return at;
      default:
        return this.#state satisfies never;
    }
  }

  #takeHead(input: Buffer, at: number): number {
    const end = input.indexOf("\r\n\r\n", at, "latin1");
    if (end === -1) return at;
    const text = input.toString("latin1", at, end + 4);
    const lineEnd = text.indexOf("\r\n");
    const match = STATUS_LINE.exec(text.slice(0, lineEnd));
    if (match === null) throw new Error("the answer does not begin with a status line");
    const flat: string[] = [];
    parseFieldLines(text, lineEnd + 2, flat, UNLIMITED);
    const fields = pairs(flat);
    const head: ResponseHead = {
      status: Number(match[1]),
      reason: match[2]!,
      fields: fields.filter(([name]) => !INNER.has(name.toLowerCase())),
    };
    if (head.status < 200) {
      this.#events.interim(head);
      return end + 4;
    }
    this.#events.head(head);
    this.#beginBody(head, fields);
    return end + 4;
  }

  #beginBody({ status }: ResponseHead, fields: readonly (readonly [string, string])[]): void {
    if (this.#method === "HEAD" || isBodiless(status)) return this.#end();
    const isChunked = fields.some(([name]) => name.toLowerCase() === "transfer-encoding");
    const length = fields.find(([name]) => name.toLowerCase() === "content-length")?.[1];
    if (!isChunked && length === undefined) {
      this.#state = "untilEnd";
      return;
    }
    this.#decoder = bodyDecoder(isChunked ? { kind: "chunked" } : { kind: "length", length: Number(length) });
    this.#state = "body";
    if (this.#decoder === undefined) this.#end();
  }

  #end(): void {
    this.#state = "done";
    this.#events.end();
  }
}

function pairs(flat: readonly string[]): [name: string, value: string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) result.push([flat[i]!, flat[i + 1]!]);
  return result;
}
