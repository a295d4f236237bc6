// A bounded number of places, and a bounded queue before them, first come first served.

export type SlotResult =
  /** Call `release` once the place is free again; a second call does nothing. */
  | { readonly kind: "acquired"; readonly release: () => void }
  /** The queue is full, or the wait was too long. */
  | { readonly kind: "full"; readonly reason: string }
  /** The signal was aborted: nobody is waiting for the answer any more. */
  | { readonly kind: "aborted" };

interface Waiter {
  readonly admit: () => void;
}

export class Slots {
  readonly #places: number;
  readonly #queueLength: number;
  readonly #longestWait: number;
  #taken = 0;
  /** A set keeps its order, and lets one that gives up leave from the middle. */
  readonly #queue = new Set<Waiter>();

  constructor(places: number, queueLength: number, longestWait: number) {
    this.#places = places;
    this.#queueLength = queueLength;
    this.#longestWait = longestWait;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  acquire(signal?: AbortSignal): Promise<SlotResult> {
    if (signal?.aborted === true) return Promise.resolve({ kind: "aborted" });
    if (this.#taken < this.#places) return Promise.resolve(this.#take());
    if (this.#queue.size >= this.#queueLength) {
      const reason = `${this.#taken} scripts are running and ${this.#queue.size} requests are waiting`;
      return Promise.resolve({ kind: "full", reason });
    }
    return this.#wait(signal);
  }

  #wait(signal: AbortSignal | undefined): Promise<SlotResult> {
    return new Promise((resolve) => {
      const leave = (result: SlotResult): void => {
        this.#queue.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        resolve(result);
      };
      const waiter: Waiter = { admit: () => leave(this.#take()) };
      const onAbort = (): void => leave({ kind: "aborted" });
      const timer = setTimeout(
        () => leave({ kind: "full", reason: `no place became free within ${this.#longestWait / 1000} s` }),
        this.#longestWait,
      );
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.add(waiter);
    });
  }

  #take(): SlotResult {
    this.#taken++;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken--;
      const [next] = this.#queue;
      next?.admit();
    };
    return { kind: "acquired", release };
  }
}
