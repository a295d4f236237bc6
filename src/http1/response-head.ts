// Status line and field lines of a response, written so that nothing can split them (RFC 9112 §4, §5).

import { isFieldValue } from "../text/field-value.ts";
import { isToken } from "../text/token.ts";

/** The status line that was written last: nearly always the next one, too. */
let lastStatus = { version: "", status: 0, reason: "", line: "" };

/** status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF: the second SP always stays. */
export function statusLine(version: string, status: number, reason: string): string {
  const last = lastStatus;
  if (last.status === status && last.reason === reason && last.version === version) return last.line;
  // "A server MUST NOT send a version to which it is not conformant" (RFC 9110 §6.2).
  if (version !== "HTTP/1.1" && version !== "HTTP/1.0") {
    throw new RangeError(`protocolVersion is HTTP/1.0 or HTTP/1.1: ${JSON.stringify(version)}`);
  }
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new RangeError(`A status code is a number of three digits, not ${typeof status} ${String(status)}`);
  }
  if (!isFieldValue(reason))
    throw new TypeError(`Invalid character in reason phrase: ${JSON.stringify(reason)}`);
  const line = `${version} ${status} ${reason}\r\n`;
  lastStatus = { version, status, reason, line };
  return line;
}

interface WrittenLine {
  readonly name: string;
  readonly value: string;
  readonly line: string;
}

/**
 * Lines that were written lately, each in the place that its lengths give: the heads of a server are made of
 * the same few lines, and a line that was checked once need not be checked and put together again. Bounded,
 * since values can come from clients.
 */
const written: (WrittenLine | undefined)[] = Array.from({ length: 256 });
const LONGEST_KEPT = 200;

/** @throws {TypeError} for a name that is no token or a value that would not stay on its line */
export function fieldLine(name: string, value: string): string {
  const place = (name.length * 37 + value.length * 5 + value.charCodeAt(value.length - 1)) & 0xff;
  const kept = written[place];
  if (kept !== undefined && kept.value === value && kept.name === name) return kept.line;

  if (!isToken(name)) throw new TypeError(`Invalid field name: ${JSON.stringify(name)}`);
  if (!isFieldValue(value))
    throw new TypeError(`Invalid character in field ${name}: ${JSON.stringify(value)}`);
  const line = `${name}: ${value}\r\n`;
  if (line.length <= LONGEST_KEPT) written[place] = { name, value, line };
  return line;
}

/** A text as a reason phrase, which goes out as Latin-1: what does not fit is replaced. */
export function reasonPhrase(text: string): string {
  return text.replace(/[^\t\x20-\x7e\xa0-\xff]/g, "?");
}
