// The body of one request on its way from the received bytes to whoever reads it: its end, its limit, and
// whether it comes fast enough.

import type { BodyDecoder } from "../http1/body-decoder.ts";
import { contentTooLarge } from "../http1/framing.ts";
import type { InputQueue } from "./input-queue.ts";
import type { ServerLimits } from "./limits.ts";
import { Pace } from "./pace.ts";

/** Who takes the body of a request, piece by piece. */
export interface BodySink {
  /**
   * The next piece, without its framing. It is lent: whoever keeps it keeps a copy.
   * @returns whether more is wanted now; if not, `readBody` is called again later
   */
  onPiece(bytes: Buffer): boolean;
  /** The body is complete. */
  onEnd(): void;
  /** The body will never be complete: the client has gone, is too slow, or broke the framing. */
  onError(error: Error): void;
}

export class IncomingBody {
  readonly #decoder: BodyDecoder;
  readonly #limits: ServerLimits;
  readonly #pace = new Pace();
  /** There while somebody wants more now. */
  #sink: BodySink | undefined;
  /** Bytes so far. */
  #size = 0;
  #isRead = false;
  /** By when the next piece must be here; `Infinity` while nobody waits for one. */
  #deadline = Infinity;

  constructor(decoder: BodyDecoder, limits: ServerLimits) {
    this.#decoder = decoder;
    this.#limits = limits;
  }

  /** All of it has been handed on. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Somebody waits for the next piece. */
  get isWanted(): boolean {
    return this.#sink !== undefined;
  }

  /** From here on that sink takes the body. */
  pour(sink: BodySink): void {
    this.#sink = sink;
  }

  /**
   * Hands on what has been received.
   * @returns whether the sink wants more than that
   * @throws {HTTPRequestError} for broken framing, and beyond the limit
   */
  take(input: InputQueue): boolean {
    const sink = this.#sink;
    if (sink === undefined) return false;
    for (;;) {
      if (this.#isRead || this.#decoder.done) {
        this.#isRead = true;
        this.#rest();
        sink.onEnd();
        return false;
      }
      const before = input.at;
      const { bytes, next } = this.#decoder.take(input.bytes, input.at);
      input.at = next;
      if (bytes.length > 0) {
        this.#size += bytes.length;
        if (this.#size > this.#limits.body) throw contentTooLarge(this.#limits.body);
        this.#isRead = this.#decoder.done;
        if (!sink.onPiece(bytes)) {
          this.#rest();
          // The last piece was taken without a wish for more: the end must still be told.
          if (this.#isRead) sink.onEnd();
          return false;
        }
      } else if (next === before) break;
    }
    this.#deadline = performance.now() + this.#limits.bodyTime;
    return true;
  }

  /** Tells whoever waits for more that nothing will come. */
  fail(error: Error): void {
    const sink = this.#sink;
    this.#rest();
    sink?.onError(error);
  }

  /**
   * To be asked about once a second. A reader that takes no more for now has let go of the body: then it
   * is not the client who is slow.
   */
  isTooSlow(now: number): boolean {
    if (this.#sink === undefined) {
      this.#pace.pause();
      return false;
    }
    const { bodyTime, minRate } = this.#limits;
    return now >= this.#deadline || this.#pace.isTooSlow(now, this.#size, bodyTime, minRate);
  }

  #rest(): void {
    this.#sink = undefined;
    this.#deadline = Infinity;
  }
}

/** Drops up to `limit` bytes. @param tell whether that was all of the body; its first word counts */
export function droppingSink(limit: number, tell: (isAll: boolean) => void): BodySink {
  let dropped = 0;
  return {
    onPiece: (bytes) => {
      dropped += bytes.length;
      if (dropped <= limit) return true;
      tell(false);
      return false;
    },
    onEnd: () => tell(true),
    onError: () => tell(false),
  };
}
