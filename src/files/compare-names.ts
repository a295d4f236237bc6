// The order of file names: without regard to case, and numbers by their value (`b2` before `b10`).

/** Many names in one text: they take less room, and none has to be cut out to be compared. */
export interface JoinedNames {
  /** In lower case, but that ASCII need not be. */
  readonly text: string;
  /** Where each name ends, and the next one begins. */
  readonly ends: Uint32Array;
}

/** Longer numbers are compared digit by digit: they are names rather than numbers. */
const MOST_DIGITS = 9;

/** Negative if one name comes before the other, positive if it comes after; 0 for names that differ in case at most. */
export function compareNames(one: JoinedNames, index: number, other: JoinedNames, otherIndex: number): number {
  const start = startOf(one, index);
  const otherStart = startOf(other, otherIndex);
  const length = one.ends[index]! - start;
  const otherLength = other.ends[otherIndex]! - otherStart;
  const shorter = Math.min(length, otherLength);
  let same = 0;
  while (same < shorter && unitAt(one.text, start + same) === unitAt(other.text, otherStart + same)) same++;
  // -1 for the end, which comes before all that could follow.
  const unit = same === length ? -1 : unitAt(one.text, start + same);
  const otherUnit = same === otherLength ? -1 : unitAt(other.text, otherStart + same);
  if (isDigit(unit) || isDigit(otherUnit)) {
    // They may differ in the middle of a number, and then the longer number is the greater one.
    let digits = 0;
    while (digits < same && isDigit(unitAt(one.text, start + same - digits - 1))) digits++;
    if (digits > 0 || (isDigit(unit) && isDigit(otherUnit))) {
      const all = digits + countDigits(one.text, start + same, start + length);
      const otherAll = digits + countDigits(other.text, otherStart + same, otherStart + otherLength);
      const difference = Math.min(all, MOST_DIGITS) - Math.min(otherAll, MOST_DIGITS);
      if (difference !== 0) return difference;
    }
  }
  return unit - otherUnit;
}

function startOf({ ends }: JoinedNames, index: number): number {
  return index === 0 ? 0 : ends[index - 1]!;
}

function unitAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function countDigits(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  return at - from;
}
