// Case number N of a run: made from the seed and N alone, so that it can be made again.

import { makeRequests } from "./grammar.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Case } from "./verdict.ts";

/** @param seeds inputs to begin from, besides what the grammar makes */
export function makeCase(seed: number, index: number, seeds: readonly string[]): Case {
  const random = new Random(seed, index);
  const base = (): string => (random.chance(1, 3) ? random.pick(seeds) : makeRequests(random));
  let text = base();
  if (random.chance(3, 4)) text = mutate(random, text, base);
  return {
    text,
    cuts: makeCuts(random, text.length),
    isSlow: random.chance(1, 8),
    readsBody: !random.chance(1, 8),
  };
}

/** Half of the inputs come whole, most others in a few pieces, some byte by byte. */
function makeCuts(random: Random, length: number): number[] {
  if (length < 2 || random.chance(1, 2)) return [];
  if (length <= 512 && random.chance(1, 10)) return Array.from({ length: length - 1 }, (_, i) => i + 1);
  const cuts = new Set<number>();
  for (let count = 1 + random.below(4); count > 0; count--) cuts.add(1 + random.below(length - 1));
  return [...cuts].sort((a, b) => a - b);
}
