// What is not there of a path that leads to nothing, and which name beside it may be meant.
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { shownPath } from "./shown-path.ts";

/** One clause; `undefined` if all of the path is there. */
export function describeMissing(file: string): string | undefined {
  const missing = firstMissing(file);
  if (missing === undefined) return undefined;
  const name = basename(missing);
  const folder = dirname(missing);
  const other = namesIn(folder).find((each) => each.toLowerCase() === name.toLowerCase());
  const nothing = `there is no ${shownPath(missing)}`;
  return other === undefined || other === name
    ? nothing
    : `${nothing}, but ${shownPath(join(folder, other))}`;
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
