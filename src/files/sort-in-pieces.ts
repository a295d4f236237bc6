// Sorting that never holds the event loop for long, whatever there is to sort.

import type { TimeSlice } from "./time-slice.ts";

/** Sorted in one go: a millisecond at most. */
const RUN = 512;

/**
 * The numbers from 0 to `count` - 1 in the order that `compare` wants: short runs are
 * sorted, then merged in pairs.
 * @param compare of two of those numbers; never 0, so that there is one order only
 */
export async function sortInPieces(
  count: number,
  compare: (a: number, b: number) => number,
  slice: TimeSlice,
): Promise<Uint32Array> {
  let from = new Uint32Array(count);
  let to = new Uint32Array(count);
  for (let index = 0; index < count; index++) from[index] = index;
  for (let start = 0; start < count; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    if (slice.isOver) await slice.rest();
  }
  for (let width = RUN; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takesLeft = left < middle && (right >= end || compare(from[left]!, from[right]!) < 0);
        to[at] = from[takesLeft ? left++ : right++]!;
        if (at % RUN === 0 && slice.isOver) await slice.rest();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
