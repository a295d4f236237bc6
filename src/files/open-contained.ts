// Opens what is to be served: a regular file or a directory, inside the root, and what
// was checked is what is open.

import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { sep } from "node:path";
import { descriptorPath, HAS_DESCRIPTOR_PATHS, pathOfDescriptor } from "./descriptor-path.ts";
import { realPath, systemName } from "./file-name.ts";

export interface OpenedFile {
  readonly fd: number;
  readonly stats: Stats;
}

/** `"refused"`: by `MayOpen`. */
export type OpenOutcome = OpenedFile | "notRegular" | "outside" | "refused";

/**
 * Whether what is open may be sent, by where it really is: what its name led to before, can be something else
 * by now.
 */
export type MayOpen = (realPath: string) => boolean;

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

/**
 * @param root must hold the file after all symbolic links are followed; `undefined` allows any place
 * @throws the system's error when the file cannot be opened
 */
export function openContained(path: string, root: string | undefined, mayOpen?: MayOpen): OpenOutcome {
  const top = rootNow(root);
  const fd = openSync(systemName(path), OPEN_FLAGS);
  try {
    const stats = fstatSync(fd);
    const refusal = stats.isFile() ? whyRefused(fd, path, stats, top, mayOpen) : "notRegular";
    if (refusal === undefined) return { fd, stats };
    closeSync(fd);
    return refusal;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function whyRefused(
  fd: number,
  path: string,
  stats: Stats,
  root: Root | undefined,
  mayOpen: MayOpen | undefined,
): "outside" | "refused" | undefined {
  if (root === undefined && mayOpen === undefined) return undefined;
  const real = realPathOf(fd, path, stats);
  if (root !== undefined && !isBelowRoot(real, root)) return "outside";
  if (mayOpen === undefined) return undefined;
  // Linux adds this to the name of a file that has been replaced meanwhile: it would hide an extension.
  return real !== undefined && mayOpen(real) && mayOpen(real.replace(/ \(deleted\)$/, ""))
    ? undefined
    : "refused";
}

/**
 * Linux reaches the entries through the descriptor that was checked. Elsewhere they are reached by the
 * directory's real name, which whoever can rename directories above it might still change.
 * @param root must hold the directory after all symbolic links are followed; `undefined` allows any place
 * @throws the system's error when it cannot be opened
 */
export function openContainedDirectory(
  path: string,
  root: string | undefined,
  mayOpen?: MayOpen,
): OpenedDirectory | "outside" | "refused" {
  if (!HAS_DESCRIPTOR_PATHS) {
    const real = realPath(path);
    if (root !== undefined && !isBelow(real, realPath(root))) return "outside";
    return mayOpen?.(real + sep) === false ? "refused" : { path: real, close: () => {} };
  }
  const top = rootNow(root);
  const fd = openSync(systemName(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const below = mayOpen && ((real: string) => mayOpen(real + sep));
    const refusal = whyRefused(fd, path, fstatSync(fd), top, below);
    if (refusal === undefined) return { path: descriptorPath(fd), close: () => closeSync(fd) };
    closeSync(fd);
    return refusal;
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
  if (HAS_DESCRIPTOR_PATHS) return pathOfDescriptor(fd);
  const real = realPath(path);
  const now = statSync(systemName(real));
  return now.ino === stats.ino && now.dev === stats.dev ? real : undefined;
}

/** The served folder, by its name and by where that led before something in it was looked for. */
export interface Root {
  readonly path: string;
  readonly real: string;
}

export function rootNow(path: string): Root;
export function rootNow(path: string | undefined): Root | undefined;
export function rootNow(path: string | undefined): Root | undefined {
  return path === undefined ? undefined : { path, real: realPath(path) };
}

/**
 * Whether a real path is in the root as it was before, or as it is. A new release goes on line by turning the
 * link that is the root: what was found at that very moment is in one of the two.
 */
export function isBelowRoot(path: string | undefined, { path: name, real }: Root): boolean {
  return isBelow(path, real) || isBelow(path, realPath(name));
}

/** Whether a real path is the root or below it. `/srv/www-private` is not below `/srv/www`. */
export function isBelow(path: string | undefined, root: string): boolean {
  if (path === undefined) return false;
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
