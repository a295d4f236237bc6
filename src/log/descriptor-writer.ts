// Text to a file descriptor, in order and whole, also where it takes no more for the moment: a pipe
// that nobody reads, a full disk.

import { writeSync } from "node:fs";
import { systemErrorCode } from "../errors.ts";

/**
 * Characters kept for a descriptor that takes none: some hundred thousand lines. What comes
 * beyond is dropped and counted.
 */
const MOST_KEPT = 16 * 1024 * 1024;
/** Milliseconds until the next try. */
const RETRY = 100;
/** Milliseconds that the end of the program waits for a reader who takes nothing; and between two looks. */
const LAST_WAIT = 2_000;
const STEP = 5;

/** A disk can have room again; a pipe that was closed stays closed. */
const PASSING = new Set<string | undefined>(["ENOSPC", "EDQUOT"]);

export interface Troubles {
  /** The first failed write, and again the first after one that succeeded. A full pipe is no failure. */
  onFailure(error: unknown): void;
  /** Something can be written again, and so many lines were dropped before. */
  onDropped(lines: number): void;
}

/**
 * Writes are synchronous: what has been taken is safe whatever becomes of the process. Node's own streams for
 * pipes are not, and `process.exit()` throws away what they hold.
 */
export class DescriptorWriter {
  #fd: number;
  readonly #troubles: Troubles;
  /** What waits: bytes of which some may have been written, and the text behind them. */
  #bytes: Buffer = Buffer.alloc(0);
  #text = "";
  #retry: NodeJS.Timeout | undefined;
  #hasFailed = false;
  #droppedLines = 0;

  constructor(fd: number, troubles: Troubles) {
    this.#fd = fd;
    this.#troubles = troubles;
  }

  /** Takes whole lines. Writes them at once, or as soon as that is possible. */
  write(lines: string): void {
    if (this.#bytes.length + this.#text.length > MOST_KEPT)
      this.#droppedLines += lines.split("\n").length - 1;
    else this.#text += lines;
    this.#tryAll();
  }

  /** Writes what waits, or drops it: the program ends, or the descriptor is about to be closed. */
  finish(): void {
    let waited = 0;
    for (let before = this.#bytes.length; this.#writeAll() === "full" && waited < LAST_WAIT; waited += STEP) {
      if (this.#bytes.length !== before) waited = 0;
      before = this.#bytes.length;
      sleep(STEP);
    }
    this.#forget();
  }

  /** Goes on with another descriptor, where all goes that this one did not take. @returns the one before */
  replace(fd: number): number {
    this.#writeAll();
    const before = this.#fd;
    this.#fd = fd;
    this.#hasFailed = false;
    this.#tryAll();
    return before;
  }

  #tryAll(): void {
    if (this.#writeAll() === "done") return;
    // Lines that wait must not keep a finished program alive: `finish` has the last word.
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#tryAll();
    }, RETRY).unref();
  }

  #writeAll(): "done" | "full" | "failing" {
    try {
      for (;;) {
        if (this.#bytes.length === 0) {
          if (this.#text === "") break;
          this.#bytes = Buffer.from(this.#text, "utf8");
          this.#text = "";
        }
        this.#bytes = this.#bytes.subarray(writeSync(this.#fd, this.#bytes));
      }
    } catch (error) {
      return this.#catch(error);
    }
    this.#hasFailed = false;
    this.#tellDropped();
    return "done";
  }

  #catch(error: unknown): "done" | "full" | "failing" {
    const code = systemErrorCode(error);
    if (code === "EAGAIN") return "full";
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.#troubles.onFailure(error);
    }
    if (PASSING.has(code)) return "failing";
    this.#forget();
    return "done";
  }

  #tellDropped(): void {
    const lines = this.#droppedLines;
    this.#droppedLines = 0;
    if (lines > 0) this.#troubles.onDropped(lines);
  }

  #forget(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#bytes = Buffer.alloc(0);
    this.#text = "";
  }
}

/** Blocks the whole process: for its last moments only. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
