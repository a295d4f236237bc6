// What has grown between two readings, and whether it may have.

import type { Reading } from "./reading.ts";

/**
 * Bytes that a heap may have grown: compiled code, and what caches and pools have taken since the first reading. Measured: below
 * 1 MiB after 100 000 requests.
 */
export const HEAP_TOLERANCE = 3 * 2 ** 20;

/** The pool of buffers for large files holds 2 MiB at most, and what a socket is about to give back comes on top. */
export const BUFFER_TOLERANCE = 4 * 2 ** 20;

export interface Measure {
  readonly name: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** How much more there may be afterwards. */
  readonly tolerance: number;
  readonly isBytes: boolean;
}

export function compare(before: Reading, after: Reading): Measure[] {
  const measure = (name: string, key: keyof Reading, tolerance: number, isBytes = false): Measure => ({
    name,
    before: before[key],
    after: after[key],
    tolerance,
    isBytes,
  });
  return [
    measure("open files", "files", 0),
    measure("processes", "processes", 0),
    measure("handles, timers, requests", "resources", 0),
    measure("heap after gc", "heap", HEAP_TOLERANCE, true),
    measure("buffers", "buffers", BUFFER_TOLERANCE, true),
  ];
}

/** Of what could not be looked at nothing is known: it has not grown. */
export function hasGrown({ before, after, tolerance }: Measure): boolean {
  return before !== undefined && after !== undefined && after - before > tolerance;
}

export function describeGrowth(measure: Measure): string {
  const { name, before, after } = measure;
  return `${name} grew from ${formatValue(before, measure)} to ${formatValue(after, measure)}`;
}

export function formatValue(value: number | undefined, { isBytes }: Measure): string {
  if (value === undefined) return "not looked at";
  return isBytes ? `${(value / 2 ** 20).toFixed(1)} MiB` : String(value);
}
