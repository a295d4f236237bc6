// The style of the listing: a table from phone to wide screen, tiles with previews, paper.

import { PAGE_STYLE } from "../handler/page-style.ts";
import { ICON_STYLE } from "./listing-icons.ts";

/**
 * Rows are kept in groups, and a group that is not in sight is neither laid out nor painted
 * (`content-visibility`): that is what makes 100 000 rows usable. Firefox and WebKit make styles and boxes of
 * it all the same, so a script keeps most rows out until they are wanted (`late`). It does nothing for parts
 * of a table, so these are blocks and grids; `role` keeps their meaning.
 */
export const LISTING_STYLE = `${PAGE_STYLE}${ICON_STYLE}
:root { --row: minmax(0, 1fr) 9rem 5.5rem 9.5rem; --bar: 3.25rem; --side: clamp(1rem, 4vw, 2.5rem); --height: 2.625rem; --each: var(--height); }
svg { flex: none; width: 1.25rem; height: 1.25rem; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; color: var(--muted); }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
bdi { white-space: pre-wrap; overflow-wrap: anywhere; }
i { font-style: normal; color: var(--muted); }
bdi i { margin-inline: .125em; font-size: .8em; font-weight: 400; letter-spacing: 0; white-space: nowrap; }
.skip { position: absolute; z-index: 3; inset: .5rem auto auto .5rem; padding: .375rem .75rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; }
.skip:not(:focus) { clip-path: inset(50%); }

header { position: sticky; z-index: 2; top: 0; display: flex; align-items: center; gap: 1rem; min-height: var(--bar); padding: .375rem max(var(--side), calc(50vw - 36rem)); background: color-mix(in srgb, var(--paper) 88%, transparent); backdrop-filter: blur(12px); border-bottom: 1px solid var(--line); }
nav { flex: 1; min-width: 0; margin-inline-start: -.625rem; display: flex; flex-direction: row-reverse; overflow-x: auto; scrollbar-width: none; scroll-padding-inline: 3rem 0; }
nav ol { flex: none; display: flex; margin: 0; margin-inline-end: auto; padding: .25rem; list-style: none; font-size: .9375rem; }
nav li { display: flex; align-items: center; white-space: nowrap; color: var(--muted); }
nav bdi { white-space: pre; }
nav li:first-child { position: sticky; z-index: 1; inset-inline-start: 0; background: var(--paper); box-shadow: .1875rem 0 .1875rem var(--paper); }
nav li:first-child:not(:last-child)::after, nav li + li + li::before { content: "/"; margin: 0 .125rem; opacity: .6; }
nav a, nav [aria-current] { display: flex; align-items: center; min-height: 1.75rem; padding: 0 .375rem; border-radius: 6px; text-decoration: none; }
nav a:hover { background: var(--hover); color: var(--ink); }
nav [aria-current] { color: var(--ink); font-weight: 600; }
.filter { position: relative; flex: 0 1 16rem; min-width: 7.5rem; }
.filter svg { position: absolute; inset: 0 auto 0 .625rem; margin: auto; width: 1.0625rem; height: 1.0625rem; pointer-events: none; }
.filter input { width: 100%; height: 2.25rem; padding: 0 .625rem 0 2.125rem; font: inherit; font-size: .9375rem; color: inherit; background: var(--raised); border: 1px solid color-mix(in srgb, var(--muted) 70%, transparent); border-radius: 8px; }
.filter input::placeholder { color: var(--muted); opacity: 1; }
.filter input:focus-visible { outline-offset: -1px; border-radius: 8px; }

main { padding: clamp(1.25rem, 4vw, 2.5rem) max(var(--side), calc(50vw - 36rem)) 3rem; }
h1 { margin: 0; font-size: clamp(1.375rem, 1.1rem + 1.4vw, 2rem); line-height: 1.25; font-weight: 650; letter-spacing: -.012em; text-wrap: balance; }
h1 span { display: block; margin-bottom: .25rem; font-size: .875rem; font-weight: 400; letter-spacing: 0; color: var(--muted); }
#found:not(:empty)::before { content: "· "; }
.about { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem; margin: .75rem 0 1.25rem; font-size: .9375rem; color: var(--muted); }
.about p { margin: 0; font-variant-numeric: tabular-nums; }
.about ul { display: flex; flex-wrap: wrap; align-items: center; gap: .375rem; margin: 0; padding: 0; list-style: none; }
.about li a { display: block; padding: .1875rem .6875rem; color: var(--ink); border: 1px solid var(--line); border-radius: 999px; background: var(--raised); text-decoration: none; }
.about li a:hover { border-color: var(--accent); color: var(--accent); }
.about li + .apart { margin-inline-start: .75rem; }
.about .apart { font-size: .875rem; margin-inline-end: .125rem; }

table, thead, tbody { display: block; }
tr { position: relative; display: grid; grid-template-columns: var(--row); column-gap: 1rem; align-items: center; min-height: var(--height); padding: .3125rem .625rem; border-bottom: 1px solid var(--line); }
thead { position: sticky; z-index: 1; top: var(--bar); background: var(--paper); font-size: .8125rem; }
thead tr { min-height: 2.25rem; border-bottom-color: color-mix(in srgb, var(--muted) 45%, transparent); }
th { padding: 0; font-weight: 500; text-align: start; color: var(--muted); }
th a { display: inline-flex; align-items: center; gap: .25rem; margin: 0 -.375rem; padding: .1875rem .375rem; border-radius: 6px; text-decoration: none; white-space: nowrap; }
th a:hover { color: var(--ink); background: var(--hover); }
th[aria-sort] { color: var(--ink); }
th[aria-sort] a::after { content: "↑"; content: "↑" / ""; }
th[aria-sort=descending] a::after { content: "↓"; content: "↓" / ""; }
tbody { content-visibility: auto; contain-intrinsic-size: auto calc(100 * var(--each)); }
tbody.few { content-visibility: visible; }
@media screen {
  .scripted tbody.late { display: block !important; padding: 0 !important; content-visibility: hidden; contain-intrinsic-size: calc(100 * var(--each)); }
  .scripted tbody.late tr { display: none; }
}
tbody.parent { content-visibility: visible; }
td { padding: 0; font-size: .875rem; color: var(--muted); }
td:first-child { font-size: .9375rem; color: var(--ink); }
td a { display: block; padding-inline-start: 2rem; white-space: pre-wrap; overflow-wrap: anywhere; text-decoration: none; }
td a::before { display: inline-block; margin-inline: -2rem calc(2rem - 20px); vertical-align: middle; translate: 0 -.0625em; }
td a::after { content: ""; position: absolute; inset: 0; }
td a:focus-visible { outline: none; }
td a:focus-visible::after { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: 6px; }
tbody tr:hover { background: var(--hover); }
tr:hover td a { text-decoration: underline; text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); text-underline-offset: .2em; }
.s, .d { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
.none { padding: 4rem 1rem; text-align: center; color: var(--muted); }
.none svg { display: block; width: 3rem; height: 3rem; margin: 0 auto .75rem; stroke-width: 1; }

.tiles tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .75rem; padding-top: .75rem; }
.tiles { --each: 2.6rem; }
.tiles tbody tr { grid-template-columns: minmax(0, 1fr) auto; align-content: start; gap: 0 .5rem; padding: 0 0 .5rem; overflow: hidden; background: var(--raised); border: 1px solid var(--line); border-radius: 10px; }
.tiles tbody tr:hover { border-color: color-mix(in srgb, var(--accent) 60%, transparent); }
.tiles tbody td { padding: 0 .75rem; font-size: .8125rem; }
.tiles tbody .t { padding-inline-end: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tiles tbody .s { padding-inline-start: 0; }
.tiles tbody td:first-child { grid-column: 1 / -1; padding: 0; font-size: .875rem; }
.tiles td a { display: flex; flex-direction: column; gap: .5625rem; padding: 0; }
.tiles td a > span { padding: 0 .75rem; overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.tiles tbody.rows a { background: linear-gradient(var(--hover) 8.5rem, var(--line) 0, var(--line) calc(8.5rem + 1px), transparent 0); }
.tiles tbody.rows a::before { margin: calc(4.25rem - 10px) auto; scale: 2.2; translate: none; }
.tiles td a > img { width: 100%; height: 8.5rem; }
.tiles td a > img { object-fit: contain; }
.tiles tbody .d { display: none; }
.tiles tbody.parent { display: block; padding: 0; }
.tiles tbody.parent tr { display: flex; align-items: center; padding: .25rem .625rem; margin-top: .75rem; }
.tiles tbody.parent a { display: block; padding-inline-start: 2rem; }
.tiles tbody.parent a > span { display: inline; padding: 0; }

@media (max-width: 44rem) {
  :root { --row: minmax(0, 1fr) auto auto; --height: 3.84375rem; }
  header { gap: .5rem; }
  .filter { flex-basis: 9rem; }
  tbody tr { padding: .5rem .25rem; row-gap: .0625rem; column-gap: 0; }
  tbody td:first-child { grid-column: 1 / -1; font-size: 1rem; }
  tbody td:not(:first-child) { grid-row: 2; font-size: .8125rem; }
  .t { padding-inline-start: 2rem; }
  tbody .s:not(:empty) + .d::before { content: "·"; content: "·" / ""; padding: 0 .4375rem; }
  tbody.parent td:not(:first-child), tbody.parent tr td:empty { display: none; }
  tbody.parent tr { min-height: 2.75rem; }
  .about ul { font-size: .875rem; gap: .25rem; }
  .about li a { padding-inline: .5625rem; }
  .about li + .apart { margin-inline-start: .375rem; }
  thead tr { display: flex; gap: clamp(.75rem, 4vw, 1.25rem); padding-inline: .25rem; }
  .tiles tbody { grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); }
  .tiles tbody td:first-child { font-size: .875rem; }
  .tiles .t { padding-inline-start: .75rem; }
}
@media (max-width: 24rem) {
  .about li:has(.view) { flex-basis: 100%; }
  .about .view { width: max-content; }
  .about li + .apart { margin-inline-start: 0; }
}
@media (pointer: coarse) { nav a, th a, .about li a { min-height: 2.25rem; display: flex; align-items: center; } }
@media print {
  :root { color-scheme: light; --paper: #fff; --raised: #fff; --ink: #000; --muted: #444; --line: #bbb; --height: auto; }
  header, .about ul, thead a::after, tbody.parent, .skip { display: none !important; }
  thead { position: static; }
  tbody { content-visibility: visible; }
  tr { break-inside: avoid; padding-block: .125rem; }
  main { padding: 0; }
  body { font-size: 10pt; }
}
`;
