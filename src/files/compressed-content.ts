// The bytes of a file in a coding that is made here: kept beside the file's own bytes, and made
// once for all who wait for them.

import type { Stats } from "node:fs";
import { HTTPRequestError } from "../errors.ts";
import type { ContentCoding } from "./accept-encoding.ts";
import { compress } from "./compressor.ts";
import { type FileCache, isSameFile } from "./file-cache.ts";
import { type Content, MemoryContent } from "./file-content.ts";
import { isSettled } from "./settled.ts";
import { hasTrustedMetadata } from "./trusted-metadata.ts";

/** A file that is to be sent in a coding. */
export interface CodedFile {
  readonly path: string;
  readonly stats: Stats;
  readonly coding: ContentCoding;
  /** As in `ResourceOptions`. */
  readonly root: string | undefined;
  readonly cache: FileCache;
  readonly cacheMemory: number;
}

interface Job {
  readonly stats: Stats;
  readonly root: string | undefined;
  readonly bytes: Promise<string | Uint8Array>;
}

/** Files that are being compressed, by the keys that their bytes will have in the cache. */
const jobs = new Map<string, Job>();

/** What was made before, if the file on disk is still the same. */
export function keptContent(file: CodedFile): Content | undefined {
  if (file.cacheMemory === 0) return undefined;
  const kept = file.cache.get(keyOf(file), file.stats, file.root);
  return kept === undefined ? undefined : new MemoryContent(kept.bytes);
}

/**
 * Compresses the file, or waits for whoever does so already.
 * @param content the file as it is; closed in any case
 * @throws {HTTPRequestError} 500 if the file has become shorter
 */
export async function compressedContent(file: CodedFile, content: Content): Promise<Content> {
  if (!isKnownToBeTheSame(file)) return new MemoryContent(await compressAndClose(file, content));
  const key = keyOf(file);
  const job = jobs.get(key);
  if (job !== undefined && job.root === file.root && isSameFile(job.stats, file.stats)) {
    content.close();
    return new MemoryContent(await job.bytes);
  }
  const bytes = compressAndClose(file, content).then(
    (result) => file.cache.add(key, file.stats, result, file.root, file.cacheMemory, Date.now()).bytes,
  );
  const own: Job = { stats: file.stats, root: file.root, bytes };
  jobs.set(key, own);
  try {
    return new MemoryContent(await bytes);
  } finally {
    // Another version of the file may have come in between.
    if (jobs.get(key) === own) jobs.delete(key);
  }
}

/**
 * Whether what is made of the file may be kept and shared, as its own bytes are: two versions of a young file
 * can have the same times and size, and a network file system may tell those of an older one.
 */
function isKnownToBeTheSame({ path, stats }: CodedFile): boolean {
  return isSettled(stats, Date.now()) && hasTrustedMetadata(path, stats.dev);
}

/** No path has a NUL in it. */
function keyOf({ path, coding }: CodedFile): string {
  return `${path}\0${coding}`;
}

async function compressAndClose({ coding }: CodedFile, content: Content): Promise<Buffer> {
  try {
    return fitted(await compress(coding, () => readAll(content)));
  } finally {
    content.close();
  }
}

async function readAll(content: Content): Promise<Uint8Array> {
  const { bytes, size } = content;
  if (bytes !== undefined) return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  const buffer = Buffer.allocUnsafeSlow(size);
  let at = 0;
  while (at < size) {
    const count = await content.read(buffer.subarray(at), at);
    if (count === 0) throw new HTTPRequestError(500, "The file has become shorter while it was read");
    at += count;
  }
  return buffer;
}

/** zlib gives a part of a larger buffer, all of which would stay in memory. */
function fitted(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
