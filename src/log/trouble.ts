// A trouble that is met again and again, and said twice: when it begins, and when it is over.

export class Trouble {
  readonly #log: (message: string) => void;
  readonly #describeEnd: (times: number) => string;
  #times = 0;
  #timesBefore = 0;

  /** @param describeEnd what to say when it is over, after having been met so many times */
  constructor(log: (message: string) => void, describeEnd: (times: number) => string) {
    this.#log = log;
    this.#describeEnd = describeEnd;
  }

  /** It was met. @param message said the first time */
  note(message: string): void {
    if (this.#times === 0) this.#log(message);
    this.#times++;
  }

  /** To be called now and then: it is over when it was not met since the last call. */
  look(): void {
    if (this.#times > 0 && this.#times === this.#timesBefore) {
      this.#log(this.#describeEnd(this.#times));
      this.#times = 0;
    }
    this.#timesBefore = this.#times;
  }
}
