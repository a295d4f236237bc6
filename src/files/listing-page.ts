// The page that shows a directory.

import { escapeHtml } from "../text/html.ts";
import { type DirectoryEntry, hrefOf } from "./directory-entries.ts";

/** The page brings all it needs, and may fetch nothing: a file name that smuggles HTML in has nothing to gain. */
export const LISTING_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th { text-align: start; font-weight: 600; font-size: .85rem; opacity: .7; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid rgb(127 127 127 / .25); vertical-align: top; }
td:first-child { overflow-wrap: anywhere; }
td:first-child a { display: block; text-decoration: none; }
td:first-child a:hover, td:first-child a:focus-visible { text-decoration: underline; }
.size, .date { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
tbody tr:hover { background: rgb(127 127 127 / .1); }
p { font-size: .85rem; opacity: .7; }
@media (max-width: 32rem) { .date { display: none; } }
`;

/** @param path the canonical path of the directory, with its slash */
export function renderListing(path: string, entries: readonly DirectoryEntry[]): string {
  const title = escapeHtml(`Directory listing for ${path}`);
  const parent = path === "/" ? "" : `<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col" class="size">Size</th><th scope="col" class="date">Modified (UTC)</th></tr></thead>
<tbody>
${parent}${entries.map(renderEntry).join("")}</tbody>
</table>
<p>${entries.length === 1 ? "1 entry" : `${entries.length} entries`}</p>
</body>
</html>
`;
}

function renderEntry(entry: DirectoryEntry): string {
  const slash = entry.isDirectory ? "/" : "";
  // As in the original: a directory shows its slash, a link an "@". `bdi` keeps a name from turning its neighbours round.
  const mark = entry.isLink ? "@" : slash;
  const link = `<a href="${hrefOf(entry)}"><bdi>${escapeHtml(entry.name)}</bdi>${mark}</a>`;
  const size =
    entry.size === undefined ? "" : `<span title="${entry.size} bytes">${formatSize(entry.size)}</span>`;
  return `<tr><td>${link}</td><td class="size">${size}</td><td class="date">${formatDate(entry.modified)}</td></tr>\n`;
}

/** `2020-02-29 12:34`; nothing for a time that no calendar knows: file systems keep any 64 bits. */
function formatDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime())
    ? ""
    : date
        .toISOString()
        .replace(/:\d\d\.\d+Z$/, "")
        .replace("T", " ");
}

/** `999 B`, `1.0 KiB`, `12 MiB`: three digits at most. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}
