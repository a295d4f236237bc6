// What goes into an archive of a directory: all that could be fetched from below it, by the rules of serving.

import { type Stats, statSync } from "node:fs";
import { HTTPRequestError } from "../errors.ts";
import { namesInArchive } from "./archive-name.ts";
import { type EntryOptions, readEntries } from "./directory-entries.ts";
import { BY_NAME, sortEntries } from "./entry-order.ts";
import type { EntryTable } from "./entry-table.ts";
import { OpenFileContent } from "./file-content.ts";
import { realPath, systemName } from "./file-name.ts";
import { hasHiddenSegment } from "./hidden-name.ts";
import { isBelow, type MayOpen, openContained } from "./open-contained.ts";
import { statusForSystemError } from "./resolve-resource.ts";
import { TimeSlice } from "./time-slice.ts";

export interface ArchiveEntry {
  /** With `/` between names and at the end of a directory. */
  readonly path: string;
  readonly modified: Date;
  /** Permissions: nine bits. */
  readonly mode: number;
  /** Open until the next entry is asked for; `undefined` for a directory. */
  readonly file: OpenFileContent | undefined;
}

export interface ArchiveOptions extends EntryOptions {
  /**
   * Whether a file may be sent, by its name alone, or a directory be gone into: the source of a script is
   * not.
   */
  readonly mayHold?: ((path: string) => boolean) | undefined;
  /** As of `openContained`. */
  readonly mayOpen?: MayOpen | undefined;
  /** Whether names in the archive can hold backslashes; they can by default. */
  readonly hasBackslashes?: boolean;
}

/**
 * A directory and all below it, its own files before those of its directories. Each file is opened, and
 * checked as it is open, when its turn comes. Links are followed as in serving; a directory is taken once,
 * under its own name where it has one here, so that links in a circle come to an end.
 * @param top the name of the directory in the archive
 * @throws {HTTPRequestError} if the directory has gone
 * @throws what the system says where it is at its limits; what merely cannot be read is left out
 */
export async function* archiveEntries(
  directory: string,
  top: string,
  options: ArchiveOptions,
): AsyncGenerator<ArchiveEntry, void, void> {
  const start = realFolder(directory);
  const taken = new Set<string>();
  const slice = new TimeSlice();
  const waiting = [{ location: directory, path: `${top}/` }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { location, path } = next;
    const found = await readOnce(location, options, taken);
    if (found === undefined) continue;
    yield { path, modified: found.stats.mtime, mode: found.stats.mode & 0o777, file: undefined };
    const children: typeof waiting = [];
    const names = namesInArchive(found.entries, options.hasBackslashes ?? true);
    for (const number of found.order) {
      const entry = found.entries.at(number);
      if (slice.isOver) await slice.rest();
      const child = { location: `${location}/${entry.name}`, path: path + names.of(entry.name) };
      // What is hidden tells no names, either.
      if (options.mayHold?.(child.location) === false) continue;
      if (!entry.isDirectory) yield* openEntry(child, options);
      else if (!entry.isLink || !hasOwnName(child.location, start, options)) {
        children.push({ ...child, path: `${child.path}/` });
      }
    }
    waiting.push(...children.reverse());
  }
}

/** @throws {HTTPRequestError} if it has gone since it was asked for: no fault of the server's */
function realFolder(directory: string): string {
  try {
    return realPath(directory);
  } catch (error) {
    ignoreUnreadable(error);
    throw new HTTPRequestError(404, "the folder has gone", undefined, { cause: error });
  }
}

interface FoundDirectory {
  readonly stats: Stats;
  /** In the order of names. */
  readonly entries: EntryTable;
  readonly order: Uint32Array;
}

/** `undefined` if the directory has been read before, or cannot be. */
async function readOnce(
  location: string,
  options: EntryOptions,
  taken: Set<string>,
): Promise<FoundDirectory | undefined> {
  try {
    const identity = realPath(location);
    if (options.root !== undefined && !isBelow(identity, realPath(options.root))) return undefined;
    const stats = statSync(systemName(location));
    if (taken.has(identity)) return undefined;
    taken.add(identity);
    const entries = await readEntries(location, options);
    return { stats, entries, order: await sortEntries(entries, BY_NAME, () => "") };
  } catch (error) {
    ignoreUnreadable(error);
    return undefined;
  }
}

/** Whether the directory that a link leads to is in the archive anyway. */
function hasOwnName(link: string, start: string, options: EntryOptions): boolean {
  try {
    const real = realPath(link);
    return isBelow(real, start) && (options.dotfiles || !hasHiddenSegment(real.slice(start.length)));
  } catch (error) {
    ignoreUnreadable(error);
    return true;
  }
}

function* openEntry(
  child: { readonly location: string; readonly path: string },
  options: ArchiveOptions,
): Generator<ArchiveEntry, void, void> {
  let opened: ReturnType<typeof openContained>;
  try {
    opened = openContained(child.location, options.root, options.mayOpen);
  } catch (error) {
    ignoreUnreadable(error);
    return;
  }
  if (typeof opened === "string") return;
  const file = new OpenFileContent(opened.fd, opened.stats.size, opened.stats.mtimeMs);
  try {
    yield { path: child.path, modified: opened.stats.mtime, mode: opened.stats.mode & 0o777, file };
  } finally {
    file.close();
  }
}

/**
 * As 404 where it is asked for alone: it is not there, or not for everyone.
 * @throws {HTTPRequestError} if the system has no room: the answer is cut then, and one line says why
 */
function ignoreUnreadable(error: unknown): void {
  if (!(error instanceof Error) || !("syscall" in error)) throw error;
  const status = statusForSystemError(error);
  if (status !== 404) throw new HTTPRequestError(status, error.message, undefined, { cause: error });
}

const PIECE = 256 * 1024;

/**
 * The bytes that a file had when it was opened; what has been added since is left out.
 * @throws {HTTPRequestError} if it has become shorter: its length has been promised
 */
export async function* bytesOf({ path, file }: ArchiveEntry): AsyncGenerator<Buffer, void, void> {
  if (file === undefined) return;
  for (let at = 0; at < file.size;) {
    // A new one each time: the last one may still wait for the client.
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, file.size - at));
    const count = await file.read(buffer, at);
    if (count === 0) throw new HTTPRequestError(500, `${path} has become shorter while it was archived`);
    yield count === buffer.length ? buffer : buffer.subarray(0, count);
    at += count;
  }
}

/** A date that a format can hold; the earliest for one that no calendar knows. */
export function within(earliest: Date, date: Date, latest: Date): Date {
  if (date > latest) return latest;
  return date >= earliest ? date : earliest;
}
