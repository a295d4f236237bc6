// What is sent of a representation: all of it, parts of it, or none, because of a condition or a
// range (RFC 9110 §13.2.2, §14.2).

import { type ByteRange, parseRange } from "./byte-range.ts";
import { type Clock, type Conditions, evaluatePreconditions, isRangeWanted } from "./conditions.ts";
import type { Selected } from "./representation.ts";

export type Transfer =
  /** 200 */
  | { readonly kind: "whole" }
  /** 206 with Content-Range */
  | { readonly kind: "range"; readonly range: ByteRange }
  /** 206 with multipart/byteranges */
  | { readonly kind: "ranges"; readonly ranges: readonly ByteRange[] }
  /** 304 */
  | { readonly kind: "notModified" }
  /** 412 */
  | { readonly kind: "preconditionFailed" }
  /** 416 */
  | { readonly kind: "unsatisfiable" };

const WHOLE: Transfer = { kind: "whole" };

/**
 * @param conditions `undefined` for a request that has none
 * @param clock milliseconds since the epoch
 */
export function decideTransfer(
  method: string,
  conditions: Conditions | undefined,
  selected: Selected,
  clock: Clock,
): Transfer {
  if (conditions === undefined) return WHOLE;
  const { validators, size, contentCoding } = selected;
  const outcome = evaluatePreconditions(method, conditions, validators, clock);
  if (outcome !== "proceed") return { kind: outcome };
  if (!isRangeWanted(method, conditions, validators, clock)) return WHOLE;
  const ranges = parseRange(conditions.range!, size);
  if (ranges === "ignored") return WHOLE;
  if (ranges === "unsatisfiable") return { kind: "unsatisfiable" };
  const [range, ...more] = ranges;
  if (more.length === 0) return { kind: "range", range: range! };
  // A multipart body has no place to say that its parts, and not all of it, are coded.
  return contentCoding === undefined ? { kind: "ranges", ranges } : WHOLE;
}
