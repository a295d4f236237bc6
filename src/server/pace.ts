// Whether bytes move fast enough while the server waits for its client: a byte a minute is no
// stall, but no transfer either.

/** Looked at about once a second, so that moving a byte costs nothing here. */
export class Pace {
  /** When the span began over which the average is taken; `NaN` while there is none. */
  #since = NaN;
  #countBefore = 0;

  /** The server does not wait for its client: time that passes now is not the client's. */
  pause(): void {
    this.#since = NaN;
  }

  /**
   * Judges one span after the other, each by itself: what was moved quickly before is no credit for later.
   * @param count bytes moved so far
   * @param span milliseconds over which the average is taken
   * @param rate bytes per second
   */
  isTooSlow(now: number, count: number, span: number, rate: number): boolean {
    if (Number.isNaN(this.#since)) {
      this.#since = now;
      this.#countBefore = count;
      return false;
    }
    const passed = now - this.#since;
    if (passed < span) return false;
    const isTooSlow = count - this.#countBefore < (rate * passed) / 1000;
    this.#since = now;
    this.#countBefore = count;
    return isTooSlow;
  }
}
