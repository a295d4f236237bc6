// Some entries of a directory in few bytes: as objects, a hundred thousand of them would be kept for as long as the slowest client reads.

import { compareNames, type JoinedNames } from "./compare-names.ts";
import type { DirectoryEntry } from "./directory-entries.ts";

const DIRECTORY = 1;
const LINK = 2;

/** What is kept of an entry: its name and some twenty bytes. */
export class PackedEntries {
  readonly sizes: Float64Array;
  readonly modified: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #names: JoinedNames;
  /** The same text where all names are ASCII. */
  readonly #folded: JoinedNames;

  constructor(entries: readonly DirectoryEntry[]) {
    this.sizes = Float64Array.from(entries, ({ size }) => size ?? 0);
    this.modified = Float64Array.from(entries, ({ modified }) => modified);
    this.#kinds = Uint8Array.from(
      entries,
      ({ isDirectory, isLink }) => (isDirectory ? DIRECTORY : 0) | (isLink ? LINK : 0),
    );
    const names = entries.map(({ name }) => name);
    this.#names = joinNames(names);
    // Name by name: what a letter becomes depends on its neighbours, and one may become two.
    this.#folded = isAscii(this.#names.text) ? this.#names : joinNames(names.map((name) => name.toLowerCase()));
  }

  /** The entry, as a new object. */
  at(index: number): DirectoryEntry {
    const isDirectory = this.isDirectory(index);
    return {
      name: this.#nameOf(index),
      isDirectory,
      isLink: (this.#kinds[index]! & LINK) !== 0,
      size: isDirectory ? undefined : this.sizes[index]!,
      modified: this.modified[index]!,
    };
  }

  isDirectory(index: number): boolean {
    return (this.#kinds[index]! & DIRECTORY) !== 0;
  }

  /** As `compareNames()` has it, and by the characters where that makes no difference; 0 for the same name only. */
  compareNames(index: number, other: PackedEntries, otherIndex: number): number {
    const difference = compareNames(this.#folded, index, other.#folded, otherIndex);
    if (difference !== 0) return difference;
    const [name, otherName] = [this.#nameOf(index), other.#nameOf(otherIndex)];
    if (name === otherName) return 0;
    return name < otherName ? -1 : 1;
  }

  #nameOf(index: number): string {
    const { text, ends } = this.#names;
    return text.slice(index === 0 ? 0 : ends[index - 1]!, ends[index]!);
  }
}

function joinNames(names: readonly string[]): JoinedNames {
  const ends = new Uint32Array(names.length);
  let end = 0;
  for (const [index, name] of names.entries()) ends[index] = end += name.length;
  return { text: names.join(""), ends };
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
