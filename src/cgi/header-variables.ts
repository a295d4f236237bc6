// Which fields of a request a script sees, under which names, and as which text: HTTP_* (RFC 3875 §4.1.18).

import { isUtf8 } from "node:buffer";

import { DEALT_WITH } from "../http1/dealt-with.ts";

/**
 * Never passed on. Each has its reason:
 * - what is a variable of its own: Content-Length, Content-Type;
 * - what the server has dealt with: hop-by-hop fields, and Expect (a script that sees it sends its own 100);
 * - what is secret and was not asked for: Authorization, Proxy-Authorization;
 * - what means something else as a variable: Proxy (HTTP_PROXY sends a script's own requests
 *   through the client: httpoxy, CVE-2016-5385) and Redirect-Status (php-cgi's proof that a
 *   server started it: CVE-2024-8927).
 */
const WITHHELD: ReadonlySet<string> = new Set([
  ...DEALT_WITH,
  "content-length",
  "content-type",
  "http2-settings",
  "authorization",
  "proxy-authorization",
  "proxy-authenticate",
  "proxy",
  "redirect-status",
]);

/**
 * One variable per field name; values of repeated fields are joined in their order.
 * @param passesAuthorization whether scripts check passwords themselves
 * @param variables what they are added to; holds none of that name
 */
export function headerVariables(
  fields: Iterable<readonly [name: string, value: string]>,
  passesAuthorization = false,
  variables = new Map<string, string>(),
): Map<string, string> {
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    // Letters, digits and hyphens only: `X_Real_IP` would pass for `X-Real-IP`, which
    // a proxy in front has checked.
    const isWithheld = WITHHELD.has(lower) && !(passesAuthorization && lower === "authorization");
    if (isWithheld || !/^[a-z0-9-]+$/.test(lower)) continue;
    const variable = `HTTP_${lower.replaceAll("-", "_").toUpperCase()}`;
    const before = variables.get(variable);
    const text = textOfBytes(value);
    // Cookie is no list: a comma would end up inside a cookie's value (RFC 6265 §5.4).
    variables.set(variable, before === undefined ? text : before + (lower === "cookie" ? "; " : ", ") + text);
  }
  return variables;
}

/**
 * Text of the wire holds one character per byte, and Node writes environments in UTF-8: without
 * this `é`, two bytes on the wire, would reach the script as four. Bytes that are not UTF-8 are
 * taken for the Latin-1 they once were.
 */
export function textOfBytes(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}
