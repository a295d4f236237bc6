// Which content codings a client takes, and which it likes best (RFC 9110 §12.5.3).

import { isToken } from "../text/token.ts";
import { weightedList } from "../text/weighted-list.ts";

/**
 * The codings that are sent, in the order that counts where the client likes several equally: what is
 * usually smaller comes first.
 */
export const CONTENT_CODINGS = ["br", "zstd", "gzip"] as const;

export type ContentCoding = (typeof CONTENT_CODINGS)[number];

/** Codings that are equally welcome, in the order of `CONTENT_CODINGS`. */
type EquallyWelcome = readonly ContentCoding[];

const NONE: readonly EquallyWelcome[] = [];

/**
 * What the client would rather have than the file as it is: the best first. Empty where it wants the
 * file as it is, or says nothing.
 *
 * - Without the field any coding is allowed, and none is expected: programs that cannot decode say nothing.
 * - `*` stands for all codings that are not named, `x-gzip` for `gzip` (§8.4.1.3).
 * - What is named twice has its lowest weight, and what has another parameter has the weight 0: a coding is
 *   sent only to a client that has clearly asked for it.
 * - The file as it is (`identity`) comes last, unless the client gives it a higher weight; `identity;q=0`
 *   does not exclude it, as there is nothing better to send where no coding is acceptable.
 * @param field the values of all its lines, joined
 */
export function acceptedCodings(field: string | undefined): readonly EquallyWelcome[] {
  if (field === undefined) return NONE;
  const known = remembered.get(field);
  if (known !== undefined) return known;
  const accepted = rankCodings(readWeights(field));
  // Browsers send a handful of values; without bounds, made-up ones would fill the memory.
  if (remembered.size < MOST_REMEMBERED && field.length <= LONGEST_REMEMBERED)
    remembered.set(field, accepted);
  return accepted;
}

const remembered = new Map<string, readonly EquallyWelcome[]>();
const MOST_REMEMBERED = 100;
const LONGEST_REMEMBERED = 200;

function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const { name, parameters, weight } of weightedList(field)) {
    // `*` is a token as well.
    if (!isToken(name)) continue;
    const coding = name === "x-gzip" ? "gzip" : name;
    weights.set(coding, Math.min(parameters.length === 0 ? weight : 0, weights.get(coding) ?? 1));
  }
  return weights;
}

function rankCodings(weights: ReadonlyMap<string, number>): readonly EquallyWelcome[] {
  const others = weights.get("*");
  const identity = weights.get("identity") ?? others ?? 0;
  const groups = new Map<number, ContentCoding[]>();
  for (const coding of CONTENT_CODINGS) {
    const weight = weights.get(coding) ?? others ?? 0;
    if (weight === 0 || weight < identity) continue;
    const group = groups.get(weight);
    if (group === undefined) groups.set(weight, [coding]);
    else group.push(coding);
  }
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group);
}
