// File names as text, and back to the very bytes: on Unix a name is bytes, and nobody promises that they are UTF-8.

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of a name. A byte that belongs to no UTF-8 stands there as the lone surrogate U+DC80 to U+DCFF, as in Python
 * (`surrogateescape`, PEP 383): no UTF-8 decodes to that, so each name has one text and each text one name.
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
  // In a pattern with `u` these are lone surrogates, and never the second half of a pair.
  const pieces = text.split(/([\u{dc80}-\u{dcff}])/u);
  return Buffer.concat(
    pieces.map((piece, index) =>
      index % 2 === 1 ? Buffer.of(piece.charCodeAt(0) - 0xdc00) : Buffer.from(piece, "utf8"),
    ),
  );
}

function escapedText(bytes: Uint8Array): string {
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + bytes[at]!)
        : decoder.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes the character that begins here has; 0 if none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length <= 1) return length;
  try {
    decoder.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
