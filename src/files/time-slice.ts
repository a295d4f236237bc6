// Long work in short pieces, so that other requests are answered in between.

import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Milliseconds: long enough to hide the cost of a turn of the event loop, short enough that with a collection of garbage on top nobody
 * else waits for 20.
 */
const SLICE = 3;

export class TimeSlice {
  #end = performance.now() + SLICE;

  /** Looked at after each small step; if so, `rest()` comes next. */
  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  /** Lets everybody else have a turn. */
  async rest(): Promise<void> {
    await nextTurn();
    this.#end = performance.now() + SLICE;
  }
}
