// File names as text, and back to the very bytes: on Unix a name is bytes, and nobody
// promises that they are UTF-8.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a name. A byte that belongs to no UTF-8 stands there as the lone surrogate U+DC80 to
 * U+DCFF, as in Python (`surrogateescape`, PEP 383): no UTF-8 decodes to that, so each name has one
 * text and each text one name.
 */
export function textOfName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return escapedText(bytes);
  }
}

/** The bytes of a name that `textOfName` has made text of. */
export function bytesOfName(text: string): Buffer {
  // No code unit is more than three bytes.
  const bytes = Buffer.allocUnsafe(3 * text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    if (code < 0x80) bytes[length++] = code;
    // A second half of a pair never comes here: the pair was one character.
    else if (code >= 0xdc80 && code <= 0xdcff) bytes[length++] = code - 0xdc00;
    else {
      const character = String.fromCodePoint(code);
      length += bytes.write(character, length, "utf8");
      at += character.length - 1;
    }
  }
  return bytes.subarray(0, length);
}

/** One pass: a decoder called for each piece between two such bytes takes 0.1 s for 64 KiB of them. */
function escapedText(bytes: Uint8Array): string {
  // No byte is more than one code unit of UTF-16.
  const units = Buffer.allocUnsafe(2 * bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const count = sequenceLength(bytes, at);
    if (count <= 1) {
      length = units.writeUInt16LE(count === 0 ? 0xdc00 + bytes[at]! : bytes[at]!, length);
      at++;
      continue;
    }
    length += units.write(decoder.decode(bytes.subarray(at, at + count)), length, "utf16le");
    at += count;
  }
  return units.toString("utf16le", 0, length);
}

/**
 * How many bytes the character that begins here has; 0 if none does (RFC 3629 §4). A decoder would throw for
 * each byte that begins none: a client can send 64 KiB of them, and all others would wait for a second.
 */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // Neither longer than need be, nor half of a surrogate pair, nor beyond the last character.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (!isWithin(bytes[at + 1], lowest, highest)) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (!isWithin(bytes[next], 0x80, 0xbf)) return 0;
  }
  return length;
}

function isWithin(byte: number | undefined, lowest: number, highest: number): boolean {
  return byte !== undefined && byte >= lowest && byte <= highest;
}
