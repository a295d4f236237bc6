// The passwords that are worked on, one at a time, in a thread of their own: a hash is made to take long,
// and nobody else should wait.

import { extname } from "node:path";
import { Worker } from "node:worker_threads";

/** Passwords that may wait, in all: a flood of wrong ones gets 503, and costs one core and no memory. */
const LONGEST = 64;
/** Passwords of one client that may wait, so that the others get their turn. */
const LONGEST_OF_CLIENT = 8;

/** Next to this file, and of its kind: the sources, the build and the joined command all have it there. */
const WORKER_FILE = new URL(`./password-worker${extname(import.meta.url)}`, import.meta.url);

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
  readonly #jobs = new Map<number, { resolve(isRight: boolean): void; reject(error: Error): void }>();
  /** A browser sends the same password on all its connections at once. */
  readonly #running = new Map<string, Promise<Verified>>();
  readonly #ofClient = new Map<string, number>();

  readonly #file: URL;

  /** @param file what the thread runs */
  constructor(file: URL = WORKER_FILE) {
    this.#file = file;
  }

  /**
   * Rejects if the thread cannot be started or breaks off: that is the server's
   * fault, and not a wrong password.
   * @param credentials a key: the same for the same name and password
   */
  verify(credentials: string, password: string, hash: string, client: string): Promise<Verified> {
    // With the hash: who asks after the file was changed must not get the answer for the
    // password that was right before.
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
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start();
      this.#jobs.set(id, { resolve, reject });
      // The process must not end meanwhile, even if it waits for nothing else.
      this.#worker.ref();
      this.#worker.postMessage({ id, password, hash } satisfies PasswordJob);
    });
  }

  #start(): Worker {
    let worker: Worker;
    try {
      worker = new Worker(this.#file);
    } catch (error) {
      throw noThread(error);
    }
    worker.on("message", ({ id, isRight }: PasswordResult) => {
      this.#jobs.get(id)?.resolve(isRight);
      this.#jobs.delete(id);
      if (this.#jobs.size === 0) worker.unref();
    });
    worker.on("error", (error) => {
      // Nobody gets in by making it fail; the next password gets a new thread.
      this.#worker = undefined;
      for (const job of this.#jobs.values()) job.reject(noThread(error));
      this.#jobs.clear();
    });
    return worker;
  }
}

/** A program that was bundled has no file for it, and Node's permission model may not allow it. */
function noThread(cause: unknown): Error {
  return new Error(
    "the thread that checks passwords cannot run: a bundler has to leave htbin out, and node --permission needs --allow-worker",
    { cause },
  );
}
