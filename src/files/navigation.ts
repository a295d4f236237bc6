// Whether a request comes from a person who goes to a page, and not from a page or a
// program that fetches something.

import { weightedList } from "../text/weighted-list.ts";

const HTML_TYPES = new Set(["text/html", "application/xhtml+xml"]);

/**
 * Whether the client asks for HTML by name. `*` and `*` with a slash are what programs and
 * `fetch()` send. (RFC 9110 §12.5.1)
 */
export function acceptsHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  return weightedList(accept).some(({ name, weight }) => HTML_TYPES.has(name) && weight > 0);
}

/** Whether a path can be one of an application, with no file behind it: its last segment has no extension. */
export function looksLikeRoute(path: string): boolean {
  return !path.slice(path.lastIndexOf("/", path.length - 2) + 1).includes(".");
}
