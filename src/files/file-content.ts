// What is sent as the body of a response: bytes in memory, or an open file read piece by piece.

import { closeSync, createReadStream, read } from "node:fs";
import { Readable } from "node:stream";

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

export class OpenFileContent implements Content {
  readonly bytes = undefined;
  readonly size: number;
  #fd: number;

  /** @param fd closed by `close()` */
  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.size = size;
  }

  stream(): Readable {
    if (this.size === 0) return Readable.from([]);
    return createReadStream("", { fd: this.#fd, start: 0, end: this.size - 1, autoClose: false });
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    const length = Math.min(buffer.length, this.size - position);
    if (length <= 0) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      read(this.#fd, buffer, 0, length, position, (error, count) =>
        error === null ? resolve(count) : reject(error),
      );
    });
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}
