// A directory as a response: in which form, in which order, and its text piece by piece.

import { HTTPRequestError } from "../errors.ts";
import { type EntryOptions, readOpened } from "./directory-entries.ts";
import type { DirectoryEntry } from "./directory-entry.ts";
import { describeKind, kindOf } from "./entry-kind.ts";
import { sortEntries } from "./entry-order.ts";
import type { EntryTable } from "./entry-table.ts";
import { jsonTop, renderJson, renderText } from "./listing-forms.ts";
import {
  LISTING_POLICY,
  type ListingTotal,
  type ListingView,
  renderEnd,
  renderHead,
  renderRows,
  renderTop,
} from "./listing-page.ts";
import type { OpenedDirectory } from "./open-contained.ts";
import { TimeSlice } from "./time-slice.ts";

/** The forms of a listing; the first is for those who do not say. */
export const LISTING_TYPES = ["text/html", "application/json", "text/plain"] as const;
export type ListingType = (typeof LISTING_TYPES)[number];

/** Content-Type, Vary and Content-Security-Policy. */
export function listingFields(type: ListingType): [name: string, value: string][] {
  return [
    ["Content-Type", type === "application/json" ? type : `${type}; charset=utf-8`],
    ["Vary", "Accept"],
    ["Content-Security-Policy", LISTING_POLICY],
  ];
}

/**
 * The text of a listing. `undefined` where the next piece will take a while.
 * @param directory open until the text has ended or is no longer wanted
 */
export async function* renderListing(
  type: ListingType,
  directory: OpenedDirectory,
  options: EntryOptions,
  view: ListingView,
): AsyncGenerator<string | undefined, void, void> {
  // The top of the page leaves at once: a browser shows it while the entries are read and sorted.
  if (type === "text/html") yield renderTop(view);
  else if (type === "application/json") yield jsonTop(view);
  yield undefined;
  const found = await readOrExplain(directory, options);
  const typeOf = (entry: DirectoryEntry): string =>
    entry.isDirectory ? "" : describeKind(entry, kindOf(entry.name, view.typeOf(entry.name)));
  const order = await sortEntries(found, view.order, typeOf);
  const slice = new TimeSlice();
  const total = { folders: 0, files: 0, size: 0, hasImages: false };
  for (const entry of found) {
    if (entry.isDirectory) total.folders++;
    else {
      total.files++;
      total.size += entry.size ?? 0;
      total.hasImages ||= kindOf(entry.name, view.typeOf(entry.name)) === "image";
    }
    if (slice.isOver) await slice.rest();
  }
  for (const piece of pieces(type, view, inOrder(found, order), total)) {
    yield piece;
    if (!slice.isOver) continue;
    // What has been made leaves before the rest: of what waits meanwhile each byte costs several.
    yield undefined;
    await slice.rest();
  }
}

function* inOrder(entries: EntryTable, order: Uint32Array): Generator<DirectoryEntry, void, void> {
  for (const number of order) yield entries.at(number);
}

function* pieces(
  type: ListingType,
  view: ListingView,
  entries: Iterable<DirectoryEntry>,
  total: ListingTotal,
): Generator<string, void, void> {
  switch (type) {
    case "text/html":
      yield renderHead(view, total);
      yield* renderRows(view, entries, total);
      yield renderEnd(total);
      return;
    case "application/json":
      return yield* renderJson(view, entries, total);
    case "text/plain":
      return yield* renderText(entries);
    default:
      return type satisfies never;
  }
}

/** The head has gone: all that is left is to cut the response, with a line in the log and no stack trace. */
async function readOrExplain(directory: OpenedDirectory, options: EntryOptions): Promise<EntryTable> {
  try {
    return await readOpened(directory, options);
  } catch (error) {
    throw new HTTPRequestError(500, (error as Error).message);
  }
}
