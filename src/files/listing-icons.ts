// The icons of the listing: drawn once in the page, then referred to.

import type { EntryKind } from "./entry-kind.ts";

export type Icon = EntryKind | "up" | "home" | "search" | "empty";

/** Lines on a ground of 24 by 24. */
const SHEET = '<path d="M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Z"/><path d="M14 3v5h5"/>';

const DRAWINGS: Readonly<Record<Icon, string>> = {
  folder:
    '<path class="fill" d="M3 6.5A1.5 1.5 0 0 1 4.5 5h4.2l2 2.5h8.8A1.5 1.5 0 0 1 21 9v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 18Z"/>',
  image:
    '<rect x="3.5" y="4.5" width="17" height="15" rx="1.5"/><circle cx="9" cy="10" r="1.7"/><path d="m4 17.5 5-4.5 3.5 3 3.5-4 4.5 4.5"/>',
  audio:
    '<path d="M9 17.5V6l10-2v11.5"/><circle cx="6.6" cy="17.5" r="2.4"/><circle cx="16.6" cy="15.5" r="2.4"/>',
  video: '<rect x="3.5" y="5" width="17" height="14" rx="1.5"/><path d="m10 9 5 3-5 3Z"/>',
  font: '<path d="m5 19 6-14h2l6 14M7.5 14h9M3.5 19h4m9 0h4"/>',
  code: `${SHEET}<path d="m10 12-2.2 2.3L10 16.6m4-4.6 2.2 2.3-2.2 2.3"/>`,
  text: `${SHEET}<path d="M8.5 12h7m-7 3h7m-7 3h4"/>`,
  document: `${SHEET}<path d="M8.5 11.5h3m-3 3h7m-7 3h7"/>`,
  archive: `${SHEET}<path d="M10 3v2m2 0v2m-2 0v2m2 0v2m-2 0v2m0 0v3h2v-3Z"/>`,
  file: SHEET,
  up: '<path d="M12 19V6m-5.5 5L12 5.5 17.5 11"/>',
  home: '<path d="m3.5 11.5 8.5-7.5 8.5 7.5M6 10v9.5h4.5V15h3v4.5H18V10"/>',
  search: '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
  empty: '<path d="M3.5 13 6.5 5h11l3 8v6h-17Zm0 0h5l1.5 2.5h4l1.5-2.5h5"/>',
};

/** To stand once in the page, before the first `drawIcon`. */
export const ICON_SYMBOLS = `<svg class="symbols" aria-hidden="true">${Object.entries(DRAWINGS)
  .map(([name, lines]) => `<symbol id="i-${name}" viewBox="0 0 24 24">${lines}</symbol>`)
  .join("")}</svg>`;

/** Says nothing to a screen reader: the words beside it do. */
export function drawIcon(icon: Icon): string {
  return `<svg class="${icon}" aria-hidden="true"><use href="#i-${icon}"/></svg>`;
}
