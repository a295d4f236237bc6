// Which of the media types on offer a client likes best (RFC 9110 §12.5.1).

import { trimOptionalWhitespace } from "../text/field-value.ts";

/**
 * @param accept the Accept field; `undefined` where there is none
 * @param offers media types without parameters, the server's favourite first: it wins where the client likes several as much, and
 *   where it likes none (§12.4.1: a representation that was not asked for is better than an error)
 */
export function preferredType<Type extends string>(
  accept: string | undefined,
  offers: readonly [Type, ...Type[]],
): Type {
  let best = offers[0];
  if (accept === undefined) return best;
  // Empty members are skipped as they are, or a field of commas would take longer than all the rest of the request.
  const ranges = accept.split(",").filter(isNotEmpty).map(parseRange);
  let most = 0;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > most) [best, most] = [offer, quality];
  }
  return best;
}

interface MediaRange {
  readonly type: string;
  /** 0 to 1; 0 means "not this one". */
  readonly quality: number;
}

function isNotEmpty(member: string): boolean {
  return member !== "";
}

/** A malformed weight counts as none: nothing is gained by an error. */
function parseRange(member: string): MediaRange {
  const [type = "", ...parameters] = member
    .split(";")
    .map((part) => trimOptionalWhitespace(part).toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  // With other parameters it is a more special kind than what is on offer, such as text/html;level=1.
  const isSpecial = parameters.some((parameter) => parameter !== weight && parameter !== "charset=utf-8");
  const quality =
    weight !== undefined && /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? weight.slice(2) : 1;
  return { type: isSpecial ? "" : type, quality: Number(quality) };
}

/** The most specific range decides: `text/html`, then `text/*`, then `*\/*`. */
function qualityOf(offer: string, ranges: readonly MediaRange[]): number {
  for (const type of [offer, `${offer.slice(0, offer.indexOf("/"))}/*`, "*/*"]) {
    const range = ranges.find((each) => each.type === type);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
