// Field lines, from the first one to the empty line behind the last (RFC 9112 §5).

import { HTTPRequestError } from "../errors.ts";
import { IS_TOKEN_CHAR } from "../text/token.ts";

export interface FieldLimits {
  /** Longest field line, in bytes, without its CRLF. */
  readonly field: number;
  /** Most field lines in one section. */
  readonly fields: number;
}

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;
const DEL = 0x7f;

/**
 * Reads field lines up to and with the empty line that ends the section, in one pass over the characters.
 *
 * Nothing is repaired: a bare CR or LF, a folded line, a blank before the colon are each
 * read in two ways by two servers.
 *
 * @param text one character per byte
 * @param start where the first field line begins
 * @param fields receives name, value, name, value …
 * @returns where the section ends in the text, or `undefined` when the text ends before it
 * @throws {HTTPRequestError} 400 for what is no field line, 431 for too long a line or too many
 */
export function parseFieldLines(
  text: string,
  start: number,
  fields: string[],
  limits: FieldLimits,
): number | undefined {
  const length = text.length;
  let at = start;
  for (;;) {
    if (at >= length) return undefined;
    const first = text.charCodeAt(at);
    if (first === CR) {
      if (at + 1 >= length) return undefined;
      if (text.charCodeAt(at + 1) !== LF) throw new HTTPRequestError(400, "Bare CR in header");
      return at + 2;
    }
    if (fields.length >= 2 * limits.fields) throw new HTTPRequestError(431, "Too many headers");
    // obs-fold: "MUST either reject the message … or replace" (§5.2); white space
    // before the first field: §2.2.
    if (first === SP || first === HTAB) throw new HTTPRequestError(400, "Folded header line");

    // field-line = field-name ":" OWS field-value OWS
    const lineStart = at;
    while (at < length && IS_TOKEN_CHAR[text.charCodeAt(at)] === 1) at++;
    if (at - lineStart > limits.field) throw new HTTPRequestError(431, "Line too long");
    if (at >= length) return undefined;
    // "No whitespace is allowed between the field name and colon" (§5.1).
    if (text.charCodeAt(at) !== COLON || at === lineStart) throw new HTTPRequestError(400, "Bad header line");
    const nameEnd = at++;

    while (at < length && isBlank(text.charCodeAt(at))) at++;
    const valueStart = at;
    let valueEnd = at;
    let code = 0;
    for (; at < length; at++) {
      code = text.charCodeAt(at);
      if (code > SP) {
        if (code === DEL) throw new HTTPRequestError(400, "Control character in header");
        valueEnd = at + 1;
      } else if (code !== SP && code !== HTAB) break;
    }
    if (at - lineStart > limits.field) throw new HTTPRequestError(431, "Line too long");
    if (at >= length) return undefined;
    if (code !== CR)
      throw new HTTPRequestError(400, code === LF ? "Bare LF in header" : "Control character in header");
    if (at + 1 >= length) return undefined;
    if (text.charCodeAt(at + 1) !== LF) throw new HTTPRequestError(400, "Bare CR in header");

    fields.push(text.slice(lineStart, nameEnd), text.slice(valueStart, valueEnd));
    at += 2;
  }
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}
