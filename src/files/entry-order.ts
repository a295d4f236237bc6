// In which order the entries of a directory are shown, and how a query asks for another.

import type { DirectoryEntry } from "./directory-entries.ts";
import { sortInPieces } from "./sort-in-pieces.ts";
import { TimeSlice } from "./time-slice.ts";

export const COLUMNS = ["name", "type", "size", "date"] as const;
export type Column = (typeof COLUMNS)[number];

export interface EntryOrder {
  readonly column: Column;
  readonly isDescending: boolean;
}

export const BY_NAME: EntryOrder = { column: "name", isDescending: false };

/** The order for `?sort=size&order=desc`; by name for whatever is not understood. */
export function orderOf(query: URLSearchParams): EntryOrder {
  const column = COLUMNS.find((each) => each === query.get("sort"));
  if (column === undefined) return BY_NAME;
  return { column, isDescending: query.get("order") === "desc" };
}

/**
 * Directories first, then by the column, then by name: without regard to case, and numbers by their value (`b2` before `b10`).
 * @param typeOf what the column "type" shows
 */
export async function sortEntries(
  entries: readonly DirectoryEntry[],
  order: EntryOrder,
  typeOf: (entry: DirectoryEntry) => string,
): Promise<DirectoryEntry[]> {
  const slice = new TimeSlice();
  const names: string[] = [];
  const values: (string | number)[] = [];
  // Equal texts are kept once: a hundred thousand of them would keep the collector of garbage busy for longer than a slice.
  const texts = new Map<string, string>();
  const textOf = (entry: DirectoryEntry): string => {
    const text = typeOf(entry);
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  for (const entry of entries) {
    names.push(nameKey(entry.name));
    values.push(valueOf(entry, order.column, textOf));
    if (slice.isOver) await slice.rest();
  }
  const sign = order.isDescending ? -1 : 1;
  const sorted = await sortInPieces(
    entries.length,
    (a, b) => {
      const [one, other] = [entries[a]!, entries[b]!];
      if (one.isDirectory !== other.isDirectory) return one.isDirectory ? -1 : 1;
      if (values[a] !== values[b]) return values[a]! < values[b]! ? -sign : sign;
      // Equal in the column: from A to Z, but for the column of names itself.
      const nameSign = order.column === "name" ? sign : 1;
      if (names[a] !== names[b]) return names[a]! < names[b]! ? -nameSign : nameSign;
      if (one.name !== other.name) return one.name < other.name ? -nameSign : nameSign;
      return a - b;
    },
    slice,
  );
  const result: DirectoryEntry[] = [];
  for (const index of sorted) result.push(entries[index]!);
  return result;
}

function valueOf(
  entry: DirectoryEntry,
  column: Column,
  typeOf: (entry: DirectoryEntry) => string,
): string | number {
  switch (column) {
    case "name":
      return 0;
    case "type":
      return typeOf(entry);
    case "size":
      return entry.size ?? 0;
    case "date":
      // NaN would be equal to nothing, itself included: no order at all.
      return Number.isNaN(entry.modified) ? -Infinity : entry.modified;
    default:
      return column satisfies never;
  }
}

/** Compared character by character these give the order of names: the length of a number stands before its digits. */
function nameKey(name: string): string {
  return name
    .toLowerCase()
    .replace(/\d+/g, (digits) => `${String.fromCharCode(0x30 + Math.min(digits.length, 9))}${digits}`);
}
