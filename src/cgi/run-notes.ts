// What is worth knowing about one run of a script when it has failed: its times, the beginning
// of its output, its last words.

import type { ProcessEnd } from "./started-process.ts";

/** Enough to see what a script printed instead of a header. */
const OUTPUT_KEPT = 1024;
/** Node says what is wrong on its fifth line, Ruby and Go on their first; what follows is a trace. */
const FIRST_LINES_KEPT = 5;
/** The end of a Python traceback, whose last line says it. */
const LAST_LINES_KEPT = 12;

/** What a script wrote on stderr, without its middle where that is long. */
export interface LastWords {
  readonly first: readonly string[];
  /** How many lines are left out. */
  readonly between: number;
  readonly last: readonly string[];
}

export class RunNotes {
  /** When the run began, in milliseconds of `performance.now()`; `undefined` if the script never ran. */
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #exit: ProcessEnd | undefined;
  #output: Uint8Array[] = [];
  #outputKept = 0;
  #outputSize = 0;
  #firstLines: string[] = [];
  #lastLines: string[] = [];
  #lineCount = 0;
  #hasStderrEnded = false;
  #wake: (() => void) | undefined;

  started(): void {
    this.#startedAt = performance.now();
  }

  /** What ran was the program that was to start it, and could not. */
  refused(): void {
    this.#startedAt = undefined;
    this.#exit = undefined;
  }

  output(bytes: Uint8Array): void {
    this.#outputSize += bytes.length;
    if (this.#outputKept >= OUTPUT_KEPT) return;
    // A copy: the piece itself goes to the client and is not ours to keep.
    const kept = Uint8Array.from(bytes.subarray(0, OUTPUT_KEPT - this.#outputKept));
    this.#output.push(kept);
    this.#outputKept += kept.length;
  }

  stderrLine(line: string): void {
    this.#lineCount++;
    if (this.#firstLines.length < FIRST_LINES_KEPT) {
      this.#firstLines.push(line);
      return;
    }
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES_KEPT) this.#lastLines.shift();
  }

  stderrEnded(): void {
    this.#hasStderrEnded = true;
    this.#wake?.();
  }

  ended(exit: ProcessEnd): void {
    this.#endedAt = performance.now();
    this.#exit = exit;
    this.#wake?.();
  }

  /** Milliseconds from its start to its end, or until this moment; `undefined` if it never ran. */
  get duration(): number | undefined {
    if (this.#startedAt === undefined) return undefined;
    return (this.#endedAt ?? performance.now()) - this.#startedAt;
  }

  get exit(): ProcessEnd | undefined {
    return this.#exit;
  }

  /** The beginning of stdout, header and all. */
  get outputStart(): Buffer {
    return Buffer.concat(this.#output);
  }

  /** Bytes that were read of stdout. */
  get outputSize(): number {
    return this.#outputSize;
  }

  get lastWords(): LastWords {
    const [first, last] = [[...this.#firstLines], [...this.#lastLines]];
    return { first, between: this.#lineCount - first.length - last.length, last };
  }

  /** Waits until the script has ended and its last words are here, at most `limit` milliseconds. */
  async complete(limit: number): Promise<void> {
    const isComplete = (): boolean =>
      this.#startedAt === undefined || (this.#exit !== undefined && this.#hasStderrEnded);
    if (isComplete()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limit);
      this.#wake = () => {
        if (!isComplete()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
