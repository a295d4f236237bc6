// What a script's header asks the server to do (RFC 3875 §6.2).

import { CGIError } from "../errors.ts";
import { isBodiless } from "../status.ts";
import { makeVisible } from "../text/visible.ts";
import type { ScriptHeader } from "./script-header.ts";

/** Send this head, and what follows on the script's output as the body (RFC 3875 §6.2.1, §6.2.4). */
export interface ScriptDocument {
  readonly kind: "document";
  readonly status: number;
  readonly reason: string | undefined;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What the script promised; it is held to it. */
  readonly length: number | undefined;
}

export type ScriptOutcome =
  | ScriptDocument
  /** Send the output byte for byte: the script has made all of it (RFC 3875 §5). `status` is for the log. */
  | { readonly kind: "raw"; readonly status: number }
  /** Send the client elsewhere, with a short page of our own (RFC 3875 §6.2.3). */
  | { readonly kind: "clientRedirect"; readonly location: string }
  /** Answer as if this path had been asked for with GET (RFC 3875 §6.2.2). */
  | { readonly kind: "localRedirect"; readonly target: string };

/** @throws {CGIError} for a Location that leads to another host where it looks like a path here */
export function decideOutcome(header: ScriptHeader): ScriptOutcome {
  const { status, contentType, contentLength } = header;
  // WordPress answers 201 with one where the address of what was made is not known.
  const isIdle = header.location === "" && status !== undefined && !isRedirect(status.code);
  const location = isIdle ? undefined : header.location;
  const fields = isIdle ? header.fields.filter(([name]) => name.toLowerCase() !== "location") : header.fields;
  if (location === "") {
    throw new CGIError("ERR_CGI_BAD_HEADER", "its Location is empty; print where to go, or no Location");
  }
  // "The script MUST NOT return any other header fields or a message-body" with a
  // redirect: only then it is one.
  const isAlone = status === undefined && contentLength === undefined && fields.length === 1;
  if (location !== undefined && isAlone) {
    if (isForeignPath(location)) {
      throw new CGIError(
        "ERR_CGI_BAD_HEADER",
        `its Location, '${makeVisible(location)}', looks like a path and leads to another host; print a whole URL for that, or a path with one slash in front`,
      );
    }
    if (isLocalTarget(location)) return { kind: "localRedirect", target: location };
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

function isRedirect(code: number): boolean {
  return code >= 300 && code < 400;
}

/**
 * local-Location = "Location:" local-pathquery NL. The client must see a fragment itself, and
 * a character that no URL has.
 */
function isLocalTarget(location: string): boolean {
  return /^\/[^\u0000-\u0020\u007f#\\]*$/.test(location);
}

/**
 * Browsers take `//host`, `/\host` and `/<TAB>/host` for another host, where a script that
 * prints what it was sent meant a path here. With a Status or another field the redirect is the
 * script's own, and goes out as it is.
 */
function isForeignPath(location: string): boolean {
  return /^[/\\]{2}/.test(location.replace(/[\t\r\n]/g, ""));
}

function hasField(fields: readonly (readonly [name: string, value: string])[], lowerName: string): boolean {
  return fields.some(([name]) => name.toLowerCase() === lowerName);
}
