// Who may handle a request now: one at a time, in order of arrival, or everyone at once.

/**
 * A server has one of these; a handler takes a turn when it holds a complete request head and gives it back
 * after its response. So a silent connection holds no turn, and cannot block the others.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** How many more turns may begin: no end to them in `serveForever()`, one for each `handleRequest()`. */
  #allowed = 0;
  #onLeave: (() => void) | undefined;

  /** @param atOnce how many turns run side by side: 1, or `Infinity` */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Somebody is handling a request. */
  get isTaken(): boolean {
    return this.#running > 0;
  }

  /** Turns are given one by one: nobody knows when the next will be, so each request ends its connection. */
  get isLimited(): boolean {
    return this.#allowed !== Infinity;
  }

  /** `undefined` when the turn begins at once, as for most requests of a threading server: no promise. */
  take(): Promise<void> | undefined {
    if (this.#running < this.#atOnce && this.#allowed > 0) {
      this.#begin();
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Every `take` is followed by one `leave`, whatever happened between. */
  leave(): void {
    this.#running--;
    const onLeave = this.#onLeave;
    this.#onLeave = undefined;
    onLeave?.();
    this.#next();
  }

  allowAll(): void {
    this.#allowed = Infinity;
    while (this.#next());
  }

  allowNone(): void {
    this.#allowed = 0;
  }

  /** Lets one turn begin, and resolves when it has ended. */
  allowOne(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLeave = resolve;
      if (this.isLimited) this.#allowed = 1;
      this.#next();
    });
  }

  #begin(): void {
    this.#running++;
    this.#allowed--;
  }

  #next(): boolean {
    if (this.#running >= this.#atOnce || this.#allowed <= 0) return false;
    const resume = this.#waiting.shift();
    if (resume === undefined) return false;
    this.#begin();
    resume();
    return true;
  }
}
