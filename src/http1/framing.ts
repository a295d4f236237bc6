// Where a message ends: the body of a request (RFC 9112 §6.3) and the body of a response.

import { HTTPRequestError } from "../errors.ts";
import { isBodiless } from "../status.ts";
import { trimOptionalWhitespace } from "../text/field-value.ts";
import type { HTTPMessage } from "./http-message.ts";

/**
 * Where the body of a request ends: it has none, it has so many bytes, or its last chunk says so (RFC 9112
 * §6).
 */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

export const NO_BODY: BodyFraming = { kind: "none" };
const CHUNKED: BodyFraming = { kind: "chunked" };

/**
 * The framing of a request body. Where the RFC lets a server repair a contradiction, we refuse: a
 * proxy in front that repairs it in another way would see another request behind this one
 * (request smuggling, RFC 9112 §11.2).
 *
 * @throws {HTTPRequestError} 400 for contradictions and malformed values, 501 for
 * a coding that we do not know
 */
export function decideRequestFraming(fields: HTTPMessage, minor: number): BodyFraming {
  const transferEncoding = fields.getCombined("transfer-encoding");
  const contentLength = fields.get("content-length");
  if (transferEncoding === undefined) {
    if (contentLength === undefined) return NO_BODY;
    if (fields.count("content-length") > 1) throw new HTTPRequestError(400, "Repeated Content-Length");
    const length = parseContentLength(contentLength);
    if (length === undefined) throw new HTTPRequestError(400, "Bad Content-Length");
    return { kind: "length", length };
  }
  if (contentLength !== undefined) {
    throw new HTTPRequestError(400, "Both Content-Length and Transfer-Encoding");
  }
  // "A server … that receives an HTTP/1.0 message containing a Transfer-Encoding … MUST treat the message as
  // if the framing is faulty" (§6.1).
  if (minor < 1) throw new HTTPRequestError(400, "Transfer-Encoding in HTTP/1.0");
  return decideTransferCoding(transferEncoding);
}

function decideTransferCoding(value: string): BodyFraming {
  const codings = value.split(",").map((coding) => trimOptionalWhitespace(coding).toLowerCase());
  if (codings.length === 1 && codings[0] === "chunked") return CHUNKED;
  // Only a final "chunked" tells where the body ends: else "the server MUST respond with the 400 (Bad
  // Request) status code and then close the connection" (§6.3), whether it knows the coding or not.
  if (codings.at(-1) !== "chunked") {
    throw new HTTPRequestError(400, "Transfer-Encoding does not end in chunked");
  }
  const unknown = codings.find((coding) => coding !== "chunked");
  if (unknown === undefined || unknown === "") throw new HTTPRequestError(400, "Bad Transfer-Encoding");
  throw new HTTPRequestError(501, "Unsupported transfer coding");
}

/** Content-Length = 1*DIGIT, and exact in a number: 15 digits always are. `undefined` for anything else. */
export function parseContentLength(value: string): number | undefined {
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** A body that is longer than the server takes, in bytes without its framing. */
export function contentTooLarge(limit: number): HTTPRequestError {
  return new HTTPRequestError(
    413,
    "Content Too Large",
    `The body of a request may have ${limit} bytes here.`,
  );
}

export type ResponseFraming =
  /** No body at all, whatever the fields say. */
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** The end of the connection is the end of the body. */
  | { readonly kind: "close" };

const UNTIL_CLOSE: ResponseFraming = { kind: "close" };

/** What follows a 2xx to CONNECT is no body, and no field tells its length (RFC 9110 §9.3.6). */
export function isTunnel(method: string, status: number): boolean {
  return method === "CONNECT" && status >= 200 && status < 300;
}

/**
 * The framing of a response (RFC 9112 §6.3, from the side that sends).
 * @param contentLength what the response's Content-Length field says, if there is one
 * @param canChunk the client speaks HTTP/1.1, and so do we
 */
export function decideResponseFraming(
  method: string,
  status: number,
  contentLength: number | undefined,
  canChunk: boolean,
): ResponseFraming {
  if (method === "HEAD" || isBodiless(status)) return NO_BODY;
  if (isTunnel(method, status)) return UNTIL_CLOSE;
  if (contentLength !== undefined) return { kind: "length", length: contentLength };
  return canChunk ? CHUNKED : UNTIL_CLOSE;
}
