// The output of a script that has just been started. Most scripts print a page and end within moments: two
// streams for each of them would cost more than all the rest of a run, and the collector of garbage more
// than that. So a pipe is looked at while it is young, all of them by one system call, and is left to the
// event loop when it lives on.

import { closeSync } from "node:fs";

import { removeItem } from "../remove-item.ts";
import type { CLibrary } from "./c-library.ts";
import { GrownPipe, LARGEST_READ } from "./grown-pipe.ts";
import type { ScriptOutput } from "./script-output.ts";

/**
 * Milliseconds between two looks: what a script prints may be held back so long, while it is young.
 * Its end is told by a signal.
 */
const LOOK_EVERY = 10;

/** After so many milliseconds a script is one that takes its time. */
const YOUNG_TIME = 100;

/**
 * Milliseconds until the look at a pipe whose script has ended and that is still open: mostly another process
 * holds it that has been started meanwhile, until it runs its own program and so closes what is not its own.
 */
const LOOK_SOON = 1;

/** Bytes of one read, which is what a pipe of Linux holds. Who has filled it will print more. */
const READ_SIZE = 64 * 1024;

/** All pipes that are young. */
export class YoungPipes {
  readonly #c: CLibrary;
  readonly #youngTime: number;
  readonly #pipes: YoungPipe[] = [];
  readonly #buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  #timer: NodeJS.Timeout | undefined;
  #looksSoon = false;

  /** @param youngTime milliseconds until a pipe is left to the event loop */
  constructor(c: CLibrary, youngTime = YOUNG_TIME) {
    this.#c = c;
    this.#youngTime = youngTime;
  }

  /** @param descriptor our end of a pipe, which belongs to what is returned from here on */
  add(descriptor: number): ScriptOutput {
    this.#c.setNonBlocking(descriptor);
    const pipe = new YoungPipe(this, descriptor, performance.now() + this.#youngTime);
    this.#pipes.push(pipe);
    this.#timer ??= setTimeout(() => this.#look(), LOOK_EVERY);
    return pipe;
  }

  /**
   * Its script prints much: it may be ahead by as much as is read at once. Where the system
   * refuses that, nothing is lost.
   */
  enlarge(descriptor: number): void {
    this.#c.setPipeSize(descriptor, LARGEST_READ);
  }

  lookSoon(): void {
    if (this.#looksSoon) return;
    this.#looksSoon = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), LOOK_SOON);
  }

  /** It has grown up, or is closed. */
  remove(pipe: YoungPipe): void {
    removeItem(this.#pipes, pipe);
  }

  /** @returns the next bytes; `null` if there are none for now; `"end"` if there will be none */
  read(descriptor: number): Buffer | null | "end" {
    const size = this.#c.read(descriptor, this.#buffer, READ_SIZE);
    if (size > 0) return Buffer.from(this.#buffer.subarray(0, size));
    // An error of a pipe is only that there is nothing yet; if it were more, who
    // reads it later would meet it.
    return size === 0 ? "end" : null;
  }

  #look(): void {
    this.#timer = undefined;
    this.#looksSoon = false;
    const pipes = [...this.#pipes];
    const ready = this.#c.readable(pipes.map(({ descriptor }) => descriptor));
    for (const [i, pipe] of pipes.entries()) pipe.noteLook(ready[i] === true);
    if (this.#pipes.length > 0) this.#timer ??= setTimeout(() => this.#look(), LOOK_EVERY);
  }
}

class YoungPipe implements ScriptOutput {
  readonly descriptor: number;
  readonly #all: YoungPipes;
  readonly #youngUntil: number;
  /** There may be something to read. */
  #isReady = false;
  #hasExited = false;
  #hasEnded = false;
  /** What it has become. */
  #grown: GrownPipe | undefined;
  onChange: () => void = () => {};

  constructor(all: YoungPipes, descriptor: number, youngUntil: number) {
    this.#all = all;
    this.descriptor = descriptor;
    this.#youngUntil = youngUntil;
  }

  read(): Buffer | null {
    if (this.#grown !== undefined) return this.#grown.read();
    if (this.#hasEnded || !this.#isReady) return null;
    const bytes = this.#all.read(this.descriptor);
    if (bytes === "end") {
      this.#close();
      return null;
    }
    this.#isReady = bytes !== null;
    if (bytes === null && this.#hasExited) this.#all.lookSoon();
    if (bytes?.length === READ_SIZE) {
      this.#all.enlarge(this.descriptor);
      this.#growUp();
    }
    return bytes;
  }

  get hasEnded(): boolean {
    return this.#grown?.hasEnded ?? this.#hasEnded;
  }

  noteExit(): void {
    this.#hasExited = true;
    this.#noteReady();
  }

  noteLook(isReady: boolean): void {
    // Closed, or grown up, by what another one's news has led to.
    if (this.#hasEnded || this.#grown !== undefined) return;
    if (isReady) this.#noteReady();
    if (performance.now() >= this.#youngUntil && !this.#hasEnded) this.#growUp();
  }

  #noteReady(): void {
    if (this.#hasEnded || this.#isReady || this.#grown !== undefined) return;
    this.#isReady = true;
    this.onChange();
  }

  #growUp(): void {
    if (this.#grown !== undefined) return;
    this.#all.remove(this);
    this.#grown = new GrownPipe(this.descriptor);
    this.#grown.onChange = () => this.onChange();
  }

  destroy(): void {
    if (this.#grown !== undefined) return this.#grown.destroy();
    if (this.#hasEnded) return;
    this.#close();
    this.onChange();
  }

  #close(): void {
    this.#hasEnded = true;
    this.#all.remove(this);
    closeSync(this.descriptor);
  }
}
