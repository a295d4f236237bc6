// Whether the client is still there, and who is told when it is not: that is known once its connection
// is lost, and a guess before.

import { removeItem } from "../remove-item.ts";

/**
 * A client that has closed and one that has only ended its side (`nc -N`, RFC 9112 §9.6) look the same until
 * something is sent: a closed one answers that with a reset. So long, in milliseconds, a silent answer gives
 * it the benefit of the doubt.
 */
const DOUBT_TIME = 2_000;

export class ClientPresence {
  /** There once somebody listens: thousands of idle connections do without. */
  #lostListeners: (() => void)[] | undefined;
  /** Told when nobody seems to wait for the answer any more. */
  #goneListener: (() => void) | undefined;
  /** Since when nothing has been sent to a client that has ended its side, and how much had been. */
  #silentSince = 0;
  #givenBefore = 0;

  /** Calls back once, when the connection is lost. @returns a function that takes the wish back */
  onLost(listener: () => void): () => void {
    const listeners = (this.#lostListeners ??= []);
    listeners.push(listener);
    return () => removeItem(listeners, listener);
  }

  /** Calls back once, when the connection is lost or its client seems gone. There is one listener only. */
  onGone(listener: () => void): () => void {
    this.#goneListener = listener;
    this.#silentSince = performance.now();
    const forgetLost = this.onLost(listener);
    return () => {
      forgetLost();
      if (this.#goneListener === listener) this.#goneListener = undefined;
    };
  }

  /** The connection is lost. */
  noteLost(): void {
    // One listener may take back another one's wish.
    const listeners = this.#lostListeners ?? [];
    for (let listener = listeners.shift(); listener !== undefined; listener = listeners.shift()) listener();
  }

  /** The client has ended its side. */
  noteEnd(): void {
    this.#silentSince = performance.now();
  }

  /**
   * To be asked about once a second when the client has ended its side: tells the listener of
   * `onGone()` when it seems to have left. What is still on its way needs no guess: a client that has
   * left answers it with a reset.
   * @param given bytes that were sent so far
   * @param isOnItsWay not all of them have left
   * @param limit milliseconds
   * @returns whether nothing has been sent for so long
   */
  checkSilence(limit: number, now: number, given: number, isOnItsWay: boolean): boolean {
    if (given !== this.#givenBefore || isOnItsWay) {
      this.#givenBefore = given;
      this.#silentSince = now;
    }
    const silence = now - this.#silentSince;
    if (silence >= limit) return true;
    if (silence >= DOUBT_TIME) this.#tellGone();
    return false;
  }

  #tellGone(): void {
    const listener = this.#goneListener;
    this.#goneListener = undefined;
    listener?.();
  }
}
