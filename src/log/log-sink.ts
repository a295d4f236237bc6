// Where log lines go: gathered for a moment, so that a busy server makes one write for many lines.

/** Lines wait at most this long, in milliseconds. */
const DELAY = 50;
/** Gathered characters that are worth a write of their own. */
const ENOUGH = 16_384;

export class LogSink {
  readonly #write: (text: string) => void;
  #text = "";
  #timer: NodeJS.Timeout | undefined;

  /** @param write takes whole lines, several at a time */
  constructor(write: (text: string) => void) {
    this.#write = write;
    process.on("exit", () => this.flush());
  }

  /** Takes one entry, with its line end. */
  write(entry: string): void {
    this.#text += entry;
    if (this.#text.length >= ENOUGH) return this.flush();
    // A waiting line must not keep a finished program alive: the "exit" event flushes.
    this.#timer ??= setTimeout(() => this.flush(), DELAY).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    this.#write(text);
  }
}

/** The log of everyone who does not choose another: the standard error stream, as in the original. */
export const stderrLog = new LogSink((text) => {
  process.stderr.write(text);
});
