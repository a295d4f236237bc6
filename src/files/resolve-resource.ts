// What a file name of a request stands for: a file that is open now, a directory, another URL, or an error.

import { readSync, type Stats } from "node:fs";
import { sep } from "node:path";
import { systemErrorCode } from "../errors.ts";
import { type Content, MemoryContent, OpenFileContent } from "./file-content.ts";
import type { CachedFile, FileCache } from "./file-cache.ts";
import { fileValidators } from "./file-validators.ts";
import { isDirectoryInside, openContained } from "./open-contained.ts";
import type { Validators } from "./representation.ts";
import { statInBatch } from "./stat-in-batch.ts";

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
  /** `why` is for the log, where the status alone does not say it. */
  | { readonly kind: "error"; readonly status: number; readonly why: string | undefined };

export interface ResourceOptions {
  /** File names to be served for a directory, in this order. */
  readonly indexPages: readonly string[];
  /** Nothing outside of it is opened; `undefined` where links may lead anywhere. */
  readonly root: string | undefined;
  readonly cache: FileCache;
  /** The bytes will be sent: worth reading them now. */
  readonly wantsBytes: boolean;
  /** `Connection.batch`, where nobody can have changed a file since the batch began; else 0. */
  readonly batch: number;
}

/**
 * Blocking calls on purpose: each takes microseconds, where the way through the thread pool takes 40.
 * @param path a file name; with a slash at its end only a directory
 */
export function resolveResource(path: string, options: ResourceOptions): Resource {
  try {
    const stats = statInBatch(path, options.batch);
    if (stats === undefined) return notFound(undefined);
    if (!stats.isDirectory()) return openResource(path, stats, options);
    if (!path.endsWith("/") && !path.endsWith(sep)) {
      // A redirect would tell that there is such a directory outside.
      const isOutside = options.root !== undefined && !isDirectoryInside(path, options.root);
      return isOutside ? notFound(OUTSIDE) : { kind: "needsSlash" };
    }
    for (const name of options.indexPages) {
      const index = path + name;
      const indexStats = statInBatch(index, options.batch);
      if (indexStats?.isFile() === true) return openResource(index, indexStats, options);
    }
    if (options.root !== undefined && !isDirectoryInside(path, options.root)) return notFound(OUTSIDE);
    return { kind: "directory", path };
  } catch (error) {
    return { kind: "error", status: statusForSystemError(error), why: (error as Error).message };
  }
}

const OUTSIDE = "it leads out of the served folder (--follow-symlinks allows that)";

/**
 * Opens a file, or takes it from the cache.
 * @param stats what the system says of it now
 * @throws the system's error when the file cannot be opened
 */
export function openResource(path: string, stats: Stats, options: ResourceOptions): Resource {
  const cached = options.cache.get(path, stats, options.root);
  if (cached !== undefined) return fileInMemory(path, stats, cached);
  if (!stats.isFile()) return notFound("not a regular file");
  const opened = openContained(path, options.root);
  if (opened === "outside") return notFound(OUTSIDE);
  if (opened === "notRegular") return notFound("not a regular file");
  const content = new OpenFileContent(opened.fd, opened.stats.size);
  const now = Date.now();
  if (options.wantsBytes && options.cache.accepts(opened.stats, now)) {
    const bytes = readWhole(opened.fd, opened.stats.size);
    if (bytes !== undefined) {
      content.close();
      return fileInMemory(
        path,
        opened.stats,
        options.cache.add(path, opened.stats, bytes, options.root, now),
      );
    }
  }
  return { kind: "file", path, stats: opened.stats, validators: fileValidators(opened.stats, now), content };
}

function fileInMemory(path: string, stats: Stats, { bytes, validators }: CachedFile): Resource {
  return { kind: "file", path, stats, validators, content: new MemoryContent(bytes) };
}

/** `undefined` if the file is not that long any more. */
function readWhole(fd: number, size: number): Buffer | undefined {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  while (at < size) {
    const count = readSync(fd, bytes, at, size - at, at);
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
}

function notFound(why: string | undefined): Resource {
  return { kind: "error", status: 404, why };
}

/**
 * The specification maps every failure to open a file to 404. Where the server itself is at its limits, 404 would be a lie that
 * caches keep: 503 then. What the system said goes to the log only.
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
