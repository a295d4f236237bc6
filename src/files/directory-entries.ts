// What is in a directory, as far as a visitor may see it.

import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isHiddenName } from "./hidden-name.ts";
import { isBelow } from "./open-contained.ts";

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  /** Bytes; `undefined` for a directory. */
  readonly size: number | undefined;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface EntryOptions {
  readonly dotfiles: boolean;
  /** Links that lead out of it are left out; `undefined` shows all. */
  readonly root: string | undefined;
}

/** How many entries are looked at side by side: more only makes the thread pool's queue longer. */
const AT_ONCE = 32;

/**
 * The entries that can be fetched, directories first, then by name without regard to case.
 * @throws the system's error when the directory cannot be read
 */
export async function readEntries(directory: string, options: EntryOptions): Promise<DirectoryEntry[]> {
  const found = await readdir(directory, { withFileTypes: true });
  const visible = options.dotfiles ? found : found.filter((entry) => !isHiddenName(entry.name));
  const root = options.root === undefined ? undefined : await realpath(options.root);
  const entries: DirectoryEntry[] = [];
  for (let i = 0; i < visible.length; i += AT_ONCE) {
    const batch = visible.slice(i, i + AT_ONCE).map((entry) => describe(directory, entry, root));
    for (const entry of await Promise.all(batch)) if (entry !== undefined) entries.push(entry);
  }
  return entries.sort(byKindAndName);
}

/** `undefined` for what has vanished meanwhile, cannot be served, or leads outside. */
async function describe(
  directory: string,
  found: Dirent,
  root: string | undefined,
): Promise<DirectoryEntry | undefined> {
  const path = join(directory, found.name);
  try {
    const isLink = found.isSymbolicLink();
    if (isLink && root !== undefined && !isBelow(await realpath(path), root)) return undefined;
    const stats = await stat(path);
    const isDirectory = stats.isDirectory();
    if (!isDirectory && !stats.isFile()) return undefined;
    return {
      name: found.name,
      isDirectory,
      isLink,
      size: isDirectory ? undefined : stats.size,
      modified: stats.mtimeMs,
    };
  } catch {
    return undefined;
  }
}

function byKindAndName(a: DirectoryEntry, b: DirectoryEntry): number {
  if (a.isDirectory !== b.isDirectory) return a.isDirectory ? -1 : 1;
  const [lowerA, lowerB] = [a.name.toLowerCase(), b.name.toLowerCase()];
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
