// Opens a file to serve: a regular one, inside the root, and what was checked is what is open.

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { sep } from "node:path";

export interface OpenedFile {
  readonly fd: number;
  readonly stats: Stats;
}

export type OpenOutcome = OpenedFile | "notRegular" | "outside";

/**
 * O_NONBLOCK: opening a FIFO would otherwise wait for a writer, and with it the whole process. On a regular file it changes nothing.
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * @param root must hold the file after all symbolic links are followed; `undefined` allows any place
 * @throws the system's error when the file cannot be opened
 */
export function openContained(path: string, root: string | undefined): OpenOutcome {
  const fd = openSync(path, OPEN_FLAGS);
  try {
    const stats = fstatSync(fd);
    const refusal = !stats.isFile()
      ? "notRegular"
      : root !== undefined && !isInside(fd, path, stats, root)
        ? "outside"
        : undefined;
    if (refusal === undefined) return { fd, stats };
    closeSync(fd);
    return refusal;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function isInside(fd: number, path: string, stats: Stats, root: string): boolean {
  return isBelow(realPathOf(fd, path, stats), realpathSync.native(root));
}

/**
 * The real path of what is open, not of what the name means a moment later: a link may be swapped between check and use. Linux tells it for a
 * descriptor; elsewhere the name is resolved again, and must still lead to the very file that is open.
 */
function realPathOf(fd: number, path: string, stats: Stats): string | undefined {
  if (process.platform === "linux") {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // No /proc here: resolve the name as elsewhere.
    }
  }
  const real = realpathSync.native(path);
  const now = statSync(real);
  return now.ino === stats.ino && now.dev === stats.dev ? real : undefined;
}

/** Whether a real path is the root or below it. `/srv/www-private` is not below `/srv/www`. */
export function isBelow(path: string | undefined, root: string): boolean {
  if (path === undefined) return false;
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Whether a directory lies inside the root, links followed. */
export function isDirectoryInside(path: string, root: string): boolean {
  return isBelow(realpathSync.native(path), realpathSync.native(root));
}
