// The icons of the listing, all drawn in the page.

import type { EntryKind } from "./entry-kind.ts";

const SHEET = "M4 2H12L16.5 6.5V18H4ZM5.4 3.4V16.6H15.1V7.4H11V3.4Z";

/** Shapes on a ground of 20 by 20 pixels; where two overlap is a hole. */
const SHAPES: Readonly<Record<EntryKind | "up", string>> = {
  folder: "M2 4.2H7.6L9.3 6H18V7.6H2ZM2 8.6H18V16H2Z",
  image:
    "M2.5 3.5H17.5V16.5H2.5ZM3.9 4.9V15.1H16.1V4.9ZM5.6 8A1.4 1.4 0 1 1 8.4 8A1.4 1.4 0 1 1 5.6 8ZM4.7 14.3L8.4 10.6L10.6 12.8L13 10.2L15.4 13V14.3Z",
  audio:
    "M7 4.4L16 2.8V13H14.6V6.2L8.4 7.3V15H7ZM3.7 15.2A1.9 1.9 0 1 1 6.9 15.2V15.6A1.9 1.9 0 1 1 3.7 15.2ZM11.3 13.2A1.9 1.9 0 1 1 14.5 13.2V13.6A1.9 1.9 0 1 1 11.3 13.2Z",
  video: "M2 4H18V16H2ZM3.4 5.4V14.6H16.6V5.4ZM8.2 7.3L12.8 10L8.2 12.7Z",
  font: "M9.2 3.5H10.8L16 16.5H14.4L12.9 12.7H7.1L5.6 16.5H4ZM7.7 11.3H12.3L10 5.4Z",
  code: `${SHEET}M9.2 9.6L10 10.4L8.3 12.1L10 13.8L9.2 14.6L6.7 12.1ZM11.3 9.6L10.5 10.4L12.2 12.1L10.5 13.8L11.3 14.6L13.8 12.1Z`,
  text: `${SHEET}M7 9.4H13.5V10.6H7ZM7 11.8H13.5V13H7ZM7 14.2H11V15.4H7Z`,
  document: `${SHEET}M7 9H13.5V12.2H7ZM7 13.8H13.5V15H7Z`,
  archive: `${SHEET}M7 4H8.4V5.4H7ZM8.4 5.4H9.8V6.8H8.4ZM7 6.8H8.4V8.2H7ZM8.4 8.2H9.8V9.6H8.4ZM7 10.4H9.8V14H7Z`,
  file: SHEET,
  up: "M10 3L15.5 8.5L14.5 9.5L10.7 5.7V17H9.3V5.7L5.5 9.5L4.5 8.5Z",
};

/**
 * The style of links with such a class. An element for each row would be heavier than the rest of the row,
 * and pictures, even those in the page itself, another thing for its policy to allow.
 */
export const ICON_STYLE = `
a[class]::before { content: ""; flex: none; width: 20px; height: 20px; background: var(--muted); forced-color-adjust: none; }
a.folder::before { background: var(--folder); }
@media (forced-colors: active) { a[class]::before { background: LinkText; } }
${Object.entries(SHAPES)
  .map(([kind, shape]) => `a.${kind}::before { clip-path: path(evenodd, "${shape}"); }`)
  .join("\n")}
`;

/** Lines on a ground of 24 by 24. */
const DRAWINGS = {
  home: '<path d="m3.5 11.5 8.5-7.5 8.5 7.5M6 10v9.5h4.5V15h3v4.5H18V10"/>',
  search: '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
  empty: '<path d="M3.5 13 6.5 5h11l3 8v6h-17Zm0 0h5l1.5 2.5h4l1.5-2.5h5"/>',
};

/** Says nothing to a screen reader: the words beside it do. */
export function drawIcon(icon: keyof typeof DRAWINGS): string {
  return `<svg viewBox="0 0 24 24" aria-hidden="true">${DRAWINGS[icon]}</svg>`;
}
