// Percent-coding of paths and the UTF-8 beneath it (RFC 3986 §2.1, §2.5).

import { textOfName } from "./name-bytes.ts";

/**
 * Decodes a path once: `%41` → `A`, and the bytes as UTF-8. The text holds one character per byte, as it
 * stood on the wire. Bytes that are not UTF-8 become what `textOfName` makes of them. `undefined` where an
 * escape is malformed (`%zz`, a lone `%`).
 */
export function percentDecode(text: string): string | undefined {
  if (isPlain(text)) return text;
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code === 0x25) {
      const high = hexDigit(text.charCodeAt(i + 1));
      const low = hexDigit(text.charCodeAt(i + 2));
      if (high === -1 || low === -1) return undefined;
      code = high * 16 + low;
      i += 2;
    }
    bytes[length++] = code;
  }
  return textOfName(bytes.subarray(0, length));
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x25 || code > 0x7e) return false;
  }
  return true;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * One segment of a path for use in a link: all but the unreserved characters encoded, so `/`, `?`, `#`, `%`
 * too. A name that is not UTF-8 is encoded byte by byte: its link leads to that very file.
 */
export function percentEncodeSegment(segment: string): string {
  if (segment.isWellFormed()) return encode(segment);
  // The bytes of names, and half a surrogate pair, which names on Windows can hold and no UTF-8 can.
  return segment
    .split(/(\p{Surrogate}+)/u)
    .map((piece, index) => (index % 2 === 0 ? encode(piece) : encodeSurrogates(piece)))
    .join("");
}

/**
 * A target of the wire, one character per byte, as a Location may have it: bytes that are not ASCII are
 * encoded, and a backslash, which browsers take for a slash.
 */
export function percentEncodeBytes(target: string): string {
  return target.replace(/[\\\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A path that has been decoded, for use in a link: its slashes stay. */
export function percentEncodePath(path: string): string {
  return path.split("/").map(percentEncodeSegment).join("/");
}

function encode(text: string): string {
  // encodeURIComponent leaves these five; a quote in a link would end an attribute in careless HTML.
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function encodeSurrogates(run: string): string {
  let encoded = "";
  for (let i = 0; i < run.length; i++) {
    const code = run.charCodeAt(i);
    const isByte = code >= 0xdc80 && code <= 0xdcff;
    encoded += isByte ? `%${(code - 0xdc00).toString(16).toUpperCase()}` : "%EF%BF%BD";
  }
  return encoded;
}
