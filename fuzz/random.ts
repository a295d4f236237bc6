// Numbers that look random and are the same for the same seed: every case can be made again from its number.

export class Random {
  #state: number;

  /** @param seed of the run @param index of the case in it */
  constructor(seed: number, index: number) {
    // Neighbours must not look alike: both numbers are spread over all bits first.
    this.#state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) | 0;
    this.#next();
  }

  /** mulberry32: small, fast, and good enough to choose among tokens. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.#next() % limit;
  }

  /** True in `part` of `whole` cases. */
  chance(part: number, whole: number): boolean {
    return this.below(whole) < part;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
