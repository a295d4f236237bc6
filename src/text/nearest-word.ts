// Which known word a mistyped one was meant to be.

/** The known word that the beginning or at most two slips of a finger separate from `word`. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const completed = known.filter((candidate) => word.length >= 2 && candidate.startsWith(word));
  if (completed.length === 1) return completed[0];
  // Half of a short word changed is another word.
  const limit = word.length <= 4 ? 1 : 2;
  let nearest: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    const distance = slips(word.toLowerCase(), candidate);
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Letters added, left out, changed, or swapped with their neighbour (optimal string alignment distance). */
function slips(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(changed, at(last, j) + 1, at(row, j - 1) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
