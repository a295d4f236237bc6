// One range of a content, as a content of its own.

import type { Readable } from "node:stream";
import type { ByteRange } from "./byte-range.ts";
import { type Content, MemoryContent, streamOf } from "./file-content.ts";

/** @param source closed with the part; it must have the whole range */
export function partOfContent(source: Content, range: ByteRange): Content {
  const bytes = bytesOf(source, range);
  if (bytes === undefined) return new PartOfContent(source, range);
  source.close();
  return new MemoryContent(bytes);
}

/** The bytes of the range; `undefined` where the content is not in memory. */
export function bytesOf({ bytes }: Content, { first, last }: ByteRange): string | Uint8Array | undefined {
  return typeof bytes === "string" ? bytes.slice(first, last + 1) : bytes?.subarray(first, last + 1);
}

class PartOfContent implements Content {
  readonly bytes = undefined;
  readonly size: number;
  readonly #source: Content;
  readonly #first: number;

  constructor(source: Content, { first, last }: ByteRange) {
    this.size = last - first + 1;
    this.#source = source;
    this.#first = first;
  }

  stream(): Readable {
    return streamOf(this);
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    const length = Math.min(buffer.length, this.size - position);
    if (length <= 0) return Promise.resolve(0);
    return this.#source.read(buffer.subarray(0, length), this.#first + position);
  }

  close(): void {
    this.#source.close();
  }
}
