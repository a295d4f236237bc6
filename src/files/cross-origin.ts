// What pages of other origins may do here: the fields of CORS (Fetch standard §3.3).

import type { HTTPMessage } from "../http1/http-message.ts";
import { isToken } from "../text/token.ts";
import { tokenList } from "../text/field-value.ts";

/** On every answer, errors and 304 included: a page that may not read one cannot even tell its status. */
export const CROSS_ORIGIN_FIELDS: readonly (readonly [name: string, value: string])[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
  // A page with `Cross-Origin-Embedder-Policy` loads nothing from elsewhere that does not say so.
  ["Cross-Origin-Resource-Policy", "cross-origin"],
];

/** Seconds that a browser may keep the answer; Firefox takes no more than a day, others two hours. */
const PREFLIGHT_TIME = "86400";

/** Whether a browser asks what a page of another origin may send. */
export function isPreflight(method: string, headers: HTTPMessage): boolean {
  return method === "OPTIONS" && headers.has("origin") && headers.has("access-control-request-method");
}

/**
 * The answer: whatever is asked for. It says nothing about the resource; a method that is not allowed there
 * is answered with 405, which the page can read then. `*` would not do: it leaves out `Authorization`.
 */
export function preflightFields(headers: HTTPMessage): (readonly [name: string, value: string])[] {
  const method = headers.get("access-control-request-method") ?? "";
  const names = tokenList(headers.get("access-control-request-headers") ?? "");
  const fields: (readonly [string, string])[] = [];
  if (isToken(method)) fields.push(["Access-Control-Allow-Methods", method]);
  if (names.length > 0 && names.every(isToken))
    fields.push(["Access-Control-Allow-Headers", names.join(", ")]);
  // A page on the internet that asks a server of this network (Private Network Access).
  if (headers.get("access-control-request-private-network") === "true") {
    fields.push(["Access-Control-Allow-Private-Network", "true"]);
  }
  fields.push(["Access-Control-Max-Age", PREFLIGHT_TIME]);
  return fields;
}
