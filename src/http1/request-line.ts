// The request line: method, target and version (RFC 9112 §3), and what HTTP/0.9 has in its place.

import { HTTPRequestError } from "../errors.ts";
import { isToken } from "../text/token.ts";
import { makeVisible } from "../text/visible.ts";

export interface RequestLine {
  /** The method, a case-sensitive token. */
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  /** `HTTP/0.9`, `HTTP/1.0`, `HTTP/1.1`; a higher minor version is kept as it was sent. */
  readonly version: string;
  /** The minor version of HTTP/1.x; -1 for HTTP/0.9, which is below both. */
  readonly minor: number;
  /** HTTP/0.9 without a version: no fields follow, the request is complete with its line. */
  readonly isSimple: boolean;
}

/**
 * Reads a request line without its CRLF: one character per byte.
 *
 * request-line = method SP request-target SP HTTP-version. RFC 9112 lets a server split at any white space;
 * we do not: two servers in a row that split differently see two different requests.
 *
 * @throws {HTTPRequestError} 400 for what is no request line, 505 for a version of which we
 * do not know the message format
 */
export function parseRequestLine(line: string): RequestLine {
  const afterMethod = line.indexOf(" ");
  if (afterMethod <= 0) throw badSyntax(line);
  const method = line.startsWith("GET ") ? "GET" : line.slice(0, afterMethod);
  if (method !== "GET" && !isToken(method)) throw badSyntax(line);

  const afterTarget = line.indexOf(" ", afterMethod + 1);
  if (afterTarget === -1) return parseSimpleRequest(line, method, line.slice(afterMethod + 1));
  // A blank before a version that is not there, as the original allows: there is
  // nothing else that it could mean.
  if (afterTarget === line.length - 1) {
    return parseSimpleRequest(line, method, line.slice(afterMethod + 1, afterTarget));
  }

  const target = line.slice(afterMethod + 1, afterTarget);
  const version = line.slice(afterTarget + 1);
  if (target === "" || version.includes(" ")) throw badSyntax(line);
  return { method, target, version, minor: minorVersion(version), isSimple: false };
}

// Simple-Request = "GET" SP Request-URI CRLF — RFC 1945 §4.1
function parseSimpleRequest(line: string, method: string, target: string): RequestLine {
  if (target === "") throw badSyntax(line);
  if (method !== "GET") throw new HTTPRequestError(400, `Bad HTTP/0.9 request type (${quote(method)})`);
  return { method, target, version: "HTTP/0.9", minor: -1, isSimple: true };
}

// HTTP-version = HTTP-name "/" DIGIT "." DIGIT — RFC 9112 §2.3
function minorVersion(version: string): number {
  if (version === "HTTP/1.1") return 1;
  if (version === "HTTP/1.0") return 0;
  const match = /^HTTP\/(\d)\.(\d)$/.exec(version);
  if (match === null) throw new HTTPRequestError(400, `Bad request version (${quote(version)})`);
  if (match[1] === "1") return Number(match[2]);
  if (version === "HTTP/0.9") return -1;
  throw new HTTPRequestError(505, `Invalid HTTP version (${match[1]}.${match[2]})`);
}

function badSyntax(line: string): HTTPRequestError {
  return new HTTPRequestError(400, `Bad request syntax (${quote(line)})`);
}

/** Client text inside a message: visible, and short enough for a status line. */
function quote(text: string): string {
  const visible = makeVisible(text);
  return `'${visible.length > 200 ? `${visible.slice(0, 200)}...` : visible}'`;
}
