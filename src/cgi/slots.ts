// A bounded number of places, and a bounded queue before them, first come first served; and a bounded
// share of both for each client.

import type { StopSignal } from "../handler/departure.ts";
import { removeItem } from "../remove-item.ts";

export type SlotResult =
  /** Call `release` once the place is free again; a second call does nothing. */
  | { readonly kind: "acquired"; readonly release: () => void }
  /** The queue is full, or the wait was too long. */
  | { readonly kind: "full"; readonly reason: string }
  /** The signal was aborted: nobody is waiting for the answer any more. */
  | { readonly kind: "aborted" };

export interface SlotLimits {
  readonly scriptsAtOnce: number;
  /** Places that one client may have at once. Of the queue it gets the same part. */
  readonly perClient: number;
  readonly queueLength: number;
  /** Milliseconds. */
  readonly queueWait: number;
}

interface Waiter {
  readonly client: string | undefined;
  readonly admit: () => void;
}

export class Slots {
  readonly #limits: SlotLimits;
  readonly #queueShare: number;
  #taken = 0;
  readonly #takenBy = new Map<string, number>();
  readonly #queue: Waiter[] = [];

  constructor(limits: SlotLimits) {
    this.#limits = limits;
    const part = Math.min(limits.perClient / limits.scriptsAtOnce, 1);
    this.#queueShare = Math.ceil(limits.queueLength * part);
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** `client` is an address; `undefined` for one that has none of its own, and no share. */
  acquire(client: string | undefined, signal?: StopSignal): Promise<SlotResult> {
    if (signal?.aborted === true) return Promise.resolve({ kind: "aborted" });
    if (this.#isFreeFor(client)) return Promise.resolve(this.#take(client));
    const reason = this.refusal(client);
    if (reason !== undefined) return Promise.resolve({ kind: "full", reason });
    return this.#wait(client, signal);
  }

  /** Why a request would not even wait; `undefined` if it would, or would find a place. */
  refusal(client: string | undefined): string | undefined {
    if (this.#isFreeFor(client)) return undefined;
    if (this.#queue.length >= this.#limits.queueLength) {
      return `${this.#taken} scripts are running and ${this.#queue.length} requests are waiting`;
    }
    if (client === undefined) return undefined;
    let waiting = 0;
    for (const waiter of this.#queue) if (waiter.client === client) waiting++;
    if (waiting < this.#queueShare) return undefined;
    return `its client has ${this.#takenBy.get(client) ?? 0} scripts running and ${waiting} requests waiting`;
  }

  #isFreeFor(client: string | undefined): boolean {
    const { scriptsAtOnce, perClient } = this.#limits;
    if (this.#taken >= scriptsAtOnce) return false;
    return client === undefined || (this.#takenBy.get(client) ?? 0) < perClient;
  }

  #wait(client: string | undefined, signal: StopSignal | undefined): Promise<SlotResult> {
    const { queueWait } = this.#limits;
    return new Promise((resolve) => {
      const leave = (result: SlotResult): void => {
        removeItem(this.#queue, waiter);
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        resolve(result);
      };
      const waiter: Waiter = { client, admit: () => leave(this.#take(client)) };
      const onAbort = (): void => leave({ kind: "aborted" });
      const timer = setTimeout(
        () => leave({ kind: "full", reason: `no place became free within ${queueWait / 1000} s` }),
        queueWait,
      );
      signal?.addEventListener("abort", onAbort);
      this.#queue.push(waiter);
    });
  }

  #take(client: string | undefined): SlotResult {
    this.#count(client, 1);
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      this.#count(client, -1);
      this.#admitNext();
    };
    return { kind: "acquired", release };
  }

  #count(client: string | undefined, change: 1 | -1): void {
    this.#taken += change;
    if (client === undefined) return;
    const count = (this.#takenBy.get(client) ?? 0) + change;
    if (count === 0) this.#takenBy.delete(client);
    else this.#takenBy.set(client, count);
  }

  /** The first that may: who has his share running lets others pass. */
  #admitNext(): void {
    for (const waiter of this.#queue) {
      if (!this.#isFreeFor(waiter.client)) continue;
      waiter.admit();
      return;
    }
  }
}
