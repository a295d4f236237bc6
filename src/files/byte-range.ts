// Which bytes a Range field asks for (RFC 9110 §14.1, §14.2).

import { trimOptionalWhitespace } from "../text/field-value.ts";

/** Both positions belong to it: `{ first: 0, last: 0 }` is one byte. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Most members of a Range that is looked at. lighttpd takes 10, Apache 200; zchunk, which fetches what has
 * changed of a package, asks for up to 256.
 */
const MOST_RANGES = 256;

/** Up to that many parts are sent even where they take more bytes than the whole file: so few do no harm. */
const FEW_PARTS = 16;

/** Bytes that a part needs beside its own: boundary, Content-Type, Content-Range, empty lines. */
const PART_OVERHEAD = 160;

/**
 * The ranges to send, in the order in which they were asked for; what overlaps or adjoins is one range, in
 * the place of its first piece. `ignored` means that the whole is to be sent: for other units, what is
 * malformed, and too many small ranges.
 * @param size of the whole, in bytes
 */
export function parseRange(value: string, size: number): readonly ByteRange[] | "unsatisfiable" | "ignored" {
  const equals = value.indexOf("=");
  // "Range unit names are case-insensitive" (§14.1).
  if (value.slice(0, equals).toLowerCase() !== "bytes") return "ignored";
  const members = value.slice(equals + 1).split(",", 2 * MOST_RANGES + 1);
  const ranges: ByteRange[] = [];
  let count = 0;
  for (const member of members) {
    const spec = trimOptionalWhitespace(member);
    if (spec === "") continue;
    const range = parseSpec(spec, size);
    if (range === "malformed" || ++count > MOST_RANGES) return "ignored";
    if (range !== "unsatisfiable") ranges.push(range);
  }
  if (count === 0 || members.length > 2 * MOST_RANGES) return "ignored";
  if (ranges.length === 0) return "unsatisfiable";
  // All of nothing: a suffix of an empty file can be satisfied, and Content-Range has no words for it.
  if (size === 0) return "ignored";
  const parts = ranges.length === 1 ? ranges : coalesce(ranges);
  return isWasteful(parts, size) ? "ignored" : parts;
}

// int-range    = first-pos "-" [ last-pos ]
// suffix-range = "-" suffix-length
const SPEC = /^(\d*)-(\d*)$/;

function parseSpec(spec: string, size: number): ByteRange | "unsatisfiable" | "malformed" {
  const [, first, last] = SPEC.exec(spec) ?? [];
  if (first === undefined || last === undefined) return "malformed";
  if (first === "") {
    if (last === "") return "malformed";
    const length = Number(last);
    // A suffix longer than the whole is the whole; one of no bytes is none (§14.1.2).
    return length === 0 ? "unsatisfiable" : { first: Math.max(0, size - length), last: size - 1 };
  }
  if (last !== "" && isLess(last, first)) return "malformed";
  const start = Number(first);
  if (start >= size) return "unsatisfiable";
  return { first: start, last: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

/** Numbers of any length: as floating-point numbers, large ones that differ can be the same. */
function isLess(a: string, b: string): boolean {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length === y.length ? x < y : x.length < y.length;
}

/**
 * "A server […] MAY coalesce any of the ranges that overlap" (§15.3.7.2): it keeps the answer
 * from being longer than the file.
 */
function coalesce(ranges: readonly ByteRange[]): ByteRange[] {
  const ascending = ranges.map(({ first, last }, place) => ({ first, last, place }));
  ascending.sort((a, b) => a.first - b.first);
  const merged: typeof ascending = [];
  for (const range of ascending) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) merged.push(range);
    else {
      before.last = Math.max(before.last, range.last);
      before.place = Math.min(before.place, range.place);
    }
  }
  merged.sort((a, b) => a.place - b.place);
  return merged.map(({ first, last }) => ({ first, last }));
}

/** Many small parts that take as many bytes as the whole, or more. */
function isWasteful(parts: readonly ByteRange[], size: number): boolean {
  if (parts.length <= FEW_PARTS) return false;
  const bytes = parts.reduce((sum, { first, last }) => sum + last - first + 1 + PART_OVERHEAD, 0);
  return bytes >= size;
}
