// The body of a response that is made while it is sent, piece by piece, and whose size
// nobody knows before its end.

import { Readable } from "node:stream";
import type { Content } from "./file-content.ts";

/** Gives its pieces in order, once. Nothing is made before it is asked for. */
export class StreamedContent implements Content {
  readonly size = Infinity;
  readonly bytes = undefined;
  readonly #pieces: AsyncGenerator<Uint8Array, void>;
  #whenOver: (() => void) | undefined;
  #rest: Uint8Array = Buffer.alloc(0);

  /**
   * @param pieces ended early by `close()`
   * @param whenOver called once after `close()`, when no piece is being made any more
   */
  constructor(pieces: AsyncGenerator<Uint8Array, void>, whenOver?: () => void) {
    this.#pieces = pieces;
    this.#whenOver = whenOver;
  }

  stream(): Readable {
    return Readable.from(this.#pieces, { objectMode: false });
  }

  /** @param _position has to be where the last read has ended */
  async read(buffer: Uint8Array, _position: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return 0;
      this.#rest = next.value;
    }
    const count = Math.min(this.#rest.length, buffer.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  close(): void {
    const whenOver = this.#whenOver;
    this.#whenOver = undefined;
    // What fails now concerns nobody: the response is over.
    this.#pieces
      .return()
      .finally(whenOver)
      .catch(() => {});
  }
}

/** Small pieces of text joined to large ones. `undefined` sends what is there: more will take a while. */
export async function* joinText(pieces: AsyncIterable<string | undefined>): AsyncGenerator<Buffer, void> {
  let text = "";
  for await (const piece of pieces) {
    if (piece !== undefined) text += piece;
    if (piece !== undefined && text.length < LARGE) continue;
    if (text !== "") yield Buffer.from(text, "utf8");
    text = "";
  }
  if (text !== "") yield Buffer.from(text, "utf8");
}

/** Small pieces joined to few large ones; a large one passes as it is. */
export async function* joinBytes(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let small: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    const isLarge = piece.length >= LARGE;
    if (!isLarge) {
      small.push(piece);
      size += piece.length;
    }
    if (size >= LARGE || (isLarge && size > 0)) {
      yield Buffer.concat(small, size);
      small = [];
      size = 0;
    }
    if (isLarge) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
  }
  if (size > 0) yield Buffer.concat(small, size);
}

/** Characters, or bytes: the worth of one write. */
const LARGE = 65_536;
