// In which order the entries of a directory are shown, and how a query asks for another.

import type { DirectoryEntry } from "./directory-entry.ts";
import type { EntryTable } from "./entry-table.ts";
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
 * The numbers of the entries in their order: directories first, then by the column, then by name: without
 * regard to case, and numbers by their value (`b2` before `b10`).
 * @param typeOf what the column "type" shows
 */
export async function sortEntries(
  entries: EntryTable,
  order: EntryOrder,
  typeOf: (entry: DirectoryEntry) => string,
): Promise<Uint32Array> {
  const slice = new TimeSlice();
  const compareValues = await columnOf(entries, order.column, typeOf, slice);
  const sign = order.isDescending ? -1 : 1;
  // Equal in the column: from A to Z, but for the column of names itself.
  const nameSign = order.column === "name" ? sign : 1;
  return sortInPieces(
    entries.length,
    (a, b) => {
      const isDirectory = entries.isDirectory(a);
      if (isDirectory !== entries.isDirectory(b)) return isDirectory ? -1 : 1;
      return sign * compareValues(a, b) || nameSign * entries.compareNames(a, b) || a - b;
    },
    slice,
  );
}

/** Compares two entries, by their numbers, in a column. */
async function columnOf(
  entries: EntryTable,
  column: Column,
  typeOf: (entry: DirectoryEntry) => string,
  slice: TimeSlice,
): Promise<(a: number, b: number) => number> {
  switch (column) {
    case "name":
      return () => 0;
    case "type": {
      const ranks = await rankTexts(entries, typeOf, slice);
      return (a, b) => ranks[a]! - ranks[b]!;
    }
    case "size":
      return (a, b) => entries.sizeOf(a) - entries.sizeOf(b);
    case "date":
      return (a, b) => {
        const [one, other] = [timeOf(entries, a), timeOf(entries, b)];
        return one === other ? 0 : one < other ? -1 : 1;
      };
    default:
      return column satisfies never;
  }
}

/** For each entry a number that is greater the later its text comes: texts are few, and entries many. */
async function rankTexts(
  entries: EntryTable,
  textOf: (entry: DirectoryEntry) => string,
  slice: TimeSlice,
): Promise<Uint32Array> {
  const found = new Map<string, number>();
  const ranks = new Uint32Array(entries.length);
  for (let number = 0; number < entries.length; number++) {
    const text = textOf(entries.at(number));
    const known = found.get(text);
    ranks[number] = known ?? found.size;
    if (known === undefined) found.set(text, found.size);
    if (slice.isOver) await slice.rest();
  }
  const texts = [...found.keys()];
  const sorted = await sortInPieces(texts.length, (a, b) => (texts[a]! < texts[b]! ? -1 : 1), slice);
  const rankOf = new Uint32Array(texts.length);
  for (const [rank, text] of sorted.entries()) rankOf[text] = rank;
  return ranks.map((text) => rankOf[text]!);
}

/** NaN would be equal to nothing, itself included: no order at all. */
function timeOf(entries: EntryTable, number: number): number {
  const time = entries.modifiedOf(number);
  return Number.isNaN(time) ? -Infinity : time;
}
