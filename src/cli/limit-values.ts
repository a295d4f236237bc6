// The limits that a command line can name: sizes, times and counts as a person writes them,
// as numbers or as a correction.
import { makeVisible } from "../text/visible.ts";

const FACTORS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** `100M` as bytes. K, M and G are powers of 1024, as in nginx and `ulimit`. */
export function parseSize(text: string, option: string): number | string {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)(?:i?B)?$/i.exec(text);
  const bytes =
    match === null ? NaN : Math.floor(Number(match[1]) * (FACTORS[match[2]!.toUpperCase()] ?? NaN));
  if (Number.isSafeInteger(bytes)) return bytes;
  return `${option} "${makeVisible(text)}" is no size; write bytes, or a number with K, M or G, such as 100M`;
}

/** Seconds as milliseconds. @param zero whether 0 is a time, too */
export function parseSeconds(text: string, option: string, zero: "allowed" | "refused"): number | string {
  const milliseconds = /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : NaN;
  // Timers hold no more than that, 24 days.
  const isInRange = milliseconds >= (zero === "allowed" ? 0 : 1) && milliseconds < 2 ** 31;
  if (isInRange) return milliseconds;
  return `${option} "${makeVisible(text)}" is no time; write seconds, such as 30${zero === "allowed" ? " or 0" : ""}`;
}

/** A number from 1 up. */
export function parseCount(text: string, option: string): number | string {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  return `${option} "${makeVisible(text)}" is no number from 1 up; write one, such as 100`;
}

/** Seconds as they go over the wire: a whole number of them, at most 2^31 (RFC 9111 §1.2.2). */
export function parseWholeSeconds(text: string, option: string): number | string {
  const seconds = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (seconds <= 2 ** 31) return seconds;
  return `${option} "${makeVisible(text)}" is no time; write whole seconds, such as 3600 or 0`;
}
