// The validators of a file: its entity tag and its date, out of what the system says of it (RFC 9110 §8.8).

import type { Stats } from "node:fs";
import type { Validators } from "./representation.ts";
import { ageOf } from "./settled.ts";

/** 1 January of the year 0, in milliseconds: HTTP dates have four digits for the year. */
const EARLIEST = -62_167_219_200_000;

/** @param now milliseconds since the epoch, not before `stats` were asked for */
export function fileValidators(stats: Stats, now: number): Validators {
  const lastModified = lastModifiedOf(stats, now);
  const opaque = opaqueTag(stats);
  switch (ageOf(stats, now)) {
    case "settled":
      return { entityTag: `"${opaque}"`, isProvisional: false, lastModified };
    case "settling":
      return { entityTag: `W/"${opaque}"`, isProvisional: false, lastModified };
    case "unsettled":
      // Not the tag that the file will have: a later change could leave that the same.
      return { entityTag: `W/"${opaque}-0"`, isProvisional: true, lastModified };
  }
}

/**
 * Milliseconds since the epoch, in whole seconds, and never "later than the server's time of message
 * origination" (RFC 9110 §8.8.2.1); `undefined` for a time that no HTTP date can tell.
 */
function lastModifiedOf(stats: Stats, now: number): number | undefined {
  const { mtimeMs } = stats;
  if (mtimeMs < EARLIEST) return undefined;
  return Math.floor((mtimeMs < now ? mtimeMs : now) / 1000) * 1000;
}

/**
 * Identity, size and both times. The change time cannot be set by a program, so a restored modification time
 * deceives nobody. As floating-point numbers the times have some 240 ns: enough, as no tag is trusted that
 * was given within a clock tick of a change.
 */
function opaqueTag({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  // An inode number at sight is what scanners complain about. Two of one device stay two.
  const identity = (ino ^ (ino / 0x1_0000_0000) ^ Math.imul(dev, 0x9e37_79b1)) >>> 0;
  return `${size.toString(36)}-${stamp(mtimeMs)}-${stamp(ctimeMs)}-${identity.toString(36)}`;
}

/** 4096: to this part of a millisecond doubles are exact today, so the product is a whole number. */
function stamp(milliseconds: number): string {
  return (milliseconds * 4096).toString(36);
}
