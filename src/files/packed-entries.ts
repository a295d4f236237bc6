// Some entries of a directory in few bytes: as objects, a hundred thousand of them would be kept for as long
// as the slowest client reads.

import type { DirectoryEntry } from "./directory-entry.ts";
import { JoinedNames } from "./joined-names.ts";

const DIRECTORY = 1;
const LINK = 2;

/** What is kept of an entry: its name and some twenty bytes. */
export class PackedEntries {
  /** Bytes; 0 for a directory. */
  readonly sizes: Uint32Array | Float64Array;
  /** Milliseconds since the epoch. */
  readonly modified: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #names: JoinedNames;
  /** In lower case; the same where all names are ASCII. */
  readonly #folded: JoinedNames;

  constructor(entries: readonly DirectoryEntry[]) {
    const sizes = entries.map(({ size }) => size ?? 0);
    this.sizes = (sizes.every((size) => size < 2 ** 32) ? Uint32Array : Float64Array).from(sizes);
    this.modified = Float64Array.from(entries, ({ modified }) => modified);
    this.#kinds = Uint8Array.from(
      entries,
      ({ isDirectory, isLink }) => (isDirectory ? DIRECTORY : 0) | (isLink ? LINK : 0),
    );
    const names = entries.map(({ name }) => name);
    this.#names = new JoinedNames(names);
    // Name by name: what a letter becomes depends on its neighbours, and one may become two.
    this.#folded = names.every(isAscii)
      ? this.#names
      : new JoinedNames(names.map((name) => name.toLowerCase()));
  }

  /** The entry, as a new object. */
  at(index: number): DirectoryEntry {
    const isDirectory = this.isDirectory(index);
    return {
      name: this.#names.at(index),
      isDirectory,
      isLink: (this.#kinds[index]! & LINK) !== 0,
      size: isDirectory ? undefined : this.sizes[index]!,
      modified: this.modified[index]!,
    };
  }

  isDirectory(index: number): boolean {
    return (this.#kinds[index]! & DIRECTORY) !== 0;
  }

  /** Without regard to case, but where that is all in which names differ; 0 for the same name only. */
  compareNames(index: number, other: PackedEntries, otherIndex: number): number {
    const difference = this.#folded.compare(index, other.#folded, otherIndex);
    if (difference !== 0) return difference;
    const [name, otherName] = [this.#names.at(index), other.#names.at(otherIndex)];
    if (name === otherName) return 0;
    return name < otherName ? -1 : 1;
  }
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
