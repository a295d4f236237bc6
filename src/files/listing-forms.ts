// A directory as JSON, for programs, and as plain text, for people in a terminal.

import { makeVisible } from "../text/visible.ts";
import { type DirectoryEntry, hrefOf } from "./directory-entry.ts";
import { formatDate, isoTime } from "./format-size.ts";
import type { ListingTotal, ListingView } from "./listing-page.ts";

/** What is known before the entries are. */
export function jsonTop(view: ListingView): string {
  return `{"path":${JSON.stringify(view.path)},"entries":[`;
}

/**
 * The rest of an object with an entry on each line. What is not known, or has no
 * sense for a directory, is `null`.
 */
export function* renderJson(
  view: ListingView,
  entries: Iterable<DirectoryEntry>,
  total: ListingTotal,
): Generator<string, void, void> {
  let count = 0;
  for (const entry of entries) {
    const fields = {
      name: entry.name,
      href: hrefOf(entry),
      kind: entry.isDirectory ? "directory" : "file",
      link: entry.isLink,
      type: entry.isDirectory ? null : view.typeOf(entry.name),
      size: entry.size ?? null,
      modified: isoTime(entry.modified) ?? null,
    };
    yield `${count++ === 0 ? "" : ","}\n${JSON.stringify(fields)}`;
  }
  yield `\n],"count":${count},"size":${total.size}}\n`;
}

/**
 * A line for each entry: date (UTC), size in bytes, name. Control characters in names are shown as
 * `\xHH`, so a line is an entry.
 */
export function* renderText(entries: Iterable<DirectoryEntry>): Generator<string, void, void> {
  for (const entry of entries) {
    const size = entry.size === undefined ? "-" : String(entry.size);
    const mark = entry.isDirectory ? "/" : "";
    yield `${formatDate(entry.modified).padEnd(16)} ${size.padStart(15)}  ${makeVisible(entry.name)}${mark}\n`;
  }
}
