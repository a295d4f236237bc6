// The four forms of a request target, and the one path that everything behind works with (RFC 9112 §3.2).

import { HTTPRequestError } from "../errors.ts";
import { parseHost } from "./host.ts";

export interface RequestTarget {
  /** Path and query as sent, with leading slashes cut to one; or `*`; or host and port of CONNECT. */
  readonly path: string;
  /** The authority of an absolute-form target: it replaces the Host field. */
  readonly authority: string | undefined;
}

/**
 * @param target as sent, one character per byte
 * @throws {HTTPRequestError} 400 for what is no target of that method, 421 for an `https:`
 * target: we do not speak for it
 */
export function parseRequestTarget(method: string, target: string): RequestTarget {
  checkCharacters(target);
  // authority-form = uri-host ":" port, for CONNECT only, which has no other
  if (method === "CONNECT") return { path: checkAuthority(target), authority: undefined };
  // origin-form = absolute-path [ "?" query ]
  if (target.charCodeAt(0) === 0x2f) return { path: cutLeadingSlashes(target), authority: undefined };
  // asterisk-form = "*", for OPTIONS only
  if (target === "*" && method === "OPTIONS") return { path: "*", authority: undefined };
  return parseAbsoluteForm(target);
}

// absolute-form = absolute-URI
function parseAbsoluteForm(target: string): RequestTarget {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)/.exec(target);
  if (match === null) throw new HTTPRequestError(400, "Bad request target");
  const scheme = match[1]!.toLowerCase();
  // RFC 9110 §7.4: a request for https that did not come over TLS is not for us.
  if (scheme === "https") throw new HTTPRequestError(421, "This server does not answer for https URLs");
  if (scheme !== "http") throw new HTTPRequestError(400, "Bad scheme in request target");
  const authority = match[2]!;
  // "A recipient … MUST reject" an http URI with an empty host (RFC 9110 §4.2.1).
  if (!parseHost(authority)?.name) throw new HTTPRequestError(400, "Bad host in request target");
  const rest = target.slice(match[0].length);
  return { path: rest.startsWith("/") ? cutLeadingSlashes(rest) : `/${rest}`, authority };
}

// "A server MUST reject a CONNECT request that targets an empty or invalid port number" (RFC 9110 §9.3.6).
function checkAuthority(target: string): string {
  const host = parseHost(target);
  if (!host?.name || Number(host.port) === 0) throw new HTTPRequestError(400, "Bad request target");
  return target;
}

/**
 * Space cannot be there any more; control characters never may, and a fragment is not sent
 * (RFC 9110 §7.1). Bytes from 0x80 up should have been encoded, but clients send file names as they are;
 * they change no delimiter, so they pass.
 */
function checkCharacters(target: string): void {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x23) {
      throw new HTTPRequestError(400, "Bad character in request target");
    }
  }
}

/** `//host/..` put into a Location would send the browser to `host` (CVE-2021-28861). */
function cutLeadingSlashes(path: string): string {
  if (path.charCodeAt(1) !== 0x2f) return path;
  let slashes = 1;
  while (path.charCodeAt(slashes) === 0x2f) slashes++;
  return path.slice(slashes - 1);
}
