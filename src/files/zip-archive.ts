// A zip file made while it is sent.

import { once } from "node:events";
import { type PassThrough, Readable } from "node:stream";
import { ZipFile } from "yazl";
import { type ArchiveEntry, bytesOf, within } from "./archive-entries.ts";

/** What a second compression only costs time. */
const COMPRESSED =
  /\.(7z|aac|apk|avif|br|bz2|docx|epub|flac|gif|gz|heic|jar|jpe?g|lz4|m4[av]|mkv|mov|mp[34]|odt|og[ag]|opus|pdf|png|pptx|rar|tgz|webm|webp|woff2?|xlsx|xz|zip|zst)$/i;

/** The fastest: a browser on the same network waits for the compression, not for the wire. */
const LEVEL = 1;

/** What DOS could say of a year: 1980 to 2107; and what its later additions can, which is less. */
const EARLIEST = new Date(Date.UTC(1980, 0, 2));
const LATEST = new Date(0x7fff_ffff * 1000);

/** Entries as a zip file, with Zip64 where it is needed. It asks for an entry when the last one has been sent. */
export async function* zipArchive(entries: AsyncGenerator<ArchiveEntry>): AsyncGenerator<Buffer, void> {
  const zip = new ZipFile();
  const output = zip.outputStream as PassThrough;
  zip.on("error", (error: Error) => output.destroy(error));
  const feeding = feed(zip, output, entries).catch((error: unknown) => void output.destroy(error as Error));
  try {
    for await (const piece of output) yield piece as Buffer;
  } finally {
    output.destroy();
    await feeding;
  }
}

/**
 * A small file is cheaper in one piece than through the five streams of a large one. But only the end of a stream tells how far the zip
 * file has come: so many small ones may wait between two of those.
 */
const SMALL = 64 * 1024;
const SMALL_IN_A_ROW = 63;

async function feed(zip: ZipFile, output: PassThrough, entries: AsyncGenerator<ArchiveEntry>): Promise<void> {
  let inARow = 0;
  for await (const entry of entries) {
    if (output.destroyed) return;
    const modified = within(EARLIEST, entry.modified, LATEST);
    // A backslash separates directories for some who unpack: it must not lead them anywhere.
    const path = entry.path.replaceAll("\\", "_");
    if (entry.file === undefined) {
      zip.addEmptyDirectory(path, { mtime: modified, mode: 0o040000 | entry.mode });
      continue;
    }
    const { size } = entry.file;
    const compressionLevel = COMPRESSED.test(path) || size === 0 ? 0 : LEVEL;
    const attributes = { mtime: modified, mode: 0o100000 | entry.mode, compressionLevel };
    if (size <= SMALL && inARow < SMALL_IN_A_ROW) {
      inARow++;
      const pieces: Buffer[] = [];
      for await (const piece of bytesOf(entry)) pieces.push(piece);
      zip.addBuffer(Buffer.concat(pieces), path, attributes);
      continue;
    }
    inARow = 0;
    const source = Readable.from(bytesOf(entry), { objectMode: false });
    source.once("error", (error) => output.destroy(error));
    const stop = (): void => void source.destroy();
    output.once("close", stop);
    const closed = once(source, "close");
    zip.addReadStream(source, path, { ...attributes, size });
    // Only then may its file be closed, and the next be opened.
    await closed;
    output.off("close", stop);
  }
  zip.end();
}
