// The open connections of one server: how many there may be, who has to go for a
// new one, and their deadlines.

import { Trouble } from "../log/trouble.ts";
import type { Connection } from "./connection.ts";
import { areDescriptorsExhausted, mostDescriptors } from "./descriptors.ts";

/** The rest is for files, scripts and Node itself. */
const SHARE_OF_DESCRIPTORS = 0.75;

/**
 * Connections that are told 503 at the same time; it takes a while to be sure that they have
 * read it. More are just closed.
 */
const MOST_REFUSED = 64;

/** Connections closed at once where descriptors have run out. */
const CLOSED_FOR_DESCRIPTORS = 16;

/**
 * What a connection gets for which there is no place, before its request is known; so without a
 * body, which HEAD must not have.
 */
const NO_PLACE =
  "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/** Most connections that a process with so many descriptors can have, where `wanted` are allowed. */
export function mostConnections(wanted: number, descriptors: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(descriptors * SHARE_OF_DESCRIPTORS)));
}

export class OpenConnections {
  readonly #served = new Set<Connection>();
  readonly #refused = new Set<Connection>();
  #most = Infinity;
  readonly #isExhausted: () => boolean;
  readonly #fullness: Trouble;
  readonly #shortness: Trouble;
  readonly #acceptance: Trouble;

  /** @param log takes one sentence about the server */
  constructor(log: (message: string) => void, isExhausted = areDescriptorsExhausted) {
    this.#isExhausted = isExhausted;
    this.#fullness = new Trouble(
      log,
      (times) => `there is room for connections again; ${times} were refused`,
    );
    this.#shortness = new Trouble(log, () => "there are file descriptors again");
    this.#acceptance = new Trouble(log, (times) => `connections can be accepted again; ${times} could not`);
  }

  /** From here on there are no more of them than that. @param wanted `limits.connections` */
  limitTo(wanted: number): void {
    this.#most = mostConnections(wanted, mostDescriptors());
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#served.values();
  }

  get isEmpty(): boolean {
    return this.#served.size + this.#refused.size === 0;
  }

  /** @returns whether the connection has a place; if not, it has been answered */
  admit(connection: Connection): boolean {
    if (this.#served.size >= this.#most && !this.#closeLongestWaiting()) {
      this.#refuse(connection);
      return false;
    }
    this.#served.add(connection);
    connection.onLost(() => this.#served.delete(connection));
    return true;
  }

  /** The system could not hand over a connection that is there. It may try again at once, and for long. */
  noteAcceptError(error: Error): void {
    this.#acceptance.note(`connections cannot be accepted: ${error.message}`);
  }

  /** Called about once a second. */
  checkDeadlines(now: number): void {
    for (const connection of this.#served) connection.checkDeadlines(now);
    for (const connection of this.#refused) connection.checkDeadlines(now);
    this.#relieveDescriptors();
    this.#fullness.look();
    this.#shortness.look();
    this.#acceptance.look();
  }

  destroyAll(): void {
    for (const connection of this.#served) connection.destroy();
    for (const connection of this.#refused) connection.destroy();
  }

  /**
   * Closes the connection without a complete request whose time ends first. Thousands of silent connections,
   * or heads that never end, lock nobody out: each has to give way to a client that has something to ask.
   * @returns whether there was one
   */
  #closeLongestWaiting(): boolean {
    let longest: Connection | undefined;
    let deadline = Infinity;
    for (const connection of this.#served) {
      if (connection.headDeadline >= deadline) continue;
      longest = connection;
      deadline = connection.headDeadline;
    }
    if (longest === undefined) return false;
    this.#served.delete(longest);
    longest.destroy();
    return true;
  }

  #refuse(connection: Connection): void {
    this.#fullness.note(
      `${this.#most} connections with a request are open, the most that may be: new ones are refused with 503`,
    );
    if (this.#refused.size >= MOST_REFUSED) return connection.destroy();
    this.#refused.add(connection);
    connection.onLost(() => this.#refused.delete(connection));
    connection.write(NO_PLACE);
    connection.close();
  }

  /** The system's limit is met although we stay below it: something else in the program has the rest. */
  #relieveDescriptors(): void {
    if (!this.#isExhausted()) return;
    this.#shortness.note(
      "no file descriptor is left: new connections are closed, files are answered 503; raise the limit (ulimit -n)",
    );
    for (let i = 0; i < CLOSED_FOR_DESCRIPTORS && this.#closeLongestWaiting(); i++);
  }
}
