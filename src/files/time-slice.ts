// Long work in short pieces, so that other requests are answered in between.

/**
 * Milliseconds: long enough to hide the cost of a turn of the event loop, short enough that with a collection
 * of garbage on top nobody else waits for 20.
 */
const SLICE = 3;

export class TimeSlice {
  #end = performance.now() + SLICE;

  /** Looked at after each small step; if so, `rest()` comes next. */
  get isOver(): boolean {
    return performance.now() > this.#end;
  }

  /** For those who would rather end what they are at. */
  get isLongOver(): boolean {
    return performance.now() > this.#end + SLICE;
  }

  /** Lets everybody else have a turn. */
  async rest(): Promise<void> {
    await ownTurn();
    this.#end = performance.now() + SLICE;
  }
}

const resting: (() => void)[] = [];

/** Of all who rest, one goes on in each turn of the event loop: all of them would hold it too long. */
function ownTurn(): Promise<void> {
  return new Promise((resolve) => {
    resting.push(resolve);
    if (resting.length === 1) setImmediate(wakeOne);
  });
}

function wakeOne(): void {
  resting.shift()?.();
  if (resting.length > 0) setImmediate(wakeOne);
}
