// Which part of a request target lies below the prefix that a folder is served under.

import { percentEncodeBytes, percentEncodePath } from "../text/percent-coding.ts";
import { canonicalPath, queryOf, withoutQuery } from "./url-path.ts";

/** A prefix in its two spellings; both are empty where the folder is served at the root. */
export interface BasePath {
  /** As links have it: `/f%C3%BCr`. */
  readonly encoded: string;
  /** As scripts are told: `/für`. */
  readonly decoded: string;
}

const known = new Map<string, BasePath>();

/**
 * Reads a prefix as a person writes it: with or without slashes at its ends, encoded or not.
 * @throws {HTTPRequestError} if it is no path
 */
export function parseBasePath(text: string): BasePath {
  let base = known.get(text);
  if (base === undefined) {
    const decoded = canonicalPath(`/${Buffer.from(text, "utf8").toString("latin1")}`).replace(/\/$/, "");
    base = { encoded: percentEncodePath(decoded), decoded };
    known.set(text, base);
  }
  return base;
}

export type BasePlace =
  /** The target as it would be without the prefix. */
  | { readonly kind: "below"; readonly target: string }
  /** The prefix without its slash, another spelling of it, or the root, from where the way is shown. */
  | { readonly kind: "redirect"; readonly status: 301 | 302; readonly location: string }
  | { readonly kind: "outside" };

/**
 * `..` is resolved before the prefix is looked for: `/base/../x` is not below it.
 * @throws {HTTPRequestError} as `canonicalPath` does
 */
export function placeBelow(target: string, base: BasePath): BasePlace {
  // "*" of OPTIONS, and the authority of CONNECT.
  if (base.encoded === "" || !target.startsWith("/")) return { kind: "below", target };
  const path = canonicalPath(target);
  const isBelow = path.startsWith(`${base.decoded}/`);
  if (isBelow && withoutQuery(target).startsWith(`${base.encoded}/`)) {
    // With one slash, as every target: whoever redirects to it must not name another host (CVE-2021-28861).
    const rest = target.slice(base.encoded.length).replace(/^\/+/, "/");
    // Not so for `/base/../base/x`: a proxy in front takes it for `/base/x`, and without the
    // prefix it would be `/base/base/x`.
    if (canonicalPath(rest) === path.slice(base.decoded.length)) return { kind: "below", target: rest };
  }
  const query = queryOf(target);
  const end = query === "" ? "" : `?${percentEncodeBytes(query)}`;
  if (path === base.decoded) return { kind: "redirect", status: 301, location: `${base.encoded}/${end}` };
  if (isBelow) return { kind: "redirect", status: 301, location: percentEncodePath(path) + end };
  // Not for ever: without the option the root is a page of its own.
  if (path === "/") return { kind: "redirect", status: 302, location: `${base.encoded}/${end}` };
  return { kind: "outside" };
}
