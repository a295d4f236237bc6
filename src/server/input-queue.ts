// Request bytes that a socket has brought and nobody has read: kept up to a limit, beyond
// which the client has to wait.

import type { Duplex } from "node:stream";

const EMPTY = Buffer.alloc(0);

export class InputQueue {
  readonly #socket: Duplex;
  /** What was received; `at` is how far it has been read. */
  bytes: Buffer = EMPTY;
  /** Readers move it. */
  at = 0;
  #isPaused = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.at === this.bytes.length;
  }

  add(chunk: Buffer): void {
    if (this.isEmpty) this.bytes = chunk;
    else this.bytes = Buffer.concat([this.bytes.subarray(this.at), chunk]);
    this.at = 0;
  }

  /** Lets go of everything, read or not. What has been read holds up to 64 KiB until something follows. */
  clear(): void {
    this.bytes = EMPTY;
    this.at = 0;
  }

  /** Nobody reads at the moment: more than `limit` bytes are not taken from the socket, until `resume()`. */
  pauseBeyond(limit: number): void {
    if (this.bytes.length - this.at <= limit) return;
    this.#isPaused = true;
    this.#socket.pause();
    // The socket reads on until its own buffer is full: a client that leaves behind a little more than
    // `limit` is noticed. A socket that receives into a shared buffer stops at once, if it is not told to.
    this.#socket.read(0);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** A socket that is not read does not tell that it was reset. Writing nothing asks for it. */
  askWhilePaused(): void {
    if (this.#isPaused) this.#socket.write(EMPTY);
  }
}
