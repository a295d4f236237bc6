// Which of the media types on offer a client likes best (RFC 9110 §12.5.1).

import { type WeightedMember, weightedList } from "../text/weighted-list.ts";

/**
 * @param accept the Accept field; `undefined` where there is none
 * @param offers media types without parameters, the server's favourite first: it wins where the
 * client likes several as much, and
 *   where it likes none (§12.4.1: a representation that was not asked for is better than an error)
 */
export function preferredType<Type extends string>(
  accept: string | undefined,
  offers: readonly [Type, ...Type[]],
): Type {
  let best = offers[0];
  if (accept === undefined) return best;
  const ranges = weightedList(accept).filter(isPlain);
  let most = 0;
  for (const offer of offers) {
    const weight = weightOf(offer, ranges);
    if (weight > most) [best, most] = [offer, weight];
  }
  return best;
}

/** The parameter that the offers have; "quoted-string" and token mean the same (RFC 9110 §5.6.6). */
const UTF_8 = /^charset=("?)utf-8\1$/;

/** With other parameters it is a more special kind than what is on offer, such as text/html;level=1. */
function isPlain({ parameters }: WeightedMember): boolean {
  // `parameters = *( OWS ";" OWS [ parameter ] )`: an empty one is none.
  return parameters.every((parameter) => parameter === "" || UTF_8.test(parameter));
}

/** The most specific range decides: `text/html`, then `text/*`, then `*\/*`. */
function weightOf(offer: string, ranges: readonly WeightedMember[]): number {
  for (const type of [offer, `${offer.slice(0, offer.indexOf("/"))}/*`, "*/*"]) {
    const range = ranges.find((each) => each.name === type);
    if (range !== undefined) return range.weight;
  }
  return 0;
}
