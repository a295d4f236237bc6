// Preconditions: whether a request is to be carried out, from what it says and the validators of
// what is here (RFC 9110 §13).

import { entityTagList, isStrong, strongEqual, type TagComparison, weakEqual } from "../text/entity-tag.ts";
import { formatHttpDate, parseHttpDate } from "../text/http-date.ts";
import type { Validators } from "./representation.ts";

/** The fields that decide what is sent of a representation; a field on several lines is one list. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifRange: string | undefined;
  readonly range: string | undefined;
}

export interface Fields {
  getCombined(name: string): string | undefined;
}

/** `undefined` for a request without any: nearly all are, and need no object. */
export function readConditions(fields: Fields): Conditions | undefined {
  const ifMatch = fields.getCombined("if-match");
  const ifUnmodifiedSince = fields.getCombined("if-unmodified-since");
  const ifNoneMatch = fields.getCombined("if-none-match");
  const ifModifiedSince = fields.getCombined("if-modified-since");
  const range = fields.getCombined("range");
  const isPlain =
    range === undefined &&
    ifNoneMatch === undefined &&
    ifModifiedSince === undefined &&
    ifMatch === undefined &&
    ifUnmodifiedSince === undefined;
  if (isPlain) return undefined;
  // "A server MUST ignore an If-Range header field received in a request that does not contain
  // a Range" (RFC 9110 §13.1.5).
  const ifRange = range === undefined ? undefined : fields.getCombined("if-range");
  return { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince, ifRange, range };
}

/** Tells the time where it is needed: most dates are compared without it. */
export type Clock = () => number;

/** "Absent" also stands for a field that has to be ignored. */
type Condition = "absent" | "holds" | "fails";

/**
 * The precedence of RFC 9110 §13.2.2, step by step; step 5 is `isRangeWanted`.
 * @param clock milliseconds since the epoch, for dates with two digits for the year
 */
export function evaluatePreconditions(
  method: string,
  conditions: Conditions,
  validators: Validators,
  clock: Clock,
): "proceed" | "notModified" | "preconditionFailed" {
  const isRead = method === "GET" || method === "HEAD";
  // 1. and 2.: If-Unmodified-Since counts only without If-Match.
  let condition = evaluateIfMatch(conditions, validators);
  if (condition === "absent") condition = evaluateIfUnmodifiedSince(conditions, validators, clock);
  if (condition === "fails") return "preconditionFailed";
  // 3. and 4.: If-Modified-Since counts only without If-None-Match, and for GET and HEAD.
  condition = evaluateIfNoneMatch(conditions, validators);
  if (condition === "absent" && isRead) condition = evaluateIfModifiedSince(conditions, validators, clock);
  if (condition === "fails") return isRead ? "notModified" : "preconditionFailed";
  return "proceed";
}

function evaluateIfMatch({ ifMatch }: Conditions, validators: Validators): Condition {
  if (ifMatch === undefined) return "absent";
  return matches(ifMatch, validators, strongEqual) ? "holds" : "fails";
}

function evaluateIfNoneMatch({ ifNoneMatch }: Conditions, validators: Validators): Condition {
  if (ifNoneMatch === undefined) return "absent";
  return matches(ifNoneMatch, validators, weakEqual) ? "fails" : "holds";
}

/**
 * `*` matches whatever is here. What is no list of tags matches nothing: the answer is 412 or the
 * whole then, and both are safe.
 */
function matches(value: string, { entityTag, isProvisional }: Validators, equal: TagComparison): boolean {
  if (value === "*") return true;
  if (isProvisional) return false;
  // The one tag that it was given is what a client sends, unless it has kept several answers.
  if (equal(value, entityTag)) return true;
  return entityTagList(value)?.some((tag) => equal(tag, entityTag)) === true;
}

/** Ignored where it is no date, and where there is no date to compare it with (RFC 9110 §13.1.4). */
function evaluateIfUnmodifiedSince(
  { ifUnmodifiedSince }: Conditions,
  { lastModified }: Validators,
  clock: Clock,
): Condition {
  const date = dateOf(ifUnmodifiedSince, clock);
  if (date === undefined || lastModified === undefined) return "absent";
  return lastModified <= date ? "holds" : "fails";
}

/** Ignored where it is no date, and where there is no date to compare it with (RFC 9110 §13.1.3). */
function evaluateIfModifiedSince(
  { ifModifiedSince }: Conditions,
  { lastModified }: Validators,
  clock: Clock,
): Condition {
  if (ifModifiedSince === undefined || lastModified === undefined) return "absent";
  // What nearly all clients send: our own Last-Modified, which need not be read.
  if (ifModifiedSince === formatHttpDate(lastModified)) return "fails";
  const date = parseHttpDate(ifModifiedSince, clock());
  if (date === undefined) return "absent";
  return lastModified <= date ? "fails" : "holds";
}

function dateOf(value: string | undefined, clock: Clock): number | undefined {
  return value === undefined ? undefined : parseHttpDate(value, clock());
}

/**
 * Step 5: whether Range is to be looked at. With If-Range it is where the client has a part of these very
 * bytes: by a strong tag, or by the exact date, if that is a strong validator, too (RFC 9110 §13.1.5). It is
 * where the tag is: the file had not just been changed.
 */
export function isRangeWanted(
  method: string,
  conditions: Conditions,
  validators: Validators,
  clock: Clock,
): boolean {
  const { range, ifRange } = conditions;
  if (method !== "GET" || range === undefined) return false;
  if (ifRange === undefined) return true;
  const { entityTag, lastModified } = validators;
  if (ifRange.startsWith('"') || ifRange.startsWith("W/")) return strongEqual(ifRange, entityTag);
  return (
    isStrong(entityTag) && lastModified !== undefined && parseHttpDate(ifRange, clock()) === lastModified
  );
}
