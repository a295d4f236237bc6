// The condition that a browser's copy is older than the file (RFC 9110 §13.1.3).

import { parseHttpDate } from "../text/http-date.ts";

/**
 * Whether the file is no newer than `If-Modified-Since` says. The field is ignored beside `If-None-Match`, and when it is no date.
 * @param modified milliseconds since the epoch; HTTP dates have whole seconds, so parts of a second do not count
 */
export function isNotModified(
  ifModifiedSince: string | undefined,
  ifNoneMatch: string | undefined,
  modified: number,
): boolean {
  if (ifModifiedSince === undefined || ifNoneMatch !== undefined) return false;
  const since = parseHttpDate(ifModifiedSince, Date.now());
  return since !== undefined && Math.floor(modified / 1000) * 1000 <= since;
}
