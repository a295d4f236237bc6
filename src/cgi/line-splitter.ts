// Bytes of a stream as lines of text, however the stream cuts them, and none longer than a log should have.

import { isUtf8 } from "node:buffer";

/** A script that prints a megabyte without a line end gives several lines instead. */
const LONGEST_LINE = 4096;

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      const newline = chunk.indexOf(0x0a, from);
      const room = from + LONGEST_LINE - this.#length;
      const end = Math.min(newline === -1 ? chunk.length : newline, room);
      const piece = chunk.subarray(from, end);
      // A copy of what has to wait: the chunk may be lent until the next one is asked for.
      this.#pieces.push(newline === -1 ? Buffer.from(piece) : piece);
      this.#length += end - from;
      from = end;
      if (end === newline) {
        from++;
        this.#flush();
      } else if (this.#length >= LONGEST_LINE) {
        this.#flush(true);
      }
    }
  }

  /** What is left is a line, too. */
  end(): void {
    if (this.#length > 0) this.#flush();
  }

  /** A line that is cut for its length is cut between two characters: no half of one is left. */
  #flush(isCut = false): void {
    const bytes = Buffer.concat(this.#pieces);
    const end = isCut ? characterBoundary(bytes) : bytes.length;
    this.#pieces = end === bytes.length ? [] : [bytes.subarray(end)];
    this.#length = bytes.length - end;
    const line = bytes.subarray(0, end);
    // Latin-1 loses nothing: every byte is a letter, or a control character that the log shows as `\xHH`.
    this.#onLine(line.toString(isUtf8(line) ? "utf8" : "latin1").replace(/\r$/, ""));
  }
}

/** Where the last whole character of UTF-8 ends. */
function characterBoundary(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && (bytes[start]! & 0xc0) === 0x80) start--;
  const lead = bytes[start]!;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return length > bytes.length - start ? start : bytes.length;
}
