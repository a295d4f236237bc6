// The entries of a directory, numbered as they come, and held in few bytes however many they are.

import type { DirectoryEntry } from "./directory-entry.ts";
import { PackedEntries } from "./packed-entries.ts";

/** So many entries, as a power of two, are packed together. */
const PACK_BITS = 9;
const PACK = 2 ** PACK_BITS;
const WITHIN_PACK = PACK - 1;

export class EntryTable implements Iterable<DirectoryEntry> {
  readonly #packs: PackedEntries[] = [];
  #last: DirectoryEntry[] = [];
  /** Of the last ones, once it is asked for. */
  #lastPack: PackedEntries | undefined;

  constructor(entries: Iterable<DirectoryEntry> = []) {
    for (const entry of entries) this.add(entry);
  }

  add(entry: DirectoryEntry): void {
    this.#last.push(entry);
    this.#lastPack = undefined;
    if (this.#last.length < PACK) return;
    this.#packs.push(new PackedEntries(this.#last));
    this.#last = [];
  }

  get length(): number {
    return this.#packs.length * PACK + this.#last.length;
  }

  /** The entry with a number less than `length`, as a new object. */
  at(number: number): DirectoryEntry {
    return this.#packOf(number).at(number & WITHIN_PACK);
  }

  isDirectory(number: number): boolean {
    return this.#packOf(number).isDirectory(number & WITHIN_PACK);
  }

  /** Bytes; 0 for a directory. */
  sizeOf(number: number): number {
    return this.#packOf(number).sizes[number & WITHIN_PACK]!;
  }

  /** Milliseconds since the epoch. */
  modifiedOf(number: number): number {
    return this.#packOf(number).modified[number & WITHIN_PACK]!;
  }

  /** Two entries by their names; 0 for the same name only. */
  compareNames(one: number, other: number): number {
    return this.#packOf(one).compareNames(one & WITHIN_PACK, this.#packOf(other), other & WITHIN_PACK);
  }

  *[Symbol.iterator](): Generator<DirectoryEntry, void, void> {
    for (let number = 0; number < this.length; number++) yield this.at(number);
  }

  #packOf(number: number): PackedEntries {
    return this.#packs[number >>> PACK_BITS] ?? (this.#lastPack ??= new PackedEntries(this.#last));
  }
}
