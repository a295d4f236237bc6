// What can be sent for a resource, with all that decides how (RFC 9110 §3.2, §8).

import type { Content } from "./file-content.ts";

/** What a client may name to say which bytes it has (RFC 9110 §8.8). */
export interface Validators {
  /** With its quotes: `"x"`, or `W/"x"` where other bytes could have the same. */
  readonly entityTag: string;
  /** The bytes were changed a moment ago, and may change again unseen: this tag matches nothing. */
  readonly isProvisional: boolean;
  /** Milliseconds since the epoch, in whole seconds; `undefined` if there is no date. */
  readonly lastModified: number | undefined;
}

/** What the decision on a transfer needs to know of a representation; no bytes, no files. */
export interface Selected {
  readonly validators: Validators;
  /** Bytes, as they are sent: of a compressed variant, its own. */
  readonly size: number;
  /** `gzip`, `br` …: the Content-Encoding; `undefined` for bytes as they are. */
  readonly contentCoding: string | undefined;
}

/** Bytes and what is said about them. Whoever has it closes `content` in the end. */
export interface Representation extends Selected {
  /** The Content-Type. */
  readonly mediaType: string;
  /** Another client may get other bytes: `Vary` says so. */
  readonly isNegotiated: boolean;
  readonly content: Content;
}
