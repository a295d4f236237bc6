// What is in a directory, as far as a visitor may see it.

import { type Dirent, statSync } from "node:fs";
import { opendir } from "node:fs/promises";
import { textOfName } from "../text/name-bytes.ts";
import type { DirectoryEntry } from "./directory-entry.ts";
import { EntryTable } from "./entry-table.ts";
import { realPath, systemName } from "./file-name.ts";
import { isHiddenName } from "./hidden-name.ts";
import { isBelow, type MayOpen, openContainedDirectory, type OpenedDirectory } from "./open-contained.ts";
import { TimeSlice } from "./time-slice.ts";

export interface EntryOptions {
  readonly dotfiles: boolean;
  /** Links that lead out of it are left out; `undefined` shows all. */
  readonly root: string | undefined;
  /** Asked now and then: when it is `false`, the rest is not read. */
  readonly isWanted?: () => boolean;
}

/**
 * Names that the system is asked for at a time: half a millisecond of work, so that several listings move on
 * in one turn of the event loop.
 */
const NAMES_AT_ONCE = 64;

/**
 * A directory whose entries can be read from now on, also if its name comes to lead elsewhere, or to nothing.
 * @throws the system's error when it cannot be read, and another when it leads out of the root
 */
export async function openReadable(
  directory: string,
  root: string | undefined,
  mayOpen?: MayOpen,
): Promise<OpenedDirectory> {
  const opened = openContainedDirectory(directory, root, mayOpen);
  if (opened === "refused") throw new Error(`${directory} has become a folder of scripts`);
  if (opened === "outside") throw new Error(`${directory} leads out of the served folder`);
  try {
    const names = await opendir(systemName(opened.path));
    await names.close();
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** `readOpened()` for a directory by its name. */
export async function readEntries(directory: string, options: EntryOptions): Promise<EntryTable> {
  const opened = await openReadable(directory, options.root);
  try {
    return await readOpened(opened, options);
  } finally {
    opened.close();
  }
}

/**
 * The entries that can be fetched, in no order. Names are read without blocking; what is known of each is
 * asked for by blocking calls of two microseconds, never many of them in a row.
 * @param directory stays open
 * @throws the system's error when it cannot be read
 */
export async function readOpened(directory: OpenedDirectory, options: EntryOptions): Promise<EntryTable> {
  const slice = new TimeSlice();
  const root = options.root === undefined ? undefined : realPath(options.root);
  const entries = new EntryTable();
  let names = 0;
  // The loop closes the names, also when it is left by an error.
  for await (const each of await openNames(directory.path)) {
    names++;
    if (options.dotfiles || !isHiddenName(each.name.toString("latin1"))) {
      const entry = describe(directory.path, each, root);
      if (entry !== undefined) entries.add(entry);
    }
    // Names that came together are dealt with together while there is time: V8 would take those that wait for
    // long-lived ones, and they would fill the heap. Only where each `stat` takes a millisecond, as on
    // another machine's disk, are they parted.
    if (names % NAMES_AT_ONCE === 0 ? !slice.isOver : !slice.isLongOver) continue;
    await slice.rest();
    if (options.isWanted?.() === false) break;
  }
  return entries;
}

/** Names as bytes: what is not UTF-8 would be lost in text. */
async function openNames(path: string): Promise<AsyncIterable<Dirent<Buffer>>> {
  // The types of Node know no other encodings than those of text.
  const options = { bufferSize: NAMES_AT_ONCE, encoding: "buffer" as BufferEncoding };
  return (await opendir(systemName(path), options)) as unknown as AsyncIterable<Dirent<Buffer>>;
}

/** `undefined` for what has vanished meanwhile, cannot be served, or leads outside. */
function describe(
  directory: string,
  found: Dirent<Buffer>,
  root: string | undefined,
): DirectoryEntry | undefined {
  const name = textOfName(found.name);
  const path = `${directory}/${name}`;
  try {
    const isLink = found.isSymbolicLink();
    if (isLink && root !== undefined && !isBelow(realPath(path), root)) return undefined;
    const stats = statSync(systemName(path));
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
