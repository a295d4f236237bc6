// Status line and field lines of a response, written so that nothing can split them (RFC 9112 §4, §5).

import { isFieldValue } from "../text/field-value.ts";
import { isToken } from "../text/token.ts";

/** status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF: the second SP stays without a reason. */
export function statusLine(version: string, status: number, reason: string): string {
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new RangeError(`A status code has three digits: ${String(status)}`);
  }
  if (!isFieldValue(reason))
    throw new TypeError(`Invalid character in reason phrase: ${JSON.stringify(reason)}`);
  return `${version} ${status} ${reason}\r\n`;
}

/** @throws {TypeError} for a name that is no token or a value that would not stay on its line */
export function fieldLine(name: string, value: string): string {
  if (!isToken(name)) throw new TypeError(`Invalid field name: ${JSON.stringify(name)}`);
  if (!isFieldValue(value))
    throw new TypeError(`Invalid character in field ${name}: ${JSON.stringify(value)}`);
  return `${name}: ${value}\r\n`;
}
