// htbin inside a server of node:http: a function for its requests, and for express and whatever else takes such a function.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { InnerServer } from "./inner-server.ts";
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

export function nodeListener(server: InnerServer): NodeListener {
  return (request, response, next) => {
    const outer = outerRequest(request);
    if (outer.hasBody && request.readableEnded) {
      return fail(
        new Error("the request body was read before: put htbin in front of body parsers"),
        response,
        next,
      );
    }
    const running = server.answer(outer, outer.hasBody ? request : undefined, request.socket, {
      interim: (head) => sendInterim(response, head),
      head: (head) => sendHead(response, head),
      body: (bytes, callback) => void response.write(bytes, (error) => callback(error ?? undefined)),
      end: () => void response.end(),
      cut: () =>
        response.headersSent ? void response.destroy() : fail(new Error("no answer"), response, next),
      ...(next !== undefined && { declined: () => next() }),
    });
    response.on("close", () => {
      if (!response.writableFinished) running.abort();
    });
  };
}

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

/** express takes the path of its mount away from `url`; scripts and redirects have to know it. */
function placeOf(request: IncomingMessage): Pick<OuterRequest, "target" | "base"> {
  const { url = "/", originalUrl, baseUrl = "" } = request as IncomingMessage & Mounted;
  // Whoever rewrites `url` means another path than the client does.
  const isMounted =
    baseUrl !== "" && (originalUrl === baseUrl + url || originalUrl === baseUrl + url.slice(1));
  return isMounted ? { target: originalUrl, base: baseUrl } : { target: url, base: "" };
}

/** What express adds to requests. */
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

function sendHead(response: ServerResponse, { status, reason, fields }: ResponseHead): void {
  response.statusCode = status;
  response.statusMessage = reason;
  for (const [name, values] of grouped(fields))
    response.setHeader(name, values.length === 1 ? values[0]! : values);
  response.flushHeaders();
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
  if (next !== undefined) return next(error);
  response.statusCode = 500;
  response.end();
}
