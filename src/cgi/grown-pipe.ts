// The output of a script that prints for a while, or much: it is read in pieces as large as what comes, since
// each costs a turn of the event loop.

import { type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";

import { MOST_HELD_WHEN_DRAINED } from "../server/output-queue.ts";
import type { ScriptOutput } from "./script-output.ts";

/** Bytes of the first read at most: a line now and then needs no more. */
const FIRST_READ = 8 * 1024;

/**
 * Bytes of one read at most. Measured with 50 MiB: 64 KiB cost half as much processor time
 * again, a megabyte gains no more.
 */
export const LARGEST_READ = 256 * 1024;

/** After a read that has filled its buffer comes one that many times as large. */
const GROWTH = 8;

export class GrownPipe implements ScriptOutput {
  readonly #socket: Socket;
  /**
   * What is read into. A new one for each read would cost more than reading it full: memory by the
   * megabyte, and its collection.
   */
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_READ);
  /** What has come unasked. No more is read meanwhile: the script waits when its pipe is full. */
  #next: Buffer | null = null;
  #isReading = true;
  onChange: () => void = () => {};

  /** @param descriptor our end of a pipe, which belongs to this object from here on */
  constructor(descriptor: number) {
    const options: ReadingOptions = {
      fd: descriptor,
      readable: true,
      writable: false,
      onread: { buffer: () => this.#buffer, callback: (size) => this.#noteBytes(size) },
    };
    this.#socket = new Socket(options);
    const change = (): void => this.onChange();
    for (const event of ["end", "close", "error"]) this.#socket.on(event, change);
    this.#socket.resume();
  }

  /** @returns whether to go on reading */
  #noteBytes(size: number): boolean {
    this.#next = this.#take(size);
    this.#isReading = false;
    this.onChange();
    return this.#isReading;
  }

  #take(size: number): Buffer {
    const buffer = this.#buffer;
    const bytes = buffer.subarray(0, size);
    if (size < buffer.length || size === LARGEST_READ) {
      return size < MOST_HELD_WHEN_DRAINED ? Buffer.from(bytes) : bytes;
    }
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(size * GROWTH, LARGEST_READ));
    return bytes;
  }

  read(): Buffer | null {
    const bytes = this.#next;
    this.#next = null;
    if (bytes === null && !this.#isReading) {
      this.#isReading = true;
      this.#socket.resume();
    }
    return bytes;
  }

  get hasEnded(): boolean {
    return this.#next === null && (this.#socket.readableEnded || this.#socket.destroyed);
  }

  noteExit(): void {}

  destroy(): void {
    this.#next = null;
    this.#socket.destroy();
  }
}

/** Node's types have `onread` for a socket that is about to connect alone. */
interface ReadingOptions extends SocketConstructorOpts {
  readonly onread: OnReadOpts;
}
