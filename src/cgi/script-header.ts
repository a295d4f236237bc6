// The header that a script prints, from bytes to values; whatever is wrong with it is
// found here (RFC 3875 §6.2, §6.3).

import { CGIError } from "../errors.ts";
import { parseContentLength } from "../http1/framing.ts";
import { isFieldValue, trimOptionalWhitespace } from "../text/field-value.ts";
import { isToken } from "../text/token.ts";
import { makeVisible } from "../text/visible.ts";
import { defaultCGILimits } from "./limits.ts";

export interface ScriptHeader {
  /** The `Status` field; `undefined` means 200, or 302 beside a Location. */
  readonly status: { readonly code: number; readonly reason: string | undefined } | undefined;
  readonly location: string | undefined;
  readonly contentType: string | undefined;
  readonly contentLength: number | undefined;
  /**
   * What the client gets: all in the script's order and spelling, but Status, Content-Length and
   * what is not a script's to say.
   */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/**
 * Fields that belong to the connection, which is ours, and two that the server writes itself.
 * (RFC 3875 §6.3.4: "The server MUST […] resolve any conflicts between header fields returned by the script
 * and header fields that it would otherwise send".)
 */
const DROPPED = /^(?:connection|keep-alive|upgrade|te|trailer|proxy-.*|x-cgi-.*|date|server)$/;

export class ScriptHeaderReader {
  readonly #limit: number;
  #size = 0;
  /** The pieces of a line that is not complete yet. */
  #line: Uint8Array[] = [];
  #lines = 0;
  #status: ScriptHeader["status"];
  #single = new Map<string, string>();
  #fields: [name: string, value: string][] = [];

  /** @param limit bytes that the header may have */
  constructor(limit: number = defaultCGILimits.headerSize) {
    this.#limit = limit;
  }

  /**
   * Takes the next bytes of the script's output. The header is complete with its blank line; `rest`
   * is the beginning of the body.
   *
   * @throws {CGIError} as soon as a line is seen that no header can have
   */
  push(chunk: Uint8Array): { header: ScriptHeader; rest: Uint8Array } | undefined {
    let from = 0;
    for (;;) {
      const newline = chunk.indexOf(0x0a, from);
      const piece = chunk.subarray(from, newline === -1 ? chunk.length : newline);
      this.#size += piece.length + (newline === -1 ? 0 : 1);
      if (this.#size > this.#limit) {
        throw new CGIError("ERR_CGI_HEADER_TOO_LARGE", `it is longer than ${this.#limit} bytes`);
      }
      if (newline === -1) {
        // A copy: the piece may be lent until the next one is asked for.
        this.#line.push(Uint8Array.from(piece));
        return undefined;
      }
      this.#line.push(piece);
      from = newline + 1;
      // CRLF, LF, and each line as it likes: "The server MUST translate" any of them (RFC 3875 §7.2).
      const line = Buffer.concat(this.#line).toString("latin1").replace(/\r$/, "");
      this.#line = [];
      if (line === "") return { header: this.#finish(), rest: chunk.subarray(from) };
      this.#takeLine(line, this.#lines++ === 0);
    }
  }

  /** The output is at its end, and the header is not. */
  end(): CGIError {
    if (this.#size === 0) return new CGIError("ERR_CGI_NO_HEADER", "it printed nothing");
    return new CGIError("ERR_CGI_NO_HEADER", "its output ended before the blank line that ends the header");
  }

  #takeLine(line: string, isFirst: boolean): void {
    if (isFirst) {
      // CGI.pm with nph(1), and scripts written for a server that passes everything on.
      const statusLine = /^HTTP\/\d(?:\.\d)? +(.*)$/.exec(line);
      if (statusLine !== null) return this.#takeStatus(statusLine[1]!);
      // Python's cgitb begins so, in order to end a comment or a script that may be open.
      if (line.startsWith("<!--:")) return;
    }
    // No continuation lines in CGI: joined to the line before, they have smuggled fields.
    if (line.startsWith(" ") || line.startsWith("\t"))
      throw badHeader("a line begins with white space", line);
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!isToken(name)) {
      if (line.startsWith("\u00ef\u00bb\u00bf"))
        throw badHeader("a UTF-8 byte order mark stands before the header", line);
      throw badHeader("a line is no 'Name: value'", line);
    }
    const value = trimOptionalWhitespace(line.slice(colon + 1));
    if (!isFieldValue(value)) throw badHeader("a value holds a control character", line);
    this.#takeField(name, value);
  }

  #takeField(name: string, value: string): void {
    const lower = name.toLowerCase();
    if (lower === "status") return this.#takeStatus(value);
    // The framing is ours; a script that sends chunks would end, or split, the response.
    if (lower === "transfer-encoding") throw badHeader("it has a Transfer-Encoding", value);
    if (DROPPED.test(lower)) return;
    if (lower === "content-length" || lower === "content-type" || lower === "location") {
      const before = this.#single.get(lower);
      // "The script MUST NOT provide more than one" of these; the same twice harms nobody.
      if (before !== undefined && before !== value)
        throw badHeader(`it has two different ${name} fields`, value);
      if (before !== undefined) return;
      this.#single.set(lower, value);
      if (lower === "content-length") {
        if (parseContentLength(value) === undefined)
          throw badHeader("its Content-Length is no number", value);
        return;
      }
    }
    this.#fields.push([name, value]);
  }

  // Status = "Status:" status-code SP reason-phrase NL; the reason is often left out.
  #takeStatus(value: string): void {
    const match = /^(\d{3})(?:[ \t]+(.*))?$/.exec(value);
    const code = Number(match?.[1]);
    // 100 is ours to say, when the script is accepted; 101 would hand over the connection (RFC 9110 §15.2).
    if (match === null || code < 102 || code > 599)
      throw badHeader("its status is not one of 102 to 599", value);
    const reason = match[2] ?? "";
    if (!isFieldValue(reason)) throw badHeader("its reason phrase holds a control character", value);
    if (this.#status !== undefined && this.#status.code !== code)
      throw badHeader("it has two different Status fields", value);
    this.#status ??= { code, reason: reason === "" ? undefined : reason };
  }

  #finish(): ScriptHeader {
    const location = this.#single.get("location");
    const contentType = this.#single.get("content-type");
    // "The response […] MUST contain at least one CGI-Field": a blank line in front, or something
    // that only looks like fields.
    if (this.#status === undefined && location === undefined && contentType === undefined) {
      throw badHeader(
        "it has none of Content-Type, Status and Location",
        this.#fields.map(([name]) => name).join(", "),
      );
    }
    const length = this.#single.get("content-length");
    const contentLength = length === undefined ? undefined : parseContentLength(length);
    return { status: this.#status, location, contentType, contentLength, fields: this.#fields };
  }
}

function badHeader(what: string, text: string): CGIError {
  const visible = makeVisible(text);
  return new CGIError(
    "ERR_CGI_BAD_HEADER",
    visible === "" ? what : `${what}: '${visible.length > 100 ? `${visible.slice(0, 100)}...` : visible}'`,
  );
}
