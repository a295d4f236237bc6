// htbin inside a server of node:http: a function for its requests, and for express and
// whatever else takes such a function.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answering, InnerServer } from "./inner-server.ts";
import type { OuterRequest } from "./request-bytes.ts";
import type { ResponseHead } from "./response-reader.ts";

/**
 * Answers a request of `node:http`, or of a framework that hands its requests on.
 * @param next called instead of answering where there is nothing to answer with, or with an error
 */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** A listener of `node:http` that has each request answered by the inner server. */
export function nodeListener(server: InnerServer): NodeListener {
  return (request, response, next) => {
    const outer = outerRequest(request);
    const wasRead = outer.hasBody && request.readableEnded;
    const body = wasRead ? MISSING_BODY : request;
    const running = server.answer(outer, outer.hasBody ? body : undefined, request.socket, {
      interim: (head) => sendInterim(response, head),
      head: (head) => sendHead(response, head, request.httpVersionMajor),
      body: pieceSender(response),
      end: () => void response.end(),
      cut: (why) => {
        if (response.headersSent) return void response.destroy();
        fail(why ?? new Error(wasRead ? READ_BEFORE : "no answer"), response, next);
      },
      ...(next !== undefined && { declined: () => next() }),
    });
    response.on("close", () => {
      // In HTTP/2 a stream that its client has cancelled counts as finished, too: only what was ended has
      // been sent.
      if (!response.writableEnded || !response.writableFinished) running.abort();
    });
  };
}

const READ_BEFORE = "the request body was read before: put htbin in front of body parsers";

/** Fails when it is asked for: files, and what is left to others, need none. */
const MISSING_BODY: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error(READ_BEFORE)) }),
};

function outerRequest(request: IncomingMessage): OuterRequest {
  const { rawHeaders, headers } = request;
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) fields.push([rawHeaders[i]!, rawHeaders[i + 1]!]);
  const authority = headers[":authority"];
  return {
    method: request.method ?? "GET",
    ...placeOf(request),
    version: request.httpVersion === "1.0" ? "1.0" : "1.1",
    fields,
    host: typeof authority === "string" ? authority : "",
    hasBody: hasBody(request),
  };
}

/** Frameworks take the path of a mount away from `url`; scripts and redirects have to know it. */
function placeOf(request: IncomingMessage): Pick<OuterRequest, "target" | "base"> {
  const { url = "/", originalUrl, baseUrl } = request as IncomingMessage & Mounted;
  const base = originalUrl === undefined ? "" : mountOf(originalUrl, url, baseUrl);
  return base === "" || originalUrl === undefined ? { target: url, base: "" } : { target: originalUrl, base };
}

/** @returns empty where `url` is no end of the original: who rewrites it means another path */
function mountOf(originalUrl: string, url: string, baseUrl: string | undefined): string {
  // The mount itself may be asked for without a slash; what is handed on has one.
  const end = originalUrl.endsWith(url) || !/^\/(?:\?|$)/.test(url) ? url : url.slice(1);
  if (baseUrl !== undefined) return originalUrl === baseUrl + end ? baseUrl : "";
  if (!originalUrl.startsWith("/") || !originalUrl.endsWith(end)) return "";
  return originalUrl.slice(0, originalUrl.length - end.length);
}

/** What frameworks add to requests: connect, polka and middie the first alone, express both. */
interface Mounted {
  readonly originalUrl?: string;
  readonly baseUrl?: string;
}

/** In HTTP/2 only the end of the stream tells (RFC 9113 §8.1). */
function hasBody({ headers, httpVersionMajor, readableEnded }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  const length = headers["content-length"];
  if (length !== undefined) return Number(length) > 0;
  return httpVersionMajor >= 2 && !readableEnded && !METHODS_WITHOUT_BODY.has(headers[":method"] as string);
}

const METHODS_WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS", "DELETE"]);

function sendInterim(response: ServerResponse, { status, fields }: ResponseHead): void {
  if (status !== 103) return;
  const link = fields.filter(([name]) => name.toLowerCase() === "link").map(([, value]) => value);
  if (link.length > 0) response.writeEarlyHints({ link });
}

function sendHead(
  response: ServerResponse,
  { status, reason, fields }: ResponseHead,
  versionMajor: number,
): void {
  response.statusCode = status;
  // HTTP/2 has no reason phrase: Node warns of each.
  if (versionMajor < 2) response.statusMessage = reason;
  for (const [name, values] of grouped(fields))
    if (versionMajor < 2 || !ONLY_HTTP1.has(name.toLowerCase()))
      response.setHeader(name, values.length === 1 ? values[0]! : values);
  response.flushHeaders();
}

/**
 * What a script may say about a connection of HTTP/1.1; a response of HTTP/2 that has one is malformed (RFC
 * 9113 §8.2.2).
 */
const ONLY_HTTP1 = new Set(["http2-settings", "proxy-connection", "te", "upgrade"]);

/** Middleware that compresses adds it: what it has gathered goes out. */
interface Gathering {
  flush?(): void;
}

/**
 * Sends pieces with copies, and `drain` instead of the callback of `write`: middleware that compresses keeps
 * the bytes, and knows no callback. Each piece goes out at once, for whoever waits for the lines of a script.
 */
function pieceSender(response: ServerResponse): Answering["body"] {
  let onRoom: (() => void) | undefined;
  // Not `once`: such middleware puts the listener elsewhere, where it is never taken away.
  response.on("drain", () => {
    const next = onRoom;
    onRoom = undefined;
    next?.();
  });
  return (bytes, callback) => {
    const hasRoom = response.write(Buffer.from(bytes));
    // Node's own, on the prototype, is another word for flushHeaders().
    if (Object.hasOwn(response, "flush")) (response as Gathering).flush?.();
    if (hasRoom) callback();
    else onRoom = callback;
  };
}

/** The values of each name, under its first spelling. */
function grouped(fields: ResponseHead["fields"]): Iterable<[name: string, values: string[]]> {
  const groups = new Map<string, [string, string[]]>();
  for (const [name, value] of fields) {
    const group = groups.get(name.toLowerCase());
    if (group === undefined) groups.set(name.toLowerCase(), [name, [value]]);
    else group[1].push(value);
  }
  return groups.values();
}

function fail(error: Error, response: ServerResponse, next: ((error?: unknown) => void) | undefined): void {
  // They belong to the answer that is not sent, and may be why.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  if (next !== undefined) return next(error);
  response.statusCode = 500;
  response.end();
}
