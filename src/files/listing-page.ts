// The page that shows a directory.

import { createHash } from "node:crypto";
import { escapeHtml } from "../text/html.ts";
import type { ArchiveFormat } from "./archive-format.ts";
import { type DirectoryEntry, hrefOf } from "./directory-entry.ts";
import { describeKind, kindOf } from "./entry-kind.ts";
import { BY_NAME, type Column, COLUMNS, type EntryOrder } from "./entry-order.ts";
import { formatCount, formatDate, formatSize } from "./format-size.ts";
import { drawIcon } from "./listing-icons.ts";
import { LISTING_SCRIPT } from "./listing-script.ts";
import { LISTING_STYLE } from "./listing-style.ts";
import { isolateName, renderName, visibleName } from "./shown-name.ts";

/**
 * The page brings all it needs: its own style and script, known by their hashes, and pictures of the
 * folder itself. A file name that smuggles HTML in has nothing to gain: no other script runs, and nothing
 * is fetched from anywhere else.
 */
export const LISTING_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(LISTING_STYLE)}`,
  `script-src ${hashOf(LISTING_SCRIPT)}`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
}

export interface ListingView {
  /** The canonical path of the directory, with its slash. */
  readonly path: string;
  readonly order: EntryOrder;
  /** Tiles with previews of images instead of rows. */
  readonly hasPreviews: boolean;
  /** The formats in which the directory can be downloaded. */
  readonly archives: readonly ArchiveFormat[];
  /** The media type of a file, from its name. */
  readonly typeOf: (name: string) => string;
}

/** Rows that a browser lays out together, or not at all while they are out of sight. */
const GROUP = 100;

/**
 * For links to what is here already, in another order or as one file: a search engine would
 * take all of it again and again.
 */
const SAME_FILES = 'rel="nofollow"';

/** What is known before the entries are: a browser shows it while they are read. */
export function renderTop(view: ListingView): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Directory listing for ${escapeHtml(visibleName(view.path))}</title>
<style>${LISTING_STYLE}</style>
</head>
<body${view.hasPreviews ? ' class="tiles"' : ""}>
<a class="skip" href="#entries">Skip to the entries</a>
<header>
<nav aria-label="Folders above"><ol>${renderCrumbs(view.path)}</ol></nav>
<div class="filter" hidden>${drawIcon("search")}<input id="filter" type="search" placeholder="Filter" aria-label="Filter by name" aria-keyshortcuts="/" autocomplete="off" spellcheck="false"></div>
</header>
<script>${LISTING_SCRIPT}</script>
<main>
<h1><span>Directory listing for </span>${renderPath(view.path)}</h1>
`;
}

/** What is to be said of all entries together. */
export interface ListingTotal {
  readonly folders: number;
  readonly files: number;
  /** Bytes. */
  readonly size: number;
  readonly hasImages: boolean;
}

/** The numbers, what can be done with the folder, and the head of the table. */
export function renderHead(view: ListingView, total: ListingTotal): string {
  const actions: string[] = [];
  if (total.hasImages || view.hasPreviews) {
    const label = view.hasPreviews ? "Show as a table" : "Show previews";
    const href = queryFor(view.order, !view.hasPreviews);
    actions.push(`<li><a class="view" href="${href}" ${SAME_FILES}>${label}</a></li>`);
  }
  if (view.archives.length > 0) actions.push('<li class="apart" aria-hidden="true">Download</li>');
  for (const format of view.archives) {
    const label = `<span class="spoken">Download this folder as </span>${format}`;
    actions.push(`<li><a href="?archive=${format}" ${SAME_FILES} download>${label}</a></li>`);
  }
  const isEmpty = total.folders + total.files === 0;
  const list = isEmpty || actions.length === 0 ? "" : `<ul>${actions.join("")}</ul>`;
  return `<div class="about"><p>${renderTotal(total)} <output id="found"></output></p>${list}</div>
<table id="entries" role="table" aria-label="Entries" tabindex="-1">
<thead role="rowgroup"><tr role="row">${COLUMNS.map((column) => renderColumn(column, view)).join("")}</tr></thead>
${view.path === "/" ? "" : PARENT}`;
}

/**
 * One row after another, in groups. The last one is marked if it has fewer rows than the others: out of sight
 * it would take the room of a whole one. Those between it and the first are marked as well: where there is a
 * script they are `late`.
 */
export function* renderRows(
  view: ListingView,
  entries: Iterable<DirectoryEntry>,
  { folders, files }: Pick<ListingTotal, "folders" | "files">,
): Generator<string, void, void> {
  const whole = folders + files - GROUP;
  let count = 0;
  for (const entry of entries) {
    if (count % GROUP === 0)
      yield `${count === 0 ? "" : "</tbody>"}<tbody class="rows${count > whole ? " few" : count > 0 ? " late" : ""}" role="rowgroup">`;
    yield renderRow(view, entry);
    count++;
  }
  if (count > 0) yield "</tbody>\n";
}

/** All that follows the rows. */
export function renderEnd(total: ListingTotal): string {
  const note =
    total.folders + total.files === 0
      ? `<p class="none">${drawIcon("empty")}This folder is empty.</p>`
      : `<p class="none" id="none" hidden>${drawIcon("search")}No name here has that in it.</p>`;
  return `</table>\n${note}\n</main>\n</body>\n</html>\n`;
}

const PARENT = `<tbody class="parent" role="rowgroup"><tr role="row"><td role="cell"><a class="up" href="../"><span>Parent folder</span></a></td><td role="cell"></td><td role="cell"></td><td role="cell"></td></tr></tbody>\n`;

/** Each name for itself: two neighbours that run from right to left would change places. */
function renderPath(path: string): string {
  return path
    .split("/")
    .map((name) => (name === "" ? "" : `<bdi>${renderName(name)}</bdi>`))
    .join("/");
}

function renderCrumbs(path: string): string {
  const names = path.split("/").slice(1, -1);
  const home = `${drawIcon("home")}<span class="spoken">Top folder</span>`;
  const links = ["", ...names].map((name, depth) => {
    const shown = depth === 0 ? home : `<bdi>${renderName(name)}</bdi>`;
    const up = names.length - depth;
    // Relative, so that it holds behind a proxy that serves htbin below a path.
    return up === 0
      ? `<li><span aria-current="page">${shown}</span></li>`
      : `<li><a href="${"../".repeat(up)}">${shown}</a></li>`;
  });
  return links.join("");
}

const LABELS: Readonly<Record<Column, string>> = {
  name: "Name",
  type: "Type",
  size: "Size",
  date: "Modified (UTC)",
};

/** Big and new things are what people look for: these columns begin with them. */
const BEGINS_DESCENDING: ReadonlySet<Column> = new Set<Column>(["size", "date"]);

function renderColumn(column: Column, view: ListingView): string {
  const isSorted = view.order.column === column;
  const isDescending = isSorted ? !view.order.isDescending : BEGINS_DESCENDING.has(column);
  const sort = isSorted ? ` aria-sort="${view.order.isDescending ? "descending" : "ascending"}"` : "";
  const href = queryFor({ column, isDescending }, view.hasPreviews);
  return `<th role="columnheader" scope="col" class="${column.charAt(0)}"${sort}><a href="${href}" ${SAME_FILES}>${LABELS[column]}</a></th>`;
}

/** The query of the same directory in another order or view; `./` where nothing needs to be said. */
function queryFor(order: EntryOrder, hasPreviews: boolean): string {
  const words: string[] = [];
  if (order.column !== BY_NAME.column || order.isDescending) {
    words.push(`sort=${order.column}&amp;order=${order.isDescending ? "desc" : "asc"}`);
  }
  if (hasPreviews) words.push("view=tiles");
  return words.length === 0 ? "./" : `?${words.join("&amp;")}`;
}

function renderTotal({ folders, files, size }: ListingTotal): string {
  const parts = [count(folders + files, "entry", "entries")];
  if (folders > 0) parts.push(count(folders, "folder", "folders"));
  if (files > 0) parts.push(count(files, "file", "files"), formatSize(size));
  return parts.join(" · ");
}

function count(number: number, one: string, many: string): string {
  return `${formatCount(number)} ${number === 1 ? one : many}`;
}

/**
 * Bytes of an image that is its own preview. Larger ones have their icon: a browser would load and unpack all
 * of each one for a picture of a few hundred pixels.
 */
const LARGEST_PREVIEW = 8 * 2 ** 20;

function renderRow(view: ListingView, entry: DirectoryEntry): string {
  const kind = entry.isDirectory ? "folder" : kindOf(entry.name, view.typeOf(entry.name));
  const href = hrefOf(entry);
  // As in the original: a directory shows its slash, a link an "@".
  const mark = entry.isLink ? "@" : entry.isDirectory ? "/" : "";
  const isShown = view.hasPreviews && kind === "image" && entry.size! <= LARGEST_PREVIEW;
  const icon = isShown ? "" : ` class="${kind}"`;
  const picture = isShown ? `<img src="${href}" alt="" loading="lazy" decoding="async">` : "";
  const name = `${isolateName(entry.name)}${mark === "" ? "" : `<i>${mark}</i>`}`;
  const label = view.hasPreviews ? `<span>${name}</span>` : name;
  const size = entry.size === undefined ? "" : renderSize(entry.size);
  // Nothing that a row could do without, as there may be 100 000: ends of rows and cells go without saying,
  // and the line breaks within the tag: between rows each would be a node of its own, which a browser visits
  // whenever a group changes.
  return (
    `<tr\nrole="row"><td role="cell"><a${icon} href="${href}">${picture}${label}</a>` +
    `<td role="cell" class="t">${describeKind(entry, kind)}<td role="cell" class="s">${size}<td role="cell" class="d">${formatDate(entry.modified)}`
  );
}

/** Short, and the exact number where that is another. */
function renderSize(bytes: number): string {
  const short = formatSize(bytes);
  return bytes < 1000 ? short : `<span title="${bytes} bytes">${short}</span>`;
}
