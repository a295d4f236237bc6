// Whether who sends a user name and a password is one of those who may come in (RFC 7617).

import { timingSafeEqual } from "node:crypto";
import { readCredentials } from "./credentials.ts";
import { keyedHash } from "./keyed-hash.ts";
import { PasswordFile } from "./password-file.ts";
import { type Authenticator, UNKNOWN, type PasswordVerdict } from "./password-verdict.ts";

/**
 * @param auth `user:password`, or `@` and the path of a file
 * @throws {PasswordFileError} if that file cannot be used
 * @throws {TypeError} if it is neither: a class can have set it, and would let nobody in without a word
 */
export function makeAuthenticator(auth: string): Authenticator {
  if (auth.startsWith("@")) return new PasswordFile(auth.slice(1));
  if (!/^[^:]+:./s.test(auth))
    throw new TypeError(
      "auth needs a user and a password with a colon between them, or @ and the path of a file",
    );
  return new OnePassword(auth);
}

/** The one user of the command line. */
class OnePassword implements Authenticator {
  readonly #expected: Buffer;
  readonly #known: PasswordVerdict;

  constructor(auth: string) {
    this.#expected = keyedHash(Buffer.from(auth, "utf8"));
    this.#known = { kind: "known", user: auth.slice(0, auth.indexOf(":")) };
  }

  check(authorization: string | undefined): PasswordVerdict {
    const credentials = readCredentials(authorization);
    if (credentials === undefined) return UNKNOWN;
    // Name and password as one, in a time that depends on neither: a name has no colon, so
    // nothing else has the same bytes.
    return timingSafeEqual(keyedHash(credentials.bytes), this.#expected) ? this.#known : UNKNOWN;
  }
}
