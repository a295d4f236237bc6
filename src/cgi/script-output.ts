// What a script writes, as the server gets it: asked for piece by piece, whichever way the bytes come.

import type { Readable } from "node:stream";

export interface ScriptOutput {
  /**
   * The next bytes; `null` as long as there are none, and at the end. A piece of 64 KiB or more is lent until
   * the next call: who still needs a part of it then takes a copy.
   */
  read(): Buffer | null;
  /** All has been read, or nobody wants the rest. */
  readonly hasEnded: boolean;
  /** Called when `read()` or `hasEnded` may have news. To be set in the turn that got this object. */
  onChange: () => void;
  /** The script has ended: what it has written is there; only what it left behind can write more. */
  noteExit(): void;
  /** Nobody wants the rest. */
  destroy(): void;
}

/** A stream tells by itself when there is something. */
export class StreamOutput implements ScriptOutput {
  readonly #stream: Readable;
  onChange: () => void = () => {};

  constructor(stream: Readable) {
    this.#stream = stream;
    const change = (): void => this.onChange();
    // "readable" stays listened to: without it Node lets the rest flow into nothing when the process exits.
    for (const event of ["readable", "end", "close", "error"]) stream.on(event, change);
  }

  read(): Buffer | null {
    return this.#stream.read() as Buffer | null;
  }

  get hasEnded(): boolean {
    return this.#stream.readableEnded || this.#stream.destroyed;
  }

  noteExit(): void {}

  destroy(): void {
    this.#stream.destroy();
  }
}
