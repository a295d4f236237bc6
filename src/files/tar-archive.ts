// A tar file made while it is sent, compressed or not.

import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { createTarPacker } from "modern-tar";
import { type ArchiveEntry, bytesOf, within } from "./archive-entries.ts";

/** The fastest: a browser on the same network waits for the compression, not for the wire. */
const LEVEL = 1;

/** What eleven octal digits hold of seconds. */
const EARLIEST = new Date(0);
const LATEST = new Date(0o77777777777 * 1000);

/** Entries as a tar file (POSIX ustar, with pax headers for what does not fit). */
export async function* tarArchive(entries: AsyncGenerator<ArchiveEntry>): AsyncGenerator<Buffer, void> {
  const { readable, controller } = createTarPacker();
  const feeding = feed(controller, entries).catch((error: unknown) => controller.error(error));
  try {
    // Leaving the loop cancels the stream, and with it whoever feeds it.
    for await (const piece of readable) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  } finally {
    await feeding;
  }
}

async function feed(
  controller: ReturnType<typeof createTarPacker>["controller"],
  entries: AsyncGenerator<ArchiveEntry>,
): Promise<void> {
  for await (const entry of entries) {
    const { path, file, mode } = entry;
    const writer = controller
      .add({
        name: path,
        type: file === undefined ? "directory" : "file",
        size: file?.size ?? 0,
        mode,
        mtime: within(EARLIEST, entry.modified, LATEST),
        // The name in the plain header has no known encoding; that of pax is UTF-8.
        ...(/[^\x20-\x7e]/.test(path) && { pax: { path } }),
      })
      .getWriter();
    for await (const piece of bytesOf(entry)) await writer.write(piece);
    await writer.close();
  }
  controller.finalize();
}

/** The same, compressed with gzip. */
export async function* gzipped(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, void> {
  const gzip = createGzip({ level: LEVEL });
  // It destroys each when the other fails or is left; what has gone wrong, the loop below is told.
  pipeline(Readable.from(pieces, { objectMode: false }), gzip, () => {});
  for await (const piece of gzip) yield piece as Buffer;
}
