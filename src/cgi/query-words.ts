// The words of a query as arguments of a script: the "isindex" searches of 1993, where they
// are asked for (RFC 3875 §4.4).

import { percentDecode } from "../text/percent-coding.ts";
import { LONGEST_WORD } from "./environment.ts";

/**
 * The arguments for a query: none unless it is a search, that is, one of GET or
 * HEAD without an unencoded `=`.
 *
 * "If the server cannot create any part of the command line […] then it MUST NOT generate any command line":
 * one bad word leaves out all. So does a word with a hyphen in front, which programs take for an option
 * (CVE-2012-1823). No shell comes between, so that nothing has to be escaped.
 */
export function queryArguments(method: string, query: string): string[] {
  if ((method !== "GET" && method !== "HEAD") || query === "" || query.includes("=")) return [];
  const words = query.split("+").map(percentDecode);
  return words.every(isArgument) ? words : [];
}

function isArgument(word: string | undefined): word is string {
  return (
    word !== undefined &&
    !/[\0\p{Surrogate}]/u.test(word) &&
    !word.startsWith("-") &&
    Buffer.byteLength(word) <= LONGEST_WORD
  );
}
