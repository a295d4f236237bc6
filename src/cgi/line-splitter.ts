// Bytes of a stream as lines of text, however the stream cuts them, and none longer than a log should have.

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
      this.#pieces.push(chunk.subarray(from, end));
      this.#length += end - from;
      from = end;
      if (end === newline) {
        from++;
        this.#flush();
      } else if (this.#length >= LONGEST_LINE) {
        this.#flush();
      }
    }
  }

  /** What is left is a line, too. */
  end(): void {
    if (this.#length > 0) this.#flush();
  }

  #flush(): void {
    const line = Buffer.concat(this.#pieces).toString("utf8").replace(/\r$/, "");
    this.#pieces = [];
    this.#length = 0;
    this.#onLine(line);
  }
}
