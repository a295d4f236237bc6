// A small file read in one go, and read again if somebody has changed it meanwhile.

import { fstatSync, readSync, type Stats } from "node:fs";
import { isSameFile } from "./file-cache.ts";

export interface WholeFile {
  /** What the system said of the file before and after it was read. */
  readonly stats: Stats;
  readonly bytes: Buffer;
}

/** A file that is changed during each of these attempts is being written into all the time. */
const ATTEMPTS = 4;

/**
 * @param before what the system says of the file now
 * @param most bytes; a file that has become longer is not read
 * @returns `undefined` for a file that does not stay as it is, or is too long
 */
export function readUnchanged(fd: number, before: Stats, most: number): WholeFile | undefined {
  let stats = before;
  for (let attempt = 0; attempt < ATTEMPTS && stats.size <= most; attempt++) {
    const bytes = readWhole(fd, stats.size);
    const after = fstatSync(fd);
    if (bytes !== undefined && isSameFile(stats, after)) return { stats, bytes };
    stats = after;
  }
  return undefined;
}

/** `undefined` if the file is not that long any more. */
function readWhole(fd: number, size: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  while (at < size) {
    const count = readSync(fd, bytes, at, size - at, at);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}
