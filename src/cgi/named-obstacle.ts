// Whether a script complains of a file that is there, but that its user may not reach: many
// programs say "not found" for both.

import { firstObstacle, type Obstacle, type Principal, wayTo } from "./access-way.ts";

/** Absolute paths, up to what commonly stands behind a path in a sentence. */
const PATHS = /(?<![\w./-])\/(?!\/)[^\s'"`“”‘’:,;()<>[\]{}|]+/g;
/** A message names a file or two; a longer line is no sentence. */
const MOST_PATHS = 8;

export interface NamedObstacle {
  /** As the script names it. */
  readonly path: string;
  readonly obstacle: Obstacle;
}

/** Of the paths in a line of stderr the first that exists and that `user` may not read. */
export function namedObstacle(line: string, user: Principal): NamedObstacle | undefined {
  for (const [named] of [...line.matchAll(PATHS)].slice(0, MOST_PATHS)) {
    const path = named.replace(/[.!?]+$/, "");
    const obstacle = firstObstacle(wayTo(path), user, ["read"]);
    if (obstacle !== undefined) return { path, obstacle };
  }
  return undefined;
}
