// Lists in which a client says how much it likes each member: Accept, Accept-Encoding (RFC 9110 §12.4.2).

import { trimOptionalWhitespace } from "./field-value.ts";

export interface WeightedMember {
  /** In lower case: all such names are case-insensitive. Not checked: it may be no token, or empty. */
  readonly name: string;
  /**
   * Its parameters but for the weight, in lower case: `level=1`. Empty ones are here, too: those of a media
   * type say nothing (RFC 9110 §5.6.6), and a coding can have none at all (§12.5.3).
   */
  readonly parameters: readonly string[];
  /** 0 to 1: 1 where none is given, 0 for "not this one". */
  readonly weight: number;
}

/** `0` to `1` with at most three digits behind the point. */
const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * The members of a list with weights, in their order. One with a malformed weight, or with two, has the
 * weight 0: something is chosen only for a client that has clearly asked for it.
 * @param value the values of all lines of the field, joined
 */
export function weightedList(value: string): WeightedMember[] {
  const members: WeightedMember[] = [];
  for (const member of value.toLowerCase().split(",")) {
    // Skipped as it is: a field of commas would take longer than all the rest of the request.
    if (member !== "") members.push(readMember(member));
  }
  return members;
}

function readMember(member: string): WeightedMember {
  const [name = "", ...all] = member.split(";").map(trimOptionalWhitespace);
  const weights = all.filter(isWeight);
  return { name, parameters: all.filter((parameter) => !isWeight(parameter)), weight: readWeight(weights) };
}

function isWeight(parameter: string): boolean {
  return parameter.startsWith("q=");
}

function readWeight(weights: readonly string[]): number {
  if (weights.length === 0) return 1;
  return weights.length === 1 ? Number(WEIGHT.exec(weights[0]!)?.[1] ?? 0) : 0;
}
