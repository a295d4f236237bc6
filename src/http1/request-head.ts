// The head of a request, out of bytes that come in any number of pieces (RFC 9112 §2.1, §2.2, §3).

import { HTTPRequestError } from "../errors.ts";
import { isNamed } from "../text/is-named.ts";
import { parseFieldLines, type FieldLimits } from "./field-lines.ts";
import { type BodyFraming, decideRequestFraming, NO_BODY } from "./framing.ts";
import { isHost } from "./host.ts";
import { HTTPMessage } from "./http-message.ts";
import { clientPersists } from "./persistence.ts";
import { parseRequestLine, type RequestLine } from "./request-line.ts";
import { parseRequestTarget } from "./request-target.ts";

export interface RequestHead extends RequestLine {
  /** The request line without its CRLF. */
  readonly requestline: string;
  /** Path and query of the target, whatever its form: what a handler works with. */
  readonly path: string;
  /** Name, value, name, value …; `Host` is that of an absolute-form target where there is one. */
  readonly fields: string[];
  readonly framing: BodyFraming;
  /** The client can take another response on this connection. */
  readonly persists: boolean;
  /** The value of Expect, lower-cased; `undefined` in HTTP/1.0, where it means nothing (RFC 9110 §10.1.1). */
  readonly expect: string | undefined;
}

export interface HeadLimits extends FieldLimits {
  /** Longest request line, in bytes, without its CRLF. */
  readonly requestLine: number;
  /** All field lines together, in bytes. */
  readonly allFields: number;
}

/** A head that cannot be used, with what could be read of it, for the error response and the log. */
export class BadRequestHead extends HTTPRequestError {
  override name = "BadRequestHead";
  /** The request line, as far as it was one; else empty. */
  readonly requestline: string;
  /** The method, if the request line could be read; decides whether the error has a body. */
  readonly method: string;
  // The rest is as little as a request can be, and the last one: nobody knows where another would begin.
  readonly path = "";
  readonly version = "";
  readonly minor = 1;
  readonly framing: BodyFraming = NO_BODY;
  readonly persists = false;

  constructor(cause: HTTPRequestError, requestline: string, method: string) {
    super(cause.status, cause.message, cause.explain, { cause });
    this.requestline = requestline;
    this.method = method;
  }
}

const CR = 0x0d;
/** The first byte of a TLS connection (RFC 8446 §5.1). No request begins with it. */
const TLS_HANDSHAKE = 0x16;
const LF = 0x0a;

/** Reads the heads of the requests of one connection, one after the other. */
export class RequestHeadReader {
  readonly #limits: HeadLimits;
  /** How far into the open head no further LF was found: where the next look begins. */
  #scanned = 0;
  /** Where the open line begins: a line is bounded also before it is complete. */
  #openLine = 0;
  /** The request line of the open head and its method, once they are known. */
  #requestline = "";
  #method = "";
  /** Where the head that was read last ends in the input it was read from. */
  end = 0;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /**
   * Reads one head that begins at `start`. Give it the same beginning, with more behind, until it has one.
   * @returns the head, and `end` says where it ends; or `undefined` for "more please"
   * @throws {BadRequestHead} for what can never become a head, as soon as that is certain
   */
  read(input: Buffer, start: number): RequestHead | undefined {
    // Its bytes would be waited for until the time is over, or taken for whatever they look like.
    if (input[start] === TLS_HANDSHAKE) {
      throw this.#bad(new HTTPRequestError(400, "The client speaks TLS, and this server does not"));
    }
    const lastLF = input.lastIndexOf(LF);
    // A complete line is needed for anything new to be known. So a head is gone through once per piece that
    // ends a line, and not once per byte for a client that sends single bytes.
    if (lastLF < start + this.#scanned) {
      this.#checkOpenLine(input, start);
      return undefined;
    }
    this.#scanned = input.length - start;
    this.#openLine = lastLF + 1 - start;
    const head = this.#parse(
      input.toString("latin1", start, Math.min(input.length, start + this.#maxHead)),
      start,
    );
    if (head === undefined) {
      this.#checkOpenLine(input, start);
      return undefined;
    }
    this.#scanned = 0;
    this.#openLine = 0;
    this.#requestline = "";
    this.#method = "";
    return head;
  }

  /** Empty lines, request line and fields, and the two CRLF that none of these limits counts. */
  get #maxHead(): number {
    return 2 * this.#limits.fields + this.#limits.requestLine + this.#limits.allFields + 4;
  }

  #checkOpenLine(input: Buffer, start: number): void {
    const available = input.length - start;
    // A CR is the beginning of the line's end, or will be refused.
    const open = available - this.#openLine - (input[input.length - 1] === CR ? 1 : 0);
    if (this.#method === "") {
      if (open > this.#limits.requestLine) throw this.#bad(new HTTPRequestError(414, "URI Too Long"));
    } else if (open > this.#limits.field || available >= this.#maxHead) {
      throw this.#bad(new HTTPRequestError(431, "Line too long"));
    }
  }

  #bad(cause: HTTPRequestError): BadRequestHead {
    return new BadRequestHead(cause, this.#requestline, this.#method);
  }

  #parse(text: string, start: number): RequestHead | undefined {
    try {
      const lineStart = skipEmptyLines(text, this.#limits.fields);
      const lineFeed = text.indexOf("\n", lineStart);
      const lineEnd = (lineFeed === -1 ? text.length : lineFeed) - 1;
      if (lineEnd - lineStart > this.#limits.requestLine) throw new HTTPRequestError(414, "URI Too Long");
      if (lineFeed === -1) return undefined;
      if (text.charCodeAt(lineEnd) !== CR) {
        this.#requestline = text.slice(lineStart, lineFeed);
        throw new HTTPRequestError(400, "Bare LF in request line");
      }
      const requestline = text.slice(lineStart, lineEnd);
      this.#requestline = requestline;
      const line = parseRequestLine(requestline);
      this.#method = line.method;

      const fields: string[] = [];
      let end: number | undefined = lineEnd + 2;
      if (!line.isSimple) {
        end = parseFieldLines(text, end, fields, this.#limits);
        if (end === undefined) return undefined;
        if (end - lineEnd - 4 > this.#limits.allFields) throw new HTTPRequestError(431, "Headers too long");
      }
      const head = completeHead(line, requestline, fields);
      this.end = start + end;
      return head;
    } catch (error) {
      if (error instanceof HTTPRequestError) throw this.#bad(error);
      throw error;
    }
  }
}

// "A server … SHOULD ignore at least one empty line (CRLF) received prior to the request-line" (§2.2).
// Each of them may come as a piece of its own, and make us look at the head again; so there are no more of
// them than fields, as in Apache.
function skipEmptyLines(text: string, most: number): number {
  let at = 0;
  while (text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF) at += 2;
  if (at > 2 * most) throw new HTTPRequestError(400, "Too many empty lines");
  return at;
}

/** What the fields together say about the request: host, framing, persistence. */
function completeHead(line: RequestLine, requestline: string, fields: string[]): RequestHead {
  const { method, target, version, minor, isSimple } = line;
  const { path, authority } = parseRequestTarget(method, target);
  let hosts = 0;
  let host = "";
  let framesBody = false;
  let persists = minor >= 1;
  let expect: string | undefined;
  // A name is compared only where its length fits, and most requests have none of these but Host.
  let message: HTTPMessage | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    switch (fields[i]!.length) {
      case 4:
        if (!isNamed(fields[i]!, "host")) break;
        host = fields[i + 1]!;
        hosts++;
        break;
      case 6:
        if (minor >= 1 && isNamed(fields[i]!, "expect")) {
          message ??= new HTTPMessage(fields);
          expect = message.getCombined("expect")!.toLowerCase();
        }
        break;
      case 10:
        if (minor >= 0 && isNamed(fields[i]!, "connection")) {
          message ??= new HTTPMessage(fields);
          persists = clientPersists(minor, message.getCombined("connection"));
        }
        break;
      case 14:
        framesBody ||= isNamed(fields[i]!, "content-length");
        break;
      case 17:
        framesBody ||= isNamed(fields[i]!, "transfer-encoding");
        break;
      default:
    }
  }
  const framing = framesBody ? decideRequestFraming(message ?? new HTTPMessage(fields), minor) : NO_BODY;
  checkHost(hosts, host, minor, authority);
  if (authority !== undefined) replaceHost(fields, authority);
  return { method, target, version, minor, isSimple, requestline, path, fields, framing, persists, expect };
}

// RFC 9112 §3.2: 400 "to any HTTP/1.1 request message that lacks a Host header field and to any
// request message that contains more than one Host header field line or a Host header field
// with an invalid field value".
function checkHost(hosts: number, host: string, minor: number, authority: string | undefined): void {
  if (hosts === 0) {
    if (minor >= 1) throw new HTTPRequestError(400, "Missing Host");
    return;
  }
  if (hosts > 1) throw new HTTPRequestError(400, "Repeated Host");
  // A target with an authority of its own takes an empty Host beside it for an answer.
  if (!isHost(host) && !(authority !== undefined && host === "")) {
    throw new HTTPRequestError(400, "Bad Host");
  }
}

// "When an origin server receives a request with an absolute-form of request-target, the origin server
// MUST ignore the received Host header field (if any) and instead replace it with the host information of
// the request-target" (§3.2.2).
function replaceHost(fields: string[], authority: string): void {
  for (let i = 0; i < fields.length; i += 2) {
    if (isNamed(fields[i]!, "host")) {
      fields[i + 1] = authority;
      return;
    }
  }
  fields.push("Host", authority);
}
