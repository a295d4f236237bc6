// The user name and the password of a request (RFC 7617 §2).

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Both, with the colon between them, as they were sent. */
  readonly bytes: Uint8Array;
}

/** Names and passwords are short; a long one would only keep the one busy who hashes it. */
const LONGEST = 1024;

// credentials = "Basic" 1*SP token68
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `undefined` for another scheme, and for what is no UTF-8, though the challenge asks for it. */
export function readCredentials(authorization: string | undefined): Credentials | undefined {
  const match = BASIC.exec(authorization ?? "");
  if (match === null || match[1]!.length > LONGEST * 2) return undefined;
  const bytes = Buffer.from(match[1]!, "base64");
  const colon = bytes.indexOf(0x3a);
  // A name in the log is one line; a NUL would end a password early for what is written in C.
  if (colon === -1 || bytes.length > LONGEST || bytes.some((byte) => byte < 0x20 || byte === 0x7f))
    return undefined;
  try {
    return {
      user: decoder.decode(bytes.subarray(0, colon)),
      password: decoder.decode(bytes.subarray(colon + 1)),
      bytes,
    };
  } catch {
    return undefined;
  }
}
