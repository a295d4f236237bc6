// Whether the connection can carry another request after this one (RFC 9112 §9.3).

import { tokenList } from "../text/field-value.ts";

/**
 * @param minor the minor version of the request: HTTP/1.1 and later persist unless told
 * otherwise, HTTP/1.0 only if asked to
 * @param connection all Connection fields as one list value
 */
export function clientPersists(minor: number, connection: string | undefined): boolean {
  if (connection === undefined) return minor >= 1;
  const options = tokenList(connection);
  if (options.includes("close")) return false;
  return minor >= 1 || options.includes("keep-alive");
}
