// Opens what is to be served: a regular file or a directory, inside the root, and what
// was checked is what is open.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readlinkSync,
  type Stats,
  statSync,
} from "node:fs";
import { sep } from "node:path";
import { exactName, realPath, systemName } from "./file-name.ts";

export interface OpenedFile {
  readonly fd: number;
  readonly stats: Stats;
}

export type OpenOutcome = OpenedFile | "notRegular" | "outside";

/** A directory whose entries are reached through it, wherever its name leads by then. */
export interface OpenedDirectory {
  /** Put before the name of an entry, with a slash. */
  readonly path: string;
  close(): void;
}

/**
 * O_NONBLOCK: opening a FIFO would otherwise wait for a writer, and with it the whole process. On a
 * regular file it changes nothing.
 */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Linux, where /proc is mounted. */
const HAS_DESCRIPTOR_PATHS = process.platform === "linux" && hasDescriptorPaths();

/**
 * @param root must hold the file after all symbolic links are followed; `undefined` allows any place
 * @throws the system's error when the file cannot be opened
 */
export function openContained(path: string, root: string | undefined): OpenOutcome {
  const fd = openSync(systemName(path), OPEN_FLAGS);
  try {
    const stats = fstatSync(fd);
    const refusal = !stats.isFile()
      ? "notRegular"
      : root !== undefined && !isBelow(realPathOf(fd, path, stats), realPath(root))
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

/**
 * Linux reaches the entries through the descriptor that was checked. Elsewhere they are reached by the
 * directory's real name, which whoever can rename directories above it might still change.
 * @param root must hold the directory after all symbolic links are followed; `undefined` allows any place
 * @throws the system's error when it cannot be opened
 */
export function openContainedDirectory(path: string, root: string | undefined): OpenedDirectory | "outside" {
  if (!HAS_DESCRIPTOR_PATHS) {
    if (root === undefined) return { path, close: () => {} };
    const real = realPath(path);
    return isBelow(real, realPath(root)) ? { path: real, close: () => {} } : "outside";
  }
  const fd = openSync(systemName(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (root === undefined || isBelow(realPathOf(fd, path, fstatSync(fd)), realPath(root))) {
      return { path: descriptorPath(fd), close: () => closeSync(fd) };
    }
    closeSync(fd);
    return "outside";
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * The real path of what is open, not of what the name means a moment later: a link may be swapped between
 * check and use. Linux tells it for a descriptor; elsewhere the name is resolved again, and must still lead
 * to the very file that is open.
 */
function realPathOf(fd: number, path: string, stats: Stats): string | undefined {
  if (HAS_DESCRIPTOR_PATHS) {
    const link = descriptorPath(fd);
    return exactName(
      () => readlinkSync(link),
      () => readlinkSync(link, "buffer"),
    );
  }
  const real = realPath(path);
  const now = statSync(systemName(real));
  return now.ino === stats.ino && now.dev === stats.dev ? real : undefined;
}

/** Node's permission model (`node --permission`) throws for what it does not allow to read. */
function hasDescriptorPaths(): boolean {
  try {
    return existsSync("/proc/self/fd");
  } catch {
    return false;
  }
}

function descriptorPath(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Whether a real path is the root or below it. `/srv/www-private` is not below `/srv/www`. */
export function isBelow(path: string | undefined, root: string): boolean {
  if (path === undefined) return false;
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
