// Response bytes on their way to a socket: gathered, so that a small response is one
// write, and so are pipelined ones.

import type { Duplex } from "node:stream";
import { flushAtEndOfTurn } from "./end-of-turn.ts";
import { Pace } from "./pace.ts";

/** Beyond this, data goes to the socket as it is: copying it together would cost more than another write. */
const GATHER_LIMIT = 65_536;

/**
 * Bytes. A socket that holds less than its high-water mark (16 KiB in Node 20, 64 KiB later) counts as
 * drained, and still holds what it was given last. So whoever uses a buffer again once the socket is drained
 * has to write a copy of a piece smaller than this.
 */
export const MOST_HELD_WHEN_DRAINED = 64 * 1024;

const EMPTY = Buffer.alloc(0);

export class OutputQueue {
  readonly #socket: Duplex;
  /** What waits, in order; behind it `#text`, the strings that came last, already put together. */
  #pieces: (string | Uint8Array)[] = [];
  #text = "";
  #size = 0;
  /** It will be flushed without a further word. */
  #isScheduled = false;
  #given = 0;
  /** How many of those the system is known to have taken. */
  #taken = 0;
  /** How many bytes had left when that was last looked at, and since when it has been that many. */
  #leftBefore = -1;
  #leftSince = 0;
  readonly #pace = new Pace();

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Strings are Latin-1: what the head of a response is made of. */
  write(data: string | Uint8Array): void {
    if (typeof data === "string") this.#text += data;
    else this.#addBytes(data);
    this.#size += data.length;
    if (this.#size >= GATHER_LIMIT) return this.flush();
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    flushAtEndOfTurn(this);
  }

  /** Called at the end of the turn of the event loop in which something was written. */
  flushScheduled(): void {
    this.#isScheduled = false;
    this.flush();
  }

  #addBytes(bytes: Uint8Array): void {
    if (this.#text !== "") this.#pieces.push(this.#text);
    this.#text = "";
    this.#pieces.push(bytes);
  }

  flush(): void {
    const size = this.#size;
    if (size === 0) return;
    const pieces = this.#pieces;
    const text = this.#text;
    this.#size = 0;
    this.#text = "";
    if (pieces.length > 0) this.#pieces = [];
    if (!this.#socket.writable) {
      this.#given += size;
      return;
    }
    if (pieces.length === 0) return this.#send(text);
    if (text !== "") pieces.push(text);
    if (pieces.length === 1) return this.#send(pieces[0]!);
    if (size <= GATHER_LIMIT) return this.#send(gather(pieces, size));
    this.#socket.cork();
    for (const piece of pieces) this.#send(piece);
    this.#socket.uncork();
    this.noteTaken();
  }

  /**
   * A socket that has failed counts as full until it closes: a source that never had to wait would
   * keep that from being noticed.
   */
  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain || !this.#socket.writable;
  }

  /** Bytes given to the socket so far. */
  get given(): number {
    return this.#given;
  }

  /** The socket holds bytes that the system has not taken yet, and will go on sending them. */
  get isSending(): boolean {
    return this.#socket.writableLength > 0 && this.#socket.writable;
  }

  /** Bytes that were written and of which nobody knows that the system has taken them. */
  get unsent(): number {
    return this.#size + this.#given - this.#taken;
  }

  /** Resolves when nothing of what was given to the socket is left in it. */
  async taken(): Promise<void> {
    // An empty piece is taken after all others; "drain" is silent about the last ones when they are few.
    await new Promise<void>((resolve) => this.#socket.write(EMPTY, () => resolve()));
    this.noteTaken();
  }

  /** To be called when the socket may have become empty. */
  noteTaken(): void {
    // A socket that has failed is empty, too: it has thrown away what it held.
    if (this.#socket.writableLength === 0 && this.#socket.writable) this.#taken = this.#given;
  }

  /**
   * Whether the client has taken nothing for `limit` milliseconds while there was something to take, or less
   * than `minRate` bytes per second in that time.
   */
  isStalled(now: number, limit: number, minRate: number): boolean {
    this.noteTaken();
    if (this.#socket.writableLength === 0) {
      this.#leftBefore = -1;
      this.#pace.pause();
      return false;
    }
    const left = this.#left();
    if (left !== this.#leftBefore) {
      this.#leftBefore = left;
      this.#leftSince = now;
    } else if (now - this.#leftSince >= limit) return true;
    return this.#pace.isTooSlow(now, left, limit, minRate);
  }

  /** Bytes that the system has taken from us. */
  #left(): number {
    const { _handle: handle } = this.#socket as SocketWithHandle;
    // `writableLength` counts a write as a whole until all of it has left: of one large write a slow client
    // would seem to take nothing for minutes. How much of it has left only the handle knows;
    // `socket.setTimeout()` asks it the same.
    if (typeof handle?.writeQueueSize === "number" && typeof handle.bytesWritten === "number") {
      return handle.bytesWritten - handle.writeQueueSize;
    }
    return this.#given - this.#socket.writableLength;
  }

  #send(piece: string | Uint8Array): void {
    this.#given += piece.length;
    if (typeof piece === "string") this.#socket.write(piece, "latin1");
    else this.#socket.write(piece);
    this.noteTaken();
  }
}

interface SocketWithHandle extends Duplex {
  /** Missing in a stream that is no socket, and in a socket that is closed. */
  readonly _handle?: { readonly bytesWritten?: unknown; readonly writeQueueSize?: unknown } | null;
}

function gather(pieces: readonly (string | Uint8Array)[], size: number): Buffer {
  const all = Buffer.allocUnsafe(size);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") all.write(piece, at, "latin1");
    else all.set(piece, at);
    at += piece.length;
  }
  return all;
}
