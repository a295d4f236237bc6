// What may stand in a field value, and how a value that is a list is read (RFC 9110 §5.5, §5.6.1).

/**
 * Whether a value can be put on a field line: no control character but HTAB, and nothing beyond Latin-1.
 * CR, LF and NUL would let the value end its line and start another: response splitting.
 */
export function isFieldValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/** Removes the optional white space, SP and HTAB and nothing else, round a value (RFC 9110 §5.6.3). */
export function trimOptionalWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The members of a list of tokens, lower-cased; empty members are ignored (RFC 9110 §5.6.1.2). */
export function tokenList(value: string): string[] {
  return value
    .split(",")
    .map((member) => trimOptionalWhitespace(member).toLowerCase())
    .filter((member) => member !== "");
}
