// One response on its way out: the head as it is put together, then the body in its framing,
// and whether all of it was sent.

import { ResponseOrderError } from "../errors.ts";
import {
  decideResponseFraming,
  isTunnel,
  NO_BODY,
  parseContentLength,
  type ResponseFraming,
} from "../http1/framing.ts";
import { fieldLine, statusLine } from "../http1/response-head.ts";
import type { Connection } from "../server/connection.ts";
import { RESPONSES } from "../status.ts";
import { isNamed } from "../text/is-named.ts";

/** What is known of the exchange when the head of the response ends. */
export interface ResponseContext {
  readonly method: string;
  /** `HTTP/1.0` or `HTTP/1.1`, as the status line says. */
  readonly protocolVersion: string;
  /** The connection will be closed after this response, unless it asks to keep it. */
  readonly closes: boolean;
  /** The response may ask to keep the connection. */
  readonly mayPersist: boolean;
}

/** Short of the declared length, beyond it, or as it should be. */
export type BodyCheck = "complete" | "short" | "long";

const LAST_CHUNK = "0\r\n\r\n";

export class ResponseWriter {
  readonly #connection: Connection;
  #head = "";
  /** Minor version of the request; -1 for HTTP/0.9, which knows no heads. */
  #minor = 1;
  /** The empty line has been added: the head can leave. */
  #isHeadComplete = false;
  #framing: ResponseFraming = NO_BODY;
  #contentLength: number | undefined;
  #connectionOption: "close" | "keep-alive" | undefined;
  #hasCacheControl = false;
  /** The status of the response, or of the interim response that is being put together. */
  status = 0;
  /** The head of the final response has been completed. */
  isStarted = false;
  /** Body bytes sent, without the framing. */
  size = 0;
  #dropped = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Forgets the last response. @param minor of the request that is to be answered */
  reset(minor: number): void {
    this.discardHead();
    this.#minor = minor;
    this.status = 0;
    this.isStarted = false;
    this.size = 0;
    this.#dropped = 0;
    this.#framing = NO_BODY;
  }

  /** Forgets what has been put together of a head that was not completed. */
  discardHead(): void {
    this.#head = "";
    this.#isHeadComplete = false;
    this.#contentLength = undefined;
    this.#connectionOption = undefined;
    this.#hasCacheControl = false;
  }

  addStatusLine(version: string, status: number, reason: string): void {
    if (this.isStarted)
      throw new ResponseOrderError("The response has been started: a second one cannot be sent");
    if (this.#head !== "")
      throw new ResponseOrderError(
        "A response has been begun: call endHeaders() before the next sendResponse()",
      );
    this.#head += statusLine(version, status, reason);
    this.status = status;
  }

  addField(name: string, value: string): void {
    if (this.isStarted)
      throw new ResponseOrderError(`The head of the response has been sent: too late for ${name}`);
    if (this.#head === "")
      throw new ResponseOrderError(`Call sendResponse() before sendHeader(): no response for ${name}`);
    const line = fieldLine(name, value);
    switch (name.length) {
      case 10:
        if (isNamed(name, "connection") && this.#noteConnection(value)) return;
        break;
      case 13:
        // Asked for at every file: noted here, that nobody has to search the head for it.
        if (isNamed(name, "cache-control")) this.#hasCacheControl = true;
        break;
      case 14:
        if (isNamed(name, "content-length")) this.#noteContentLength(value);
        break;
      case 17:
        // Whoever asks for chunks gets them: the framing is decided below, in one place.
        if (isNamed(name, "transfer-encoding")) return;
        break;
      default:
    }
    this.#head += line;
  }

  /** Whether a field of that name, in lower case, has been added to the open head. */
  hasField(name: string): boolean {
    if (name === "cache-control") return this.#hasCacheControl;
    return this.#head.toLowerCase().includes(`\r\n${name}:`);
  }

  /** @returns whether it was a wish about the connection: what becomes of it is said by `endHead` */
  #noteConnection(value: string): boolean {
    const option = value.toLowerCase();
    if (option !== "close" && option !== "keep-alive") return false;
    this.#connectionOption = option;
    return true;
  }

  #noteContentLength(value: string): void {
    const length = parseContentLength(value);
    if (length === undefined) throw new TypeError(`Invalid Content-Length: ${value}`);
    if (this.#contentLength !== undefined) throw new TypeError("Content-Length is there already");
    this.#contentLength = length;
  }

  /** Completes the head of an interim response (1xx): another response follows. */
  endInterimHead(): void {
    // HTTP/1.0 "MUST NOT" get a 1xx (RFC 9110 §15.2): the client would take it for the response.
    if (this.#minor < 1) return this.discardHead();
    if (this.#head === "") throw new ResponseOrderError("Call sendResponse() before endHeaders()");
    if (this.#contentLength !== undefined) this.#dropContentLength();
    this.#head += "\r\n";
    this.#isHeadComplete = true;
    this.#contentLength = undefined;
    this.#connectionOption = undefined;
  }

  /**
   * Completes the head: framing first (RFC 9112 §6.3), then persistence (§9.3).
   * @returns whether the connection must be closed after the response
   */
  endHead(context: ResponseContext): boolean {
    if (this.isStarted) throw new ResponseOrderError("The head of the response has been completed already");
    if (this.#head === "") throw new ResponseOrderError("Call sendResponse() before endHeaders()");
    this.isStarted = true;
    // HTTP/0.9: the body is all there is, up to the end of the connection.
    if (this.#minor < 0) {
      this.#head = "";
      this.#framing = { kind: "close" };
      return true;
    }
    // 205 has no content (RFC 9110 §15.3.6): its length says so, or else the end of the connection.
    const option = this.#connectionOption;
    const mustClose =
      option === "close" || (context.closes && !(option === "keep-alive" && context.mayPersist));
    const isReset = this.status === 205 && this.#contentLength === undefined;
    if (isReset && !mustClose) this.#contentLength = this.#addLength(0);
    else if (this.#contentLength !== undefined && mayNotDeclareLength(context.method, this.status)) {
      this.#dropContentLength();
    }
    const canChunk = this.#minor >= 1 && context.protocolVersion !== "HTTP/1.0";
    if (isReset) this.#framing = NO_BODY;
    else this.#framing = decideResponseFraming(context.method, this.status, this.#contentLength, canChunk);
    if (this.#framing.kind === "chunked") this.#head += "Transfer-Encoding: chunked\r\n";
    const closes = mustClose || this.#framing.kind === "close";
    // RFC 9112 §9.3: a server that will not go on "MUST send a 'close' connection option"; 1.0
    // has to be told that we will.
    if (closes) this.#head += "Connection: close\r\n";
    else if (this.#minor < 1 || option !== undefined) this.#head += "Connection: keep-alive\r\n";
    this.#head += "\r\n";
    this.#isHeadComplete = true;
    return closes;
  }

  /** A response that somebody else has framed, head and all: its end is that of the connection. */
  startRaw(status: number): void {
    this.discardHead();
    this.status = status;
    this.isStarted = true;
    this.#framing = { kind: "close" };
  }

  /** A whole error response, which ends the connection, in place of what has been put together. */
  sendPlainError(method: string, status: number): void {
    const phrase = RESPONSES[status]?.[0] ?? "";
    const body = `${status} ${phrase}\n`;
    this.discardHead();
    this.addStatusLine("HTTP/1.1", status, phrase);
    this.addField("Content-Type", "text/plain;charset=utf-8");
    this.addField("Content-Length", String(body.length));
    this.endHead({ method, protocolVersion: "HTTP/1.1", closes: true, mayPersist: false });
    this.flushHead();
    this.writeBody(body);
  }

  #dropContentLength(): void {
    this.#head = this.#head.replace(/^content-length:.*\r\n/im, "");
  }

  #addLength(length: number): number {
    this.#head += `Content-Length: ${length}\r\n`;
    return length;
  }

  /** Sends the head, if it is complete. */
  flushHead(): void {
    // An open head stays here: an error response can still take its place.
    if (!this.#isHeadComplete) return;
    this.#isHeadComplete = false;
    this.#connection.write(this.#head);
    this.#head = "";
  }

  /** Bytes of the body that the system is known to have taken. The framing of chunks counts as not taken. */
  get sentSize(): number {
    return Math.max(0, this.size - this.#connection.unsent);
  }

  /** Sends a piece of the body; strings are Latin-1. More than was declared is cut off, and `check` tells. */
  writeBody(chunk: string | Uint8Array): void {
    if (!this.isStarted) {
      throw new ResponseOrderError(
        "wfile takes the body of the response: call sendResponse() and endHeaders() first",
      );
    }
    // An override of flushHeaders() may have kept it back.
    if (this.#isHeadComplete) this.flushHead();
    const framing = this.#framing;
    if (framing.kind === "none" || chunk.length === 0) return;
    if (framing.kind === "length") {
      const room = framing.length - this.size;
      if (chunk.length > room) {
        this.#dropped += chunk.length - room;
        if (room === 0) return;
        chunk = typeof chunk === "string" ? chunk.slice(0, room) : chunk.subarray(0, room);
      }
    }
    this.size += chunk.length;
    if (framing.kind !== "chunked") return this.#connection.write(chunk);
    this.#connection.write(`${chunk.length.toString(16)}\r\n`);
    this.#connection.write(chunk);
    this.#connection.write("\r\n");
  }

  /** Ends the body. After `"short"` the connection must be cut, after `"long"` closed. */
  end(): BodyCheck {
    if (this.#isHeadComplete) this.flushHead();
    if (this.#framing.kind === "chunked") this.#connection.write(LAST_CHUNK);
    if (this.#framing.kind === "length" && this.size < this.#framing.length) return "short";
    return this.#dropped > 0 ? "long" : "complete";
  }

  /** The end of the connection is the end of the body: a cut must be a reset to be seen. */
  get endsByClose(): boolean {
    return this.#framing.kind === "close";
  }
}

// "A server MUST NOT send a Content-Length … with a status code of 1xx or 204 […] in any 2xx response
// to a CONNECT" (RFC 9110 §8.6).
function mayNotDeclareLength(method: string, status: number): boolean {
  return status < 200 || status === 204 || isTunnel(method, status);
}
