// Who may use a file, judged by the modes of all that lies on the way to it.

import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/** A directory on the way to a file, or the file at its end. */
export interface WayStep {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whom the system asks for when it decides about a file. */
export interface Principal {
  readonly name: string;
  readonly uid: number;
  readonly gids: readonly number[];
}

export interface Obstacle {
  readonly path: string;
  /** `pass` is the x bit of a directory. */
  readonly lacks: "pass" | "read" | "execute";
}

/** From the root of the system down to the file, links resolved; as far as we can see. */
export function wayTo(file: string): WayStep[] {
  if (process.platform === "win32") return [];
  let path: string;
  try {
    path = realpathSync.native(file);
  } catch {
    return [];
  }
  const way: WayStep[] = [];
  for (;;) {
    const stats = statOf(path);
    if (stats !== undefined) way.unshift({ path, mode: stats.mode, uid: stats.uid, gid: stats.gid });
    const parent = dirname(path);
    if (parent === path) return way;
    path = parent;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const BITS = { read: 4, execute: 1, pass: 1 } as const;

/**
 * The first step that somebody may not take; `undefined` if the modes allow all of them. Access lists
 * beside the modes are not seen.
 */
export function firstObstacle(
  way: readonly WayStep[],
  who: Principal,
  needs: readonly ("read" | "execute")[],
): Obstacle | undefined {
  for (const step of way.slice(0, -1)) {
    if (!may(step, who, "pass")) return { path: step.path, lacks: "pass" };
  }
  const file = way.at(-1);
  const lacks = file === undefined ? undefined : needs.find((need) => !may(file, who, need));
  return file === undefined || lacks === undefined ? undefined : { path: file.path, lacks };
}

function may(step: WayStep, who: Principal, need: keyof typeof BITS): boolean {
  // Root passes everywhere and reads everything; to run a file it needs one x bit of anybody's.
  if (who.uid === 0) return need !== "execute" || (step.mode & 0o111) !== 0;
  const bit = BITS[need];
  // The first class that fits decides, also where a later one would allow more (POSIX.1 §4.5).
  if (who.uid === step.uid) return (step.mode & (bit << 6)) !== 0;
  if (who.gids.includes(step.gid)) return (step.mode & (bit << 3)) !== 0;
  return (step.mode & bit) !== 0;
}
