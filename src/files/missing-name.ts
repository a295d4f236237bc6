// What is not there of a path that leads to nothing, and which name beside it may be meant.
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { nearestWord } from "../text/nearest-word.ts";

/** One clause, with whatever characters the names hold; `undefined` if all of the path is there. */
export function describeMissing(file: string): string | undefined {
  const missing = firstMissing(file);
  if (missing === undefined) return undefined;
  const name = basename(missing);
  const folder = dirname(missing);
  const other = meantName(name, namesIn(folder));
  const nothing = `there is no ${missing}`;
  return other === undefined ? nothing : `${nothing}, but ${join(folder, other)}`;
}

/**
 * What differs in the case of its letters, has one ending more (`hello.py.txt`), or is a slip of a finger
 * away.
 */
function meantName(name: string, others: readonly string[]): string | undefined {
  const shown = others.filter((each) => !each.startsWith("."));
  return (
    shown.find((each) => each.toLowerCase() === name.toLowerCase()) ??
    shown.find((each) => each.startsWith(`${name}.`)) ??
    nearestWord(name, shown)
  );
}

function firstMissing(file: string): string | undefined {
  const isThere = (path: string): boolean => {
    try {
      return statSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch {
      // A name too long, or a way through a file: not there, either.
      return false;
    }
  };
  if (isThere(file)) return undefined;
  let missing = file;
  while (dirname(missing) !== missing && !isThere(dirname(missing))) missing = dirname(missing);
  return missing;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
