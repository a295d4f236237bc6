// Small files kept in memory, and the proof that what is kept is still what is on disk.

import type { Stats } from "node:fs";
import { fileValidators } from "./file-validators.ts";
import type { Validators } from "./representation.ts";
import { isSettled } from "./settled.ts";

/** A file as it was when it was read. */
export interface CachedFile {
  readonly identity: Stats;
  readonly bytes: string | Uint8Array;
  /** Made once, with the file: they are sent with every answer. */
  readonly validators: Validators;
  /** Where it was allowed to be: another handler may be stricter about links. */
  readonly root: string | undefined;
}

/** Larger files are read from disk each time: the page cache of the system holds them as well. */
const LARGEST = 128 * 1024;
/** All together. */
const CAPACITY = 64 * 1024 * 1024;
/** Up to here a file is kept as a string: written together with the head it needs no copy of its own. */
const LARGEST_STRING = 16 * 1024;

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

  add(path: string, identity: Stats, content: Buffer, root: string | undefined, now: number): CachedFile {
    const bytes = content.length <= LARGEST_STRING ? content.toString("latin1") : content;
    const file = { identity, bytes, validators: fileValidators(identity, now), root };
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
