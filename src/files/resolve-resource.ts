// What a file name of a request stands for: a file that is open now, a directory, another URL, or an error.

import { existsSync, type Stats } from "node:fs";
import { dirname, sep } from "node:path";
import { systemErrorCode } from "../errors.ts";
import { turnTime } from "../server/turn-clock.ts";
import { type Content, MemoryContent, OpenFileContent } from "./file-content.ts";
import { type CachedFile, type FileCache, LARGEST_IN_MEMORY } from "./file-cache.ts";
import { realPath, systemName } from "./file-name.ts";
import { fileValidators } from "./file-validators.ts";
import { isBelowRoot, type MayOpen, type OpenedFile, openContained, rootNow } from "./open-contained.ts";
import { readUnchanged } from "./read-unchanged.ts";
import type { Validators } from "./representation.ts";
import { isInsideInBatch, lstatInBatch, statInBatch } from "./stat-in-batch.ts";
import { hasTrustedMetadata } from "./trusted-metadata.ts";

export type Resource =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly stats: Stats;
      readonly validators: Validators;
      readonly content: Content;
    }
  /** A directory without an index page. */
  | { readonly kind: "directory"; readonly path: string }
  /** A directory that was asked for without its slash. */
  | { readonly kind: "needsSlash" }
  /** A directory whose links would lead elsewhere under the spelling that was asked for. */
  | { readonly kind: "misspelled"; readonly location: string }
  /** `why` is for the log, where the status alone does not say it. */
  | { readonly kind: "error"; readonly status: number; readonly why: string | undefined };

/** Nothing is there; what is there and not served is told to the log. */
export const MISSING = { kind: "error", status: 404, why: undefined } as const satisfies Resource;

export interface ResourceOptions {
  /** File names to be served for a directory, in this order. */
  readonly indexPages: readonly string[];
  /** Nothing outside of it is opened; `undefined` where links may lead anywhere. */
  readonly root: string | undefined;
  /** As of `openContained`. */
  readonly mayOpen?: MayOpen | undefined;
  readonly cache: FileCache;
  /** Bytes that the cache may hold; 0 keeps this request away from it. */
  readonly cacheMemory: number;
  /** The bytes will be sent: worth reading them now. */
  readonly wantsBytes: boolean;
  /** `Connection.batch`, where nobody can have changed a file since the batch began; else 0. */
  readonly batch: number;
}

/** What a path leads to. */
interface Found {
  /** The path to open: without a symbolic link at its end where the root matters. */
  readonly path: string;
  readonly stats: Stats;
}

/**
 * Blocking calls on purpose: each takes microseconds, where the way through the thread pool takes 40.
 * @param path a file name; with a slash at its end only a directory
 */
export function resolveResource(path: string, options: ResourceOptions): Resource {
  try {
    const found = look(path, options);
    if (found === undefined) return MISSING;
    if (found === "outside") return notFound(OUTSIDE);
    if (!found.stats.isDirectory()) return openFound(path, found, options);
    // Neither a redirect nor a listing may tell that there is such a directory outside.
    if (!path.endsWith("/") && !path.endsWith(sep)) {
      return isInside(path, options) ? { kind: "needsSlash" } : notFound(OUTSIDE);
    }
    for (const name of options.indexPages) {
      const index = look(path + name, options);
      if (index === "outside") return notFound(OUTSIDE);
      if (index?.stats.isFile() === true) return openFound(path + name, index, options);
    }
    return isInside(path, options) ? { kind: "directory", path } : notFound(OUTSIDE);
  } catch (error) {
    const code = systemErrorCode(error);
    // Not the system's: an override of `translatePath()` that returns no text, for one.
    if (code === undefined) throw error;
    // Below a file, or under a name that no file system holds, nothing can be.
    if (code === "ENOTDIR" || code === "ENAMETOOLONG") return MISSING;
    return { kind: "error", status: statusForSystemError(error), why: (error as Error).message };
  }
}

/**
 * A symbolic link at the end of the path is followed here, step by step: what is said of a file that is no
 * link, in a directory inside the root, is said of a file inside the root.
 */
function look(path: string, { root, batch }: ResourceOptions): Found | "outside" | undefined {
  if (root === undefined) {
    const stats = statInBatch(path, batch);
    return stats === undefined ? undefined : { path, stats };
  }
  const stats = lstatInBatch(path, batch);
  if (stats === undefined) return undefined;
  if (!stats.isSymbolicLink()) return { path, stats };
  return lookBehindLink(path, root);
}

function lookBehindLink(link: string, root: string): Found | "outside" | undefined {
  const top = rootNow(root);
  let path: string;
  try {
    path = realPath(link);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  if (!isBelowRoot(path, top)) return "outside";
  const stats = lstatInBatch(path, 0);
  return stats === undefined ? undefined : { path, stats };
}

/**
 * Whether a path at which nothing is lies inside the root, as far as there is anything of it. Behind a link
 * that leads out, nobody is to learn what is there and what is not.
 */
export function isNothingOutside(path: string, root: string | undefined): boolean {
  if (root === undefined) return true;
  const deepest = deepestOf(path, root);
  try {
    return deepest !== undefined && isInsideInBatch(deepest, root, 0);
  } catch {
    // It has gone meanwhile.
    return false;
  }
}

/**
 * How far down from the root there is anything of a path. From the top: a path of thousands of names costs a
 * look for each that is there, and one more.
 */
function deepestOf(path: string, root: string): string | undefined {
  let deepest: string | undefined;
  let end = path.indexOf(sep, root.replace(/[/\\]+$/, "").length);
  for (; end !== -1; end = path.indexOf(sep, end + 1)) {
    const above = path.slice(0, end) || sep;
    if (!existsSync(systemName(above))) break;
    deepest = above;
  }
  return deepest;
}

function isInside(path: string, { root, batch }: ResourceOptions): boolean {
  return root === undefined || isInsideInBatch(path, root, batch);
}

const OUTSIDE = "it leads out of the served folder (--follow-symlinks allows that)";

/** A file keeps the name that it was asked for by: that gives it its type. */
function openFound(named: string, { path, stats }: Found, options: ResourceOptions): Resource {
  const resource = openResource(path, stats, options);
  return path === named || resource.kind !== "file" ? resource : { ...resource, path: named };
}

/**
 * Opens a file, or takes it from memory.
 * @param path without a symbolic link at its end, where there is a root
 * @param stats what the system says of it now
 * @throws the system's error when it cannot be opened
 */
export function openResource(path: string, stats: Stats, options: ResourceOptions): Resource {
  const { cache, cacheMemory, root } = options;
  const cached = cacheMemory === 0 ? undefined : cache.get(path, stats, root);
  // A directory above the file can have become a link, or another place, and the
  // file itself is still the same.
  if (cached !== undefined && isInside(dirname(path), options))
    return fileInMemory(path, stats, atPresent(cached, stats));
  if (!stats.isFile()) return notFound("not a regular file");
  const opened = openContained(path, root, options.mayOpen);
  if (opened === "outside") return notFound(OUTSIDE);
  if (opened === "refused") return notFound("it has become a script under another name");
  if (opened === "notRegular") return notFound("not a regular file");
  const content = new OpenFileContent(opened.fd, opened.stats.size, opened.stats.mtimeMs);
  // Small ones are read here and now: what is sent was all there at one moment.
  if (!options.wantsBytes || opened.stats.size > LARGEST_IN_MEMORY)
    return openFile(path, opened.stats, content);
  try {
    return readResource(path, opened, content, options);
  } catch (error) {
    content.close();
    throw error;
  }
}

function readResource(
  path: string,
  { fd, stats: before }: OpenedFile,
  content: Content,
  { cache, cacheMemory, root }: ResourceOptions,
): Resource {
  const whole = readUnchanged(fd, before, LARGEST_IN_MEMORY);
  if (whole === undefined) return openFile(path, before, content);
  content.close();
  const { stats, bytes } = whole;
  const now = Date.now();
  if (cacheMemory > 0 && cache.accepts(stats, now) && hasTrustedMetadata(path, stats.dev))
    return fileInMemory(path, stats, cache.add(path, stats, bytes, root, cacheMemory, now));
  return fileInMemory(path, stats, { bytes, validators: fileValidators(stats, now) });
}

/** The clock may have been set back: a date that lies ahead is not sent (RFC 9110 §8.8.2.1). */
function atPresent(cached: CachedFile, stats: Stats): Pick<CachedFile, "bytes" | "validators"> {
  const { bytes, validators } = cached;
  const now = turnTime();
  if (validators.lastModified === undefined || validators.lastModified <= now) return cached;
  return { bytes, validators: fileValidators(stats, now) };
}

function openFile(path: string, stats: Stats, content: Content): Resource {
  return { kind: "file", path, stats, validators: fileValidators(stats, Date.now()), content };
}

function fileInMemory(
  path: string,
  stats: Stats,
  { bytes, validators }: Pick<CachedFile, "bytes" | "validators">,
): Resource {
  return { kind: "file", path, stats, validators, content: new MemoryContent(bytes) };
}

function notFound(why: string | undefined): Resource {
  return { kind: "error", status: 404, why };
}

/**
 * The specification maps every failure to open a file to 404. Where the server itself is at its limits, 404
 * would be a lie that caches keep: 503 then. What the system said goes to the log only.
 */
export function statusForSystemError(error: unknown): number {
  switch (systemErrorCode(error)) {
    case "EMFILE":
    case "ENFILE":
    case "ENOMEM":
      return 503;
    case "EIO":
      return 500;
    default:
      return 404;
  }
}
