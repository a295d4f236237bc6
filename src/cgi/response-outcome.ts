// What a script's header asks the server to do (RFC 3875 §6.2).

import { isBodiless } from "../status.ts";
import type { ScriptHeader } from "./script-header.ts";

export type ScriptOutcome =
  /** Send this head, and what follows on the script's output as the body (RFC 3875 §6.2.1, §6.2.4). */
  | {
      readonly kind: "document";
      readonly status: number;
      readonly reason: string | undefined;
      readonly fields: readonly (readonly [name: string, value: string])[];
      /** What the script promised; it is held to it. */
      readonly length: number | undefined;
    }
  /** Send the client elsewhere, with a short page of our own (RFC 3875 §6.2.3). */
  | { readonly kind: "clientRedirect"; readonly location: string }
  /** Answer as if this path had been asked for with GET (RFC 3875 §6.2.2). */
  | { readonly kind: "localRedirect"; readonly target: string };

export function decideOutcome(header: ScriptHeader): ScriptOutcome {
  const { status, location, contentType, contentLength, fields } = header;
  // "The script MUST NOT return any other header fields or a message-body" with a redirect: only then it is one.
  const isAlone = status === undefined && contentLength === undefined && fields.length === 1;
  if (location !== undefined && isAlone) {
    if (isLocalTarget(location)) return { kind: "localRedirect", target: location.replace(/^\/+/, "/") };
    return { kind: "clientRedirect", location };
  }
  const code = status?.code ?? (location === undefined ? 200 : 302);
  const guarded: (readonly [string, string])[] = [...fields];
  // Without a type a browser guesses, and may take what somebody uploaded for a page of this site.
  if (contentType === undefined && !isBodiless(code) && !hasField(fields, "x-content-type-options")) {
    guarded.push(["X-Content-Type-Options", "nosniff"]);
  }
  return { kind: "document", status: code, reason: status?.reason, fields: guarded, length: contentLength };
}

/**
 * local-Location = "Location:" local-pathquery NL. `//host` is such a path by the grammar, and stays on this server; the
 * client must see a fragment itself, and Windows' browsers take `/\host` for `//host`.
 */
function isLocalTarget(location: string): boolean {
  return /^\/[^\u0000-\u0020\u007f#\\]*$/.test(location);
}

function hasField(fields: readonly (readonly [name: string, value: string])[], lowerName: string): boolean {
  return fields.some(([name]) => name.toLowerCase() === lowerName);
}
