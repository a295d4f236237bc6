// The path of a request, decoded and canonicalised once: guards, files, CGI and log all use this one value.

import { HTTPRequestError } from "../errors.ts";
import { percentDecode } from "../text/percent-coding.ts";

/**
 * Path and query of a target → the path: decoded, `.` and `..` and empty segments resolved, beginning with
 * `/`. A slash at the end is kept, and one is there after a final `.` or `..`, since those name directories.
 * `..` never leads above the root.
 *
 * Dots are resolved after decoding, so `%2e%2e` and `..%2f` are what they look like to a file system.
 *
 * Bytes that are not UTF-8 are lone surrogates in it, as `textOfName` makes them:
 * `systemName` gives the bytes back.
 *
 * @throws {HTTPRequestError} 400 for a malformed escape or NUL
 */
export function canonicalPath(target: string): string {
  if (target !== lastTarget) {
    lastPath = canonicalPathOf(target);
    lastTarget = target;
  }
  return lastPath;
}

/** The last answer: every step of a request asks for the path of the same target. */
let lastTarget = "/";
let lastPath = "/";

function canonicalPathOf(target: string): string {
  const encoded = withoutQuery(target);
  if (isCanonical(encoded)) return encoded;
  const decoded = percentDecode(encoded);
  if (decoded === undefined) throw new HTTPRequestError(400, "Bad percent-encoding in path");
  if (decoded.includes("\0")) throw new HTTPRequestError(400, "NUL in path");
  return resolveSegments(decoded);
}

/** The query of a target, raw, without its `?`; empty if there is none. Only the first `?` splits. */
export function queryOf(target: string): string {
  const at = target.indexOf("?");
  return at === -1 ? "" : target.slice(at + 1);
}

/** A fragment never comes over the wire, but `translatePath` is also called by programs. */
export function withoutQuery(target: string): string {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === 0x3f || code === 0x23) return target.slice(0, i);
  }
  return target;
}

/** One look at each character tells whether there is anything to do: most paths need nothing. */
function isCanonical(path: string): boolean {
  let before = 0;
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    // "%" and bytes that are not ASCII need decoding; "//" and "/." need resolving.
    if (code === 0x25 || code > 0x7e || code === 0) return false;
    if (before === 0x2f && (code === 0x2f || code === 0x2e)) return false;
    before = code;
  }
  return path.charCodeAt(0) === 0x2f;
}

function resolveSegments(path: string): string {
  const segments: string[] = [];
  const given = path.split("/");
  for (const segment of given) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const last = given.at(-1);
  const endsInSlash = last === "" || last === "." || last === "..";
  if (segments.length === 0) return "/";
  return `/${segments.join("/")}${endsInSlash ? "/" : ""}`;
}
