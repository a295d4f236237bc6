import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { clientPersists } from "../../src/http1/persistence.ts";

const CASES: [minor: number, connection: string | undefined, persists: boolean, rule: string][] = [
  [1, undefined, true, "HTTP/1.1 persists by default"],
  [2, undefined, true, "a higher minor version is like HTTP/1.1 (RFC 9110 §6.2)"],
  [0, undefined, false, "HTTP/1.0 does not persist by default"],
  [0, "keep-alive", true, "HTTP/1.0 persists when asked to"],
  [0, "Keep-Alive", true, "options are case-insensitive (RFC 9110 §7.6.1)"],
  [1, "keep-alive", true, "HTTP/1.1 may say keep-alive, too"],
  [1, "close", false, "close closes"],
  [1, "CLOSE", false, "close closes in any case"],
  [0, "close", false, "close closes HTTP/1.0"],
  [1, "keep-alive, close", false, "close beats keep-alive"],
  [0, "close, keep-alive", false, "close beats keep-alive in HTTP/1.0, wherever it stands"],
  [1, "TE ,\tclose\t, Upgrade", false, "close is a member of a list with white space"],
  [1, ",,close,,", false, "empty members are ignored (RFC 9110 §5.6.1.2)"],
  [1, "closed", true, "an option that begins with close is another"],
  [1, "not-close", true, "an option that ends in close is another"],
  [1, '"close"', true, "a quoted string is no option"],
  [0, "x-keep-alive", false, "an option that ends in keep-alive is another"],
  [1, "", true, "an empty list says nothing"],
  [0, "Upgrade", false, "other options say nothing"],
];

describe("clientPersists (RFC 9112 §9.3)", () => {
  for (const [minor, connection, persists, rule] of CASES) {
    it(`HTTP/1.${minor} with ${connection === undefined ? "no Connection" : `"${connection}"`}: ${rule}`, () => {
      assert.equal(clientPersists(minor, connection), persists);
    });
  }
});
