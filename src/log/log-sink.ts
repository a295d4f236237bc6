// Where log lines go: gathered for a moment, so that a busy server makes one write for many lines.

import { DescriptorWriter } from "./descriptor-writer.ts";

/** What takes the entries of a log, each with its line end. `process.stdout` is one. */
export interface LogDestination {
  /**
   * Takes one entry: a line with its end, or several that belong together. A promise that it returns is not
   * waited for.
   */
  write(entry: string): unknown;
}

/** Lines wait at most this long, in milliseconds. */
const DELAY = 50;
/** Gathered characters that are worth a write of their own. */
const ENOUGH = 16_384;

export class LogSink implements LogDestination {
  readonly #write: (text: string) => void;
  readonly #finish: () => void;
  #enough = ENOUGH;
  #text = "";
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param write takes whole lines, several at a time
   * @param finish called when the program ends, after the last `write`
   */
  constructor(write: (text: string) => void, finish: () => void = () => {}) {
    this.#write = write;
    this.#finish = finish;
    process.on("exit", this.#onExit);
  }

  /** Takes one entry, with its line end. */
  write(entry: string): void {
    this.#text += entry;
    if (this.#text.length >= this.#enough) return this.flush();
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

  /** Writes what is left, and lets go of the program's end. */
  close(): void {
    this.flush();
    this.#finish();
    process.off("exit", this.#onExit);
  }

  readonly #onExit = (): void => {
    this.flush();
    this.#finish();
    // Other listeners of this event may log as well, and no timer fires any more.
    this.#enough = 0;
  };
}

/** The log of everyone who does not choose another: the standard error stream, as in the original. */
export const stderrLog = makeStderrLog();

function makeStderrLog(): LogSink {
  // There Node's stream writes synchronously, and knows the encoding of a console.
  if (process.platform === "win32") return new LogSink((text) => void process.stderr.write(text));
  let writer: DescriptorWriter | undefined;
  const open = (): DescriptorWriter => {
    // Touching the stream makes a pipe non-blocking: a server must not stand still
    // because nobody reads its log.
    const { fd = STDERR } = process.stderr as { fd?: number };
    const opened = new DescriptorWriter(fd, {
      // Whoever read it is gone, and there is nobody else to tell.
      onFailure: () => {},
      onDropped: (lines) => opened.write(droppedText(lines)),
    });
    return opened;
  };
  return new LogSink(
    (text) => (writer ??= open()).write(text),
    () => writer?.finish(),
  );
}

/** In a worker thread the stream has no descriptor. */
const STDERR = 2;

/** One line that says how many are missing. */
export function droppedText(lines: number): string {
  return `htbin: ${lines} lines of the log were dropped, because nobody took them\n`;
}
