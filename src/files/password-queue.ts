// The passwords that are worked on, one at a time, in a thread of their own: a hash is made to take long, and nobody else should wait.

import { extname } from "node:path";
import { Worker } from "node:worker_threads";

/** Passwords that may wait, in all: a flood of wrong ones is then answered 503, and costs one core and no memory. */
const LONGEST = 64;
/** Passwords of one client that may wait, so that the others get their turn. */
const LONGEST_OF_CLIENT = 8;

export type Verified = boolean | "busy";

export interface PasswordJob {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

export interface PasswordResult {
  readonly id: number;
  readonly isRight: boolean;
}

export class PasswordQueue {
  #worker: Worker | undefined;
  #nextId = 0;
  readonly #jobs = new Map<number, (isRight: boolean) => void>();
  /** A browser sends the same password on all its connections at once. */
  readonly #running = new Map<string, Promise<Verified>>();
  readonly #ofClient = new Map<string, number>();

  /** @param credentials a key: the same for the same name and password */
  verify(credentials: string, password: string, hash: string, client: string): Promise<Verified> {
    // With the hash: who asks after the file was changed must not get the answer for the password that was right before.
    const key = `${credentials} ${hash}`;
    const same = this.#running.get(key);
    if (same !== undefined) return same;
    const waiting = this.#ofClient.get(client) ?? 0;
    if (this.#jobs.size >= LONGEST || waiting >= LONGEST_OF_CLIENT) return Promise.resolve("busy");
    this.#ofClient.set(client, waiting + 1);
    const verified = this.#send(password, hash).finally(() => {
      this.#running.delete(key);
      const left = this.#ofClient.get(client)! - 1;
      if (left === 0) this.#ofClient.delete(client);
      else this.#ofClient.set(client, left);
    });
    this.#running.set(key, verified);
    return verified;
  }

  #send(password: string, hash: string): Promise<boolean> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#jobs.set(id, resolve);
      this.#worker ??= this.#start();
      // The process must not end meanwhile, even if it waits for nothing else.
      this.#worker.ref();
      this.#worker.postMessage({ id, password, hash } satisfies PasswordJob);
    });
  }

  #start(): Worker {
    // Next to this file, and of its kind: the sources, the build and the joined command all have it there.
    const file = new URL(`./password-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file);
    worker.on("message", ({ id, isRight }: PasswordResult) => this.#settle(id, isRight));
    worker.on("error", () => {
      // Nobody gets in by making it fail; the next password gets a new thread.
      this.#worker = undefined;
      for (const id of this.#jobs.keys()) this.#settle(id, false);
    });
    return worker;
  }

  #settle(id: number, isRight: boolean): void {
    this.#jobs.get(id)?.(isRight);
    this.#jobs.delete(id);
    if (this.#jobs.size === 0) this.#worker?.unref();
  }
}
