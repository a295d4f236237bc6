// A body stored to its last byte, which tells its length: in memory, or in a file if it is long
// (RFC 3875 §4.1.2: CONTENT_LENGTH is the size after any transfer coding has been removed).

import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { CGIError, systemErrorCode } from "../errors.ts";

export interface SpooledBody {
  /** Exact, in bytes. */
  readonly length: number;
  /** The file that holds all bytes, if they were too many for memory. It stands at its first byte. */
  readonly descriptor: number | undefined;
  /** All bytes from the first one. To be called once. */
  read(): Readable;
  /** Gives memory and disk back. Call it on every way out. */
  close(): Promise<void>;
}

/**
 * Reads `source` to its end. If that fails nothing is left behind.
 * @throws {CGIError} ERR_CGI_NO_SPACE where the disk is full or nothing can be stored on it, ERR_CGI_BUSY
 * where descriptors have run out; and whatever `source` throws
 */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  memoryLimit: number,
  directory: string = tmpdir(),
): Promise<SpooledBody> {
  const inMemory: Uint8Array[] = [];
  let length = 0;
  let file: FileHandle | undefined;
  try {
    for await (const chunk of source) {
      if (file === undefined && length + chunk.length > memoryLimit) {
        file = await openNameless(directory).catch((error: unknown) => refuse(error, directory));
        let position = 0;
        for (const piece of inMemory.splice(0)) position = await writeAt(file, piece, position);
      }
      if (file === undefined) inMemory.push(chunk);
      else await writeAt(file, chunk, length);
      length += chunk.length;
    }
  } catch (error) {
    await file?.close();
    const code = systemErrorCode(error);
    if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
      throw new CGIError("ERR_CGI_NO_SPACE", `no room for a request body in ${directory} (${code})`, {
        cause: error,
      });
    }
    if (code === "EMFILE" || code === "ENFILE") {
      throw new CGIError("ERR_CGI_BUSY", `no file descriptor is left for a request body (${code})`, {
        cause: error,
      });
    }
    throw error;
  }
  return file === undefined ? storedInMemory(inMemory, length) : storedInFile(file, length);
}

function storedInMemory(pieces: Uint8Array[], length: number): SpooledBody {
  return {
    length,
    descriptor: undefined,
    read: () => Readable.from(pieces, { objectMode: false }),
    close: () => {
      pieces.length = 0;
      return Promise.resolve();
    },
  };
}

function storedInFile(file: FileHandle, length: number): SpooledBody {
  let stream: Readable | undefined;
  return {
    length,
    // All was written by position.
    descriptor: file.fd,
    read: () => {
      // An end just before the end of the file, and not behind it, spares a last read of nothing.
      stream = file.createReadStream({ start: 0, end: length - 1, autoClose: false });
      return stream;
    },
    close: async () => {
      stream?.destroy();
      await file.close();
    },
  };
}

/**
 * What cannot be made where others can is the fault of the folder, and said as such; the rest is told apart
 * by who called.
 */
function refuse(error: unknown, directory: string): never {
  const code = systemErrorCode(error);
  if (code === undefined || !UNUSABLE.has(code)) throw error;
  throw new CGIError("ERR_CGI_NO_SPACE", `a request body cannot be stored in ${directory} (${code})`, {
    cause: error,
  });
}

/** A folder that is not there, on a read-only disk, or somebody else's. */
const UNUSABLE = new Set(["ENOENT", "ENOTDIR", "EROFS", "EACCES", "EPERM"]);

/** A file that nobody else can open and that is gone with its descriptor, also when we are killed. */
async function openNameless(directory: string): Promise<FileHandle> {
  const name = join(directory, `htbin-${randomUUID()}`);
  const file = await open(name, "wx+", 0o600);
  try {
    await unlink(name);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
}

/** A single write may store less than it was given, as it does on a disk that is nearly full. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
  return position + bytes.length;
}
