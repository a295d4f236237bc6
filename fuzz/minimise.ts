// Makes an input as small as it can be without losing what it shows (delta debugging).

import type { Case } from "./verdict.ts";

/** @param shows whether an input still shows it; called with smaller and smaller ones */
export async function minimise(input: Case, shows: (input: Case) => Promise<boolean>): Promise<Case> {
  let best = input;
  const attempt = async (candidate: Case): Promise<boolean> => {
    const isSmaller = await shows(candidate);
    if (isSmaller) best = candidate;
    return isSmaller;
  };
  // How the bytes come matters rarely: then it need not be told.
  if (!(await attempt({ ...best, cuts: [], isSlow: false, readsBody: true }))) {
    await attempt({ ...best, isSlow: false });
    await attempt({ ...best, cuts: [] });
    await attempt({ ...best, readsBody: true });
  }
  await removeLines();
  let hasShrunk = true;
  while (hasShrunk) {
    hasShrunk = false;
    for (let size = Math.ceil(best.text.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let start = 0; start < best.text.length;) {
        if (await attempt(without(best, start, size))) hasShrunk = true;
        else start += size;
      }
    }
  }
  return best;

  /** Runs of lines first: a whole request in front goes in no other way. */
  async function removeLines(): Promise<void> {
    for (let count = Math.min(MOST_LINES, linesOf(best).length); count >= 1; count--) {
      for (let first = 0; first + count <= linesOf(best).length;) {
        const lines = linesOf(best);
        const start = lines.slice(0, first).join("").length;
        const size = lines.slice(first, first + count).join("").length;
        if (!(await attempt(without(best, start, size)))) first++;
      }
    }
  }
}

/** Longest run of lines to remove at once. */
const MOST_LINES = 24;

function linesOf({ text }: Case): string[] {
  return text.split(/(?<=\n)/);
}

function without(input: Case, start: number, size: number): Case {
  const cuts = new Set(input.cuts.map((cut) => (cut <= start ? cut : Math.max(start, cut - size))));
  return { ...input, text: input.text.slice(0, start) + input.text.slice(start + size), cuts: [...cuts] };
}
