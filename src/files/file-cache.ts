// Small files kept in memory, and the proof that what is kept is still what is on disk.

import type { Stats } from "node:fs";

/** A file as it was when it was read. */
export interface CachedFile {
  readonly identity: Stats;
  readonly bytes: string | Uint8Array;
  /** Where it was allowed to be: another handler may be stricter about links. */
  readonly root: string | undefined;
}

/** Larger files are read from disk each time: the page cache of the system holds them as well. */
const LARGEST = 128 * 1024;
/** All together. */
const CAPACITY = 64 * 1024 * 1024;
/** Up to here a file is kept as a string: written together with the head it needs no copy of its own. */
const LARGEST_STRING = 16 * 1024;
/**
 * Milliseconds that must have passed since the last change. Time stamps are as coarse as a clock tick, or 2 s on FAT: a file that was changed within it
 * may change again and look the same.
 */
const SETTLED = 2_500;

export class FileCache {
  /** In the order of arrival: the first is the next to go. */
  readonly #files = new Map<string, CachedFile>();
  #size = 0;

  /**
   * The file at that path, if the one on disk is still the same: `stats` is what the system says of it now.
   * @param root inside which it must have been found
   */
  get(path: string, stats: Stats, root: string | undefined): CachedFile | undefined {
    const file = this.#files.get(path);
    if (file === undefined || file.root !== root) return undefined;
    if (isSameFile(file.identity, stats)) return file;
    this.#delete(path, file);
    return undefined;
  }

  /** Whether a file of that kind is worth keeping, and old enough to be. */
  accepts(stats: Stats, now: number): boolean {
    return stats.size <= LARGEST && isSettled(stats, now);
  }

  add(path: string, identity: Stats, content: Buffer, root: string | undefined): CachedFile {
    const bytes = content.length <= LARGEST_STRING ? content.toString("latin1") : content;
    const file = { identity, bytes, root };
    const old = this.#files.get(path);
    if (old !== undefined) this.#delete(path, old);
    this.#files.set(path, file);
    this.#size += cost(path, file);
    for (const [oldest, entry] of this.#files) {
      if (this.#size <= CAPACITY) break;
      this.#delete(oldest, entry);
    }
    return file;
  }

  #delete(path: string, file: CachedFile): void {
    this.#files.delete(path);
    this.#size -= cost(path, file);
  }
}

function cost(path: string, file: CachedFile): number {
  return file.bytes.length + path.length + 500;
}

/** Whether the last change of a file is so long ago that another one will show in its times. */
export function isSettled(stats: Stats, now: number): boolean {
  return now - stats.mtimeMs > SETTLED && now - stats.ctimeMs > SETTLED;
}

/** The change time cannot be set back by a program, so a restored modification time deceives nobody. */
export function isSameFile(a: Stats, b: Stats): boolean {
  return (
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.dev === b.dev
  );
}
