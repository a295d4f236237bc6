// What is in a directory, as far as a visitor may see it.

import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { textOfName } from "../text/name-bytes.ts";
import { percentEncodeSegment } from "../text/percent-coding.ts";
import { realPath, systemName } from "./file-name.ts";
import { isHiddenName } from "./hidden-name.ts";
import { isBelow, openContainedDirectory } from "./open-contained.ts";

export interface DirectoryEntry {
  /** As the system has it; bytes that are not UTF-8 are lone surrogates (`systemName` gives them back, a page shows U+FFFD). */
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
 * The entries that can be fetched, directories first, then by name without regard to case. They are those of the directory that was found
 * inside the root, also if its name has come to lead elsewhere since.
 * @throws the system's error when the directory cannot be read
 */
export async function readEntries(directory: string, options: EntryOptions): Promise<DirectoryEntry[]> {
  const opened = openContainedDirectory(directory, options.root);
  if (opened === "outside") throw new Error(`${directory} leads out of the served folder`);
  try {
    const found = await readdir(systemName(opened.path), { withFileTypes: true, encoding: "buffer" });
    const visible = options.dotfiles
      ? found
      : found.filter((entry) => !isHiddenName(entry.name.toString("latin1")));
    const root = options.root === undefined ? undefined : realPath(options.root);
    const entries: DirectoryEntry[] = [];
    for (let i = 0; i < visible.length; i += AT_ONCE) {
      const batch = visible.slice(i, i + AT_ONCE).map((entry) => describe(opened.path, entry, root));
      for (const entry of await Promise.all(batch)) if (entry !== undefined) entries.push(entry);
    }
    return entries.sort(byKindAndName);
  } finally {
    opened.close();
  }
}

/** Where an entry is, relative to its directory: exact to the byte. */
export function hrefOf(entry: DirectoryEntry): string {
  return percentEncodeSegment(entry.name) + (entry.isDirectory ? "/" : "");
}

/** `undefined` for what has vanished meanwhile, cannot be served, or leads outside. */
async function describe(
  directory: string,
  found: Dirent<Buffer>,
  root: string | undefined,
): Promise<DirectoryEntry | undefined> {
  const name = textOfName(found.name);
  const path = systemName(`${directory}/${name}`);
  try {
    const isLink = found.isSymbolicLink();
    if (isLink && root !== undefined && !isBelow(textOfName(await realpath(path, "buffer")), root))
      return undefined;
    const stats = await stat(path);
    const isDirectory = stats.isDirectory();
    if (!isDirectory && !stats.isFile()) return undefined;
    return {
      name,
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
