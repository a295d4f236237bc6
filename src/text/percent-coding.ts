// Percent-coding of paths and the UTF-8 beneath it (RFC 3986 §2.1, §2.5).

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes a path once: `%41` → `A`, and the bytes as UTF-8. The text holds one character per byte, as it stood on the wire.
 * `undefined` where an escape is malformed (`%zz`, a lone `%`) or the bytes are not UTF-8: no name can be made of that.
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
  try {
    return decoder.decode(bytes.subarray(0, length));
  } catch {
    return undefined;
  }
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

/** One segment of a path for use in a link: all but the unreserved characters encoded, so `/`, `?`, `#`, `%` too. */
export function percentEncodeSegment(segment: string): string {
  // encodeURIComponent leaves these five; a quote in a link would end an attribute in careless HTML. It throws at half a
  // surrogate pair, which names on Windows can hold.
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\ufffd")).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
