// What is kept of a password instead of it.

import { createHmac, randomBytes } from "node:crypto";

const KEY = randomBytes(32);

/** Credentials under a key that lives as long as the process: what is kept of them tells nothing. */
export function keyedHash(credentials: Uint8Array): Buffer {
  return createHmac("sha256", KEY).update(credentials).digest();
}
