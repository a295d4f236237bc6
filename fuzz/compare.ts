// All the ways in which two servers have read the same connection differently.

import type { End, SeenRequest, Verdict } from "./verdict.ts";

export type DifferenceKind =
  /** Both took the request, and read this part of it differently. */
  | "method"
  | "target"
  | "version"
  | "fields"
  | "persistence"
  | "body"
  /** Both took the head of the request, and only one found the end of its body. */
  | "only htbin completes"
  | "only the peer completes"
  /** One took the request, and the other has seen none there. */
  | "only htbin accepts"
  | "only the peer accepts"
  /** For the peer, what follows the request is another protocol. */
  | "tunnel"
  /** The same requests, and another end. */
  | "end"
  /** htbin has failed inside, whatever the peer made of it. */
  | "failure";

export interface Difference {
  readonly kind: DifferenceKind;
  /** The request in question, as each has seen it. */
  readonly ours: SeenRequest | undefined;
  readonly theirs: SeenRequest | undefined;
  /** How the connection ended for each, after the requests that it saw. */
  readonly ourEnd: End;
  readonly theirEnd: End;
}

/**
 * In the order of the connection, up to the place behind which the two need not stand at the same byte any more: what they
 * see there follows from the difference before.
 */
export function compare(htbin: Verdict, peer: Verdict): Difference[] {
  const ends = { ourEnd: htbin.end, theirEnd: peer.end };
  const found: Difference[] = [];
  const report = (kind: DifferenceKind, ours?: SeenRequest, theirs?: SeenRequest): void => {
    found.push({ kind, ours, theirs, ...ends });
  };
  if (htbin.end.kind === "failed") report("failure", htbin.requests.at(-1));
  for (let i = 0; ; i++) {
    const ours = htbin.requests[i];
    const theirs = peer.requests[i];
    if (ours === undefined || theirs === undefined) {
      if (ours !== undefined) report("only htbin accepts", ours);
      else if (theirs !== undefined) report("only the peer accepts", undefined, theirs);
      else if (htbin.end.kind !== peer.end.kind) report("end");
      return found;
    }
    const isTheirLast = i === peer.requests.length - 1;
    const isTunnel = isTheirLast && peer.end.kind === "tunnel";
    compareHeads(ours, theirs, (kind) => report(kind, ours, theirs));
    if (isTunnel) {
      report("tunnel", ours, theirs);
      return found;
    }
    if (ours.persists !== theirs.persists) report("persistence", ours, theirs);
    if (isTheirLast && peer.end.kind === "unknown") return found;
    // Of a body without its end, one may have looked at more than the other.
    const areWhole = ours.isComplete && theirs.isComplete;
    if (areWhole && ours.body !== undefined && ours.body !== theirs.body) report("body", ours, theirs);
    // Where a connection closes, a body that nobody has read is left unread.
    if (ours.body === undefined && !ours.persists) return found;
    if (ours.isComplete !== theirs.isComplete) {
      report(ours.isComplete ? "only htbin completes" : "only the peer completes", ours, theirs);
      return found;
    }
    if (ours.persists !== theirs.persists) return found;
  }
}

function compareHeads(ours: SeenRequest, theirs: SeenRequest, report: (kind: DifferenceKind) => void): void {
  if (ours.method !== theirs.method) report("method");
  if (ours.target !== theirs.target) report("target");
  if (ours.version !== theirs.version) report("version");
  if (!sameFields(ours.fields, theirs.fields)) report("fields");
}

function sameFields(ours: SeenRequest["fields"], theirs: SeenRequest["fields"]): boolean {
  return (
    ours.length === theirs.length &&
    ours.every(([name, value], i) => name === theirs[i]![0] && value === theirs[i]![1])
  );
}
