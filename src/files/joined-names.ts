// Many file names in one run of bytes, outside of the heap, and their order: without regard to
// case, and numbers by their value.

export class JoinedNames {
  readonly #bytes: Buffer;
  /** Bytes of a character: one for each, if all are Latin-1. */
  readonly #width: 1 | 2;
  /** Where each name ends and the next one begins, in characters. */
  readonly #ends: Uint16Array | Uint32Array;

  constructor(names: readonly string[]) {
    const text = names.join("");
    this.#width = /[^\0-\xff]/.test(text) ? 2 : 1;
    this.#bytes = Buffer.from(text, this.#width === 1 ? "latin1" : "utf16le");
    this.#ends = new (text.length < 2 ** 16 ? Uint16Array : Uint32Array)(names.length);
    let end = 0;
    for (const [index, name] of names.entries()) this.#ends[index] = end += name.length;
  }

  at(index: number): string {
    const start = this.#start(index) * this.#width;
    const end = this.#ends[index]! * this.#width;
    return this.#bytes.toString(this.#width === 1 ? "latin1" : "utf16le", start, end);
  }

  /**
   * Negative if a name comes before the other, positive if it comes after: `b2` before `B10`. 0 for those
   * that differ in the case of ASCII letters at most; others have to be in lower case already.
   */
  compare(index: number, other: JoinedNames, otherIndex: number): number {
    const start = this.#start(index);
    const otherStart = other.#start(otherIndex);
    const length = this.#ends[index]! - start;
    const otherLength = other.#ends[otherIndex]! - otherStart;
    const shorter = Math.min(length, otherLength);
    let same = 0;
    while (same < shorter && this.#unit(start + same) === other.#unit(otherStart + same)) same++;
    // The end comes before all that could follow.
    const unit = same === length ? -1 : this.#unit(start + same);
    const otherUnit = same === otherLength ? -1 : other.#unit(otherStart + same);
    if (isDigit(unit) || isDigit(otherUnit)) {
      // Where two numbers differ in the middle, the one with more digits is greater.
      let digits = 0;
      while (digits < same && isDigit(this.#unit(start + same - digits - 1))) digits++;
      if (digits > 0 || (isDigit(unit) && isDigit(otherUnit))) {
        const all = this.#countDigits(start + same - digits, start + length);
        const otherAll = other.#countDigits(otherStart + same - digits, otherStart + otherLength);
        if (all !== otherAll) return all - otherAll;
      }
    }
    return unit - otherUnit;
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  /** A UTF-16 unit; a small letter for a capital one of ASCII. */
  #unit(at: number): number {
    const unit =
      this.#width === 1 ? this.#bytes[at]! : this.#bytes[2 * at]! | (this.#bytes[2 * at + 1]! << 8);
    return unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
  }

  /** At most nine: longer ones are names rather than numbers, and compared digit by digit. */
  #countDigits(from: number, end: number): number {
    const last = Math.min(end, from + MOST_DIGITS);
    let at = from;
    while (at < last && isDigit(this.#unit(at))) at++;
    return at - from;
  }
}

const MOST_DIGITS = 9;

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}
