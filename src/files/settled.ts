// Whether the time stamps of a file tell its bytes apart from those that it had a moment ago.

import type { Stats } from "node:fs";

/**
 * Milliseconds that must have passed since the last change. Time stamps are as coarse as a clock tick, or 2 s
 * on FAT: a file that was changed within it may change again and look the same.
 */
const SETTLED = 2_500;

/** The slowest clock ticks of systems are 10 ms (Linux) and 16 ms (Windows) long; exFAT counts in 10 ms. */
const TICK = 50;

/**
 * - `settled`: whatever happens to the file from here on will show.
 * - `settling`: it will, if the file system has finer stamps than seconds, as nearly
 *   all have. This one seems to.
 * - `unsettled`: the file may change and look the same.
 */
export type Age = "settled" | "settling" | "unsettled";

/** @param now milliseconds since the epoch, not before `stats` were asked for */
export function ageOf(stats: Stats, now: number): Age {
  const { mtimeMs, ctimeMs } = stats;
  // Anybody may set a modification time that is still to come; a change time like that means
  // that the clock was set back.
  const changed = mtimeMs > now ? ctimeMs : Math.max(mtimeMs, ctimeMs);
  const age = now - changed;
  if (age > SETTLED) return "settled";
  return age > TICK && ctimeMs % 1000 !== 0 ? "settling" : "unsettled";
}

/** Whether the last change of a file is so long ago that another one will show in its times. */
export function isSettled(stats: Stats, now: number): boolean {
  return ageOf(stats, now) === "settled";
}
