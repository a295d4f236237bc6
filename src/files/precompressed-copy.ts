// The compressed copy of a file that lies next to it: `app.js.br` for `app.js`.

import type { Stats } from "node:fs";
import type { ContentCoding } from "./accept-encoding.ts";
import type { Content } from "./file-content.ts";
import type { Validators } from "./representation.ts";
import { lstatInBatch } from "./stat-in-batch.ts";
import { openResource, type Resource, type ResourceOptions } from "./resolve-resource.ts";

const SUFFIXES: Readonly<Record<ContentCoding, string>> = { br: ".br", zstd: ".zst", gzip: ".gz" };

export interface PrecompressedCopy {
  readonly stats: Stats;
  readonly validators: Validators;
  readonly content: Content;
}

/**
 * Opens the copy in that coding, if it can stand for the file: a regular file, not older, and smaller.
 *
 * A symbolic link is none, wherever it leads: what a link names may be hidden, outside, or the source of a
 * script, and would pass for the contents of a file that may be sent.
 */
export function openPrecompressedCopy(
  path: string,
  original: Stats,
  coding: ContentCoding,
  options: ResourceOptions,
): PrecompressedCopy | undefined {
  const copyPath = path + SUFFIXES[coding];
  const named = look(copyPath, options.batch);
  if (named === undefined || !canStandFor(named, original)) return undefined;
  const opened = tryToOpen(copyPath, named, options);
  if (opened?.kind !== "file") return undefined;
  const { stats, content } = opened;
  // Whatever has taken its place between the look and the opening: a link leads to
  // another file than it is itself.
  if (stats.ino === named.ino && stats.dev === named.dev && canStandFor(stats, original)) return opened;
  content.close();
  return undefined;
}

/** Whatever is wrong with the copy, there still is the file. */
function tryToOpen(path: string, stats: Stats, options: ResourceOptions): Resource | undefined {
  try {
    return openResource(path, stats, options);
  } catch {
    return undefined;
  }
}

function canStandFor(copy: Stats, original: Stats): boolean {
  return copy.isFile() && copy.mtimeMs >= original.mtimeMs && copy.size < original.size;
}

/** `undefined` also where the system refuses to look: then there is no copy to send. */
function look(path: string, batch: number): Stats | undefined {
  try {
    return lstatInBatch(path, batch);
  } catch {
    return undefined;
  }
}
