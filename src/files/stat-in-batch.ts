// What the system says of a file now; asked once for all requests that are answered together.

import { lstatSync, type Stats, statSync } from "node:fs";
import { sep } from "node:path";
import { realPath, systemName } from "./file-name.ts";
import { isBelow, isBelowRoot, rootNow } from "./open-contained.ts";

const NO_THROW = { throwIfNoEntry: false } as const;

/**
 * A question to the system whose answer holds for a batch. Blocking on purpose: an answer takes microseconds,
 * where the way through the thread pool takes 40.
 */
class BatchQuestion<Answer> {
  readonly #ask: (path: string) => Answer;
  #found = new Map<string, Answer>();
  #batch = 0;

  constructor(ask: (path: string) => Answer) {
    this.#ask = ask;
  }

  /** @param batch `Connection.batch`; 0 asks the system in any case */
  answer(path: string, batch: number): Answer {
    if (batch === 0) return this.#ask(path);
    if (batch !== this.#batch) {
      // Not `clear()`: V8 keeps the table before, which leads to the next one, and one of them that has
      // become old keeps all that follow.
      this.#found = new Map();
      this.#batch = batch;
    }
    const found = this.#found.get(path);
    // That there is nothing is an answer as well.
    if (found !== undefined || this.#found.has(path)) return found!;
    const answer = this.#ask(path);
    this.#found.set(path, answer);
    return answer;
  }
}

const followed = new BatchQuestion((path) => statSync(systemName(path), NO_THROW));
const unfollowed = new BatchQuestion((path) => lstatSync(systemName(path), NO_THROW));
const real = new BatchQuestion(realPath);

/**
 * @param batch `Connection.batch`; 0 asks the system in any case
 * @returns `undefined` if there is no such file
 * @throws the system's error for whatever else is wrong with the path
 */
export function statInBatch(path: string, batch: number): Stats | undefined {
  return followed.answer(path, batch);
}

/** The same of a symbolic link itself, if the path ends in one. */
export function lstatInBatch(path: string, batch: number): Stats | undefined {
  return unfollowed.answer(path, batch);
}

/** Up to here a look at each directory on the way is cheaper than to have the system resolve both names. */
const MOST_LOOKS = 3;

/**
 * Whether a path lies inside the root, links followed. That there is no link on the
 * way, looked at now, proves it.
 * @throws the system's error when one of them is not there
 */
export function isInsideInBatch(path: string, root: string, batch: number): boolean {
  if (hasNoLinkBelow(path, root, batch)) return true;
  if (isBelow(real.answer(path, batch), real.answer(root, batch))) return true;
  // The root can be a link that has been turned between the two questions, or within the batch.
  const top = rootNow(root);
  return isBelowRoot(realPath(path), top);
}

/**
 * `false` where it is not known: for a link, for `..` of an override, for a long way, and on Windows,
 * where names have many spellings.
 */
function hasNoLinkBelow(path: string, root: string, batch: number): boolean {
  if (path === root) return true;
  if (sep !== "/" || !path.startsWith(root) || path.includes("/..")) return false;
  let at = root.endsWith("/") ? root.length : root.length + 1;
  if (path.charCodeAt(at - 1) !== SLASH) return false;
  for (let looks = 0; at < path.length; looks++) {
    if (looks === MOST_LOOKS) return false;
    const slash = path.indexOf("/", at);
    const end = slash === -1 ? path.length : slash;
    const stats = lstatInBatch(path.slice(0, end), batch);
    if (stats === undefined || stats.isSymbolicLink()) return false;
    at = end + 1;
  }
  return true;
}

const SLASH = 0x2f;
