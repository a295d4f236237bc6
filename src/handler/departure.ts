// The news that the client has left, for whoever works for it alone.

import { removeItem } from "../remove-item.ts";

/** What of an `AbortSignal` is needed to stop in time. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * A signal for every request that runs something. An `AbortSignal` is made for whoever asks for
 * one; in Node 20 each of them lives until a full collection of garbage, and whatever it has told,
 * or could have, lives as long.
 */
export class Departure implements StopSignal {
  #hasLeft = false;
  readonly #listeners: (() => void)[] = [];

  get aborted(): boolean {
    return this.#hasLeft;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    removeItem(this.#listeners, listener);
  }

  /** To be called when the client has left; what is called after the first time changes nothing. */
  note(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    // One listener may take another one away.
    const listeners = this.#listeners;
    for (let listener = listeners.shift(); listener !== undefined; listener = listeners.shift()) listener();
  }
}
