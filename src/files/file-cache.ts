// Small files kept in memory, the proof that what is kept is still what is on disk, and who has to
// go when it becomes too much.

import type { Stats } from "node:fs";
import { fileValidators } from "./file-validators.ts";
import type { Validators } from "./representation.ts";
import { isSettled } from "./settled.ts";

/** What tells one state of a file from another. */
export type FileIdentity = Pick<Stats, "dev" | "ino" | "size" | "mtimeMs" | "ctimeMs">;

/** A file as it was when it was read. */
export interface CachedFile {
  readonly identity: FileIdentity;
  readonly bytes: string | Uint8Array;
  /** Made once, with the file: they are sent with every answer. */
  readonly validators: Validators;
  /** Where it was allowed to be: another handler may be stricter about links. */
  readonly root: string | undefined;
}

/** Larger files are read from disk each time: the page cache of the system holds them as well. */
export const LARGEST_IN_MEMORY = 128 * 1024;
/** Up to here a file is kept as a string: written together with the head it needs no copy of its own. */
const LARGEST_STRING = 16 * 1024;
/** What an entry takes beside the bytes and the name: two objects, a place in a table and one in a list. */
const OVERHEAD = 500;
/** How many files are compared when one has to go. */
const CANDIDATES = 8;

interface Entry extends CachedFile {
  readonly path: string;
  readonly cost: number;
  /** Where it stands among all. */
  place: number;
  /** How often it was asked for; halved each time that it might have gone. */
  hits: number;
}

export class FileCache {
  readonly #files = new Map<string, Entry>();
  /** The same in no order, so that each has its turn to be looked at. */
  readonly #all: Entry[] = [];
  /** Where the next look begins. */
  #hand = 0;
  #size = 0;

  /**
   * The file at that path, if the one on disk is still the same: `stats` is what the system says of it now.
   * @param root inside which it must have been found
   */
  get(path: string, stats: Stats, root: string | undefined): CachedFile | undefined {
    const file = this.#files.get(path);
    if (file === undefined || file.root !== root) return undefined;
    if (!isSameFile(file.identity, stats)) {
      this.#delete(file);
      return undefined;
    }
    file.hits++;
    return file;
  }

  /** Whether a file of that kind is worth keeping, and old enough to be. */
  accepts(stats: Stats, now: number): boolean {
    return stats.size <= LARGEST_IN_MEMORY && isSettled(stats, now);
  }

  /**
   * @param capacity bytes that all files together may take; others go for it, those first that answer the
   * fewest requests for their size
   */
  add(
    path: string,
    stats: Stats,
    content: Buffer,
    root: string | undefined,
    capacity: number,
    now: number,
  ): CachedFile {
    const bytes = content.length <= LARGEST_STRING ? content.toString("latin1") : content;
    const cost = content.length + path.length + OVERHEAD;
    const old = this.#files.get(path);
    if (old !== undefined) this.#delete(old);
    const hits = old?.hits ?? 1;
    const validators = fileValidators(stats, now);
    // Not the object itself: once ten thousand of them are kept, V8 puts all others like it where only a full
    // collection frees them, and every request makes one.
    const { dev, ino, size, mtimeMs, ctimeMs } = stats;
    const identity: FileIdentity = { dev, ino, size, mtimeMs, ctimeMs };
    const entry = { identity, bytes, validators, root, path, cost, place: 0, hits };
    if (cost > capacity) return entry;
    while (this.#size + cost > capacity) this.#delete(this.#leastUseful());
    entry.place = this.#all.push(entry) - 1;
    this.#files.set(path, entry);
    this.#size += cost;
    return entry;
  }

  /** Bytes that all files together take. */
  get size(): number {
    return this.#size;
  }

  /** One of a few: to find the least useful of all would need an order that every hit changes. */
  #leastUseful(): Entry {
    const count = Math.min(CANDIDATES, this.#all.length);
    let least = this.#next();
    for (let i = 1; i < count; i++) {
      const other = this.#next();
      if (usefulness(other) < usefulness(least)) least = other;
    }
    return least;
  }

  /** What was wanted last year is no reason to stay: who is looked at loses half of its merits. */
  #next(): Entry {
    if (this.#hand >= this.#all.length) this.#hand = 0;
    const entry = this.#all[this.#hand++]!;
    entry.hits /= 2;
    return entry;
  }

  #delete(entry: Entry): void {
    this.#files.delete(entry.path);
    this.#size -= entry.cost;
    const last = this.#all.pop()!;
    if (last === entry) return;
    this.#all[entry.place] = last;
    last.place = entry.place;
  }
}

/** Each hit saves about the same, whatever the size: opening, checking and reading. */
function usefulness(entry: Entry): number {
  return entry.hits / entry.cost;
}

/** The change time cannot be set back by a program, so a restored modification time deceives nobody. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return (
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.dev === b.dev
  );
}
