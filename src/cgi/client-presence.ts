// Whether the client still waits: gone with its connection, or, as far as anyone can tell, with its last byte and a silence.

import type { Duplex } from "node:stream";

/**
 * A client that has closed and one that has only ended its side (`nc -N`, RFC 9112 §9.6) look the same until something is
 * written to it: a closed one answers that with a reset. So a script that prints needs no guess; for a silent one this is how
 * long, in milliseconds, the client gets the benefit of the doubt.
 */
const HALF_CLOSED_GRACE = 2_000;

export class ClientPresence {
  readonly #controller = new AbortController();
  readonly #lost: AbortSignal;
  readonly #socket: Duplex;
  #timer: NodeJS.Timeout | undefined;

  /** @param lost aborted when the connection is gone */
  constructor(lost: AbortSignal, socket: Duplex) {
    this.#lost = lost;
    this.#socket = socket;
    if (lost.aborted) this.#controller.abort();
    lost.addEventListener("abort", this.#onLost);
    if (socket.readableEnded) this.#onEnd();
    else socket.once("end", this.#onEnd);
  }

  /** Aborted when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something was sent: a client that has gone will say so by itself. */
  sent(): void {
    this.#timer?.refresh();
  }

  /** Call it on every way out. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#lost.removeEventListener("abort", this.#onLost);
    this.#socket.off("end", this.#onEnd);
  }

  readonly #onLost = (): void => this.#controller.abort();

  readonly #onEnd = (): void => {
    this.#timer = setTimeout(() => {
      // It is taking what was sent, if slowly; or it has gone, and will say so.
      if (this.#socket.writableLength > 0) this.#timer?.refresh();
      else this.#controller.abort();
    }, HALF_CLOSED_GRACE);
  };
}
