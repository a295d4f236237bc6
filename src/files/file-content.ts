// What is sent as the body of a response: bytes in memory, or an open file read piece by piece.

import { closeSync, fstatSync, read } from "node:fs";
import { Readable } from "node:stream";
import { HTTPRequestError } from "../errors.ts";

/** The body of a response whose head has been sent. Whoever has it calls `close()` in the end. */
export interface Content {
  /** Bytes. */
  readonly size: number;
  /** All of it, where it is in memory: a string holds one character per byte. */
  readonly bytes: string | Uint8Array | undefined;
  /** A stream of all of it. */
  stream(): Readable;
  /** Reads some bytes at a position into the buffer. @returns how many; 0 at the end */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** Lets go of the file, if there is one. Calling it again changes nothing. */
  close(): void;
}

export class MemoryContent implements Content {
  readonly bytes: string | Uint8Array;

  constructor(bytes: string | Uint8Array) {
    this.bytes = bytes;
  }

  get size(): number {
    return this.bytes.length;
  }

  stream(): Readable {
    return Readable.from([this.#buffer()]);
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    const part = this.#buffer().subarray(position, position + buffer.length);
    buffer.set(part);
    return Promise.resolve(part.length);
  }

  close(): void {}

  #buffer(): Buffer {
    const { bytes } = this;
    return typeof bytes === "string"
      ? Buffer.from(bytes, "latin1")
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** How much a stream reads at once, as streams of files in Node do. */
const PIECE = 64 * 1024;

/** A stream of what `read()` gives. */
export function streamOf(content: Content): Readable {
  return Readable.from(piecesOf(content), { objectMode: false });
}

async function* piecesOf(content: Content): AsyncGenerator<Buffer> {
  for (let position = 0; position < content.size;) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE, content.size - position));
    const count = await content.read(piece, position);
    if (count === 0) return;
    yield piece.subarray(0, count);
    position += count;
  }
}

export class OpenFileContent implements Content {
  readonly bytes = undefined;
  readonly size: number;
  #fd: number;
  readonly #modified: number;

  /**
   * @param fd closed by `close()`
   * @param modified when the file was changed last, in milliseconds since the epoch
   */
  constructor(fd: number, size: number, modified = fstatSync(fd).mtimeMs) {
    this.#fd = fd;
    this.size = size;
    this.#modified = modified;
  }

  stream(): Readable {
    return streamOf(this);
  }

  /**
   * @throws {HTTPRequestError} when somebody has written into the file since it was opened: what comes now
   * would not belong to what was sent
   */
  read(buffer: Uint8Array, position: number): Promise<number> {
    const length = Math.min(buffer.length, this.size - position);
    if (length <= 0) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      read(this.#fd, buffer, 0, length, position, (error, count) => {
        const failure = error ?? this.#whyTorn();
        if (failure === undefined) resolve(count);
        else reject(failure);
      });
    });
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /**
   * Only bytes that were written over count: what was appended lies behind all that is sent, and a shorter
   * file ends too early by itself.
   */
  #whyTorn(): Error | undefined {
    // Closed while it was read: nobody waits for the bytes.
    if (this.#fd === -1) return undefined;
    try {
      const { mtimeMs, size } = fstatSync(this.#fd);
      if (mtimeMs === this.#modified || size !== this.size) return undefined;
      return new HTTPRequestError(500, "the file was changed while it was sent");
    } catch (error) {
      return error as Error;
    }
  }
}
