// What checks passwords, made once for each `auth`, and loaded only where one is asked for:
// Node's cryptography comes with it.

import type { Authenticator } from "./password-verdict.ts";

const authenticators = new Map<string, Authenticator>();

/** The one that `loadAuthenticator` has made. */
export function authenticatorFor(auth: string): Authenticator | undefined {
  return authenticators.get(auth);
}

/** @throws {PasswordFileError} or the system's error, if the file of passwords cannot be used */
export async function loadAuthenticator(auth: string): Promise<void> {
  const { makeAuthenticator } = await import("./authenticator.ts");
  if (!authenticators.has(auth)) authenticators.set(auth, makeAuthenticator(auth));
}
