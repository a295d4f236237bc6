// How long a connection that is closing goes on reading: a client that still sends its body
// looks for the answer behind that.

import type { ServerLimits } from "./limits.ts";

export class Linger {
  readonly #limits: ServerLimits;
  /** The client has sent something since the last look. */
  #isStillSending = false;
  /** When it ends although the client goes on sending. */
  #end = Infinity;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** Something has come, and was dropped. */
  noteData(): void {
    this.#isStillSending = true;
  }

  /**
   * To be asked every `lingerTime`.
   * @param isSent all of the answer has left: only then the time to read it begins
   */
  isOver(now: number, isSent: boolean): boolean {
    if (!isSent) return false;
    if (this.#end === Infinity) this.#end = now + this.#limits.lingerTotal;
    const isOver = !this.#isStillSending || now >= this.#end;
    this.#isStillSending = false;
    return isOver;
  }
}
