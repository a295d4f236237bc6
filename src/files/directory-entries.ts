// What is in a directory, as far as a visitor may see it.

import { type Dirent, realpathSync, statSync } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { percentEncodeSegment } from "../text/percent-coding.ts";
import { isHiddenName } from "./hidden-name.ts";
import { isBelow } from "./open-contained.ts";
import { TimeSlice } from "./time-slice.ts";

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

/** How many names the system is asked for at a time. */
const NAMES_AT_ONCE = 1024;

/**
 * The entries that can be fetched, in no order. Names are read without blocking; what is known of each is asked for by blocking calls
 * of two microseconds, never many of them in a row.
 * @throws the system's error when the directory cannot be read
 */
export async function readEntries(directory: string, options: EntryOptions): Promise<DirectoryEntry[]> {
  const slice = new TimeSlice();
  const root = options.root === undefined ? undefined : realpathSync.native(options.root);
  const entries: DirectoryEntry[] = [];
  // The loop closes the directory, also when it is left by an error.
  for await (const each of await opendir(directory, { bufferSize: NAMES_AT_ONCE })) {
    if (!options.dotfiles && isHiddenName(each.name)) continue;
    const entry = describe(directory, each, root);
    if (entry !== undefined) entries.push(entry);
    if (slice.isOver) await slice.rest();
  }
  return entries;
}

/** Where an entry is, relative to its directory. */
export function hrefOf(entry: DirectoryEntry): string {
  return percentEncodeSegment(entry.name) + (entry.isDirectory ? "/" : "");
}

/** `undefined` for what has vanished meanwhile, cannot be served, or leads outside. */
function describe(directory: string, found: Dirent, root: string | undefined): DirectoryEntry | undefined {
  const path = join(directory, found.name);
  try {
    const isLink = found.isSymbolicLink();
    if (isLink && root !== undefined && !isBelow(realpathSync.native(path), root)) return undefined;
    const stats = statSync(path);
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
