// Carries out one plan on a real socket, and says what went wrong with it.

import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { AnswerReader } from "./answers.ts";
import type { BreakOff, Plan } from "./plan.ts";
import type { SoakRequest } from "./requests.ts";

/** Milliseconds for one connection: a server that is busy needs a few seconds, and one that hangs any number. */
const PATIENCE = 30_000;

/** @returns what was wrong with the answers; `undefined` if nothing was */
export async function carryOut(plan: Plan, port: number, localAddress: string): Promise<string | undefined> {
  const client = new SoakClient(plan, port, localAddress);
  try {
    await client.run();
    return undefined;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const asked = plan.whole
      .map(({ bytes }) => bytes)
      .concat(plan.rest)
      .join("");
    return `${problem}; asked ${JSON.stringify(asked.slice(0, 120))}`;
  } finally {
    client.destroy();
  }
}

class SoakClient {
  readonly #plan: Plan;
  readonly #socket: Socket;
  readonly #answers: AnswerReader;
  #hasEnded = false;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor(plan: Plan, port: number, localAddress: string) {
    this.#plan = plan;
    this.#answers = new AnswerReader(plan.whole.map(shownMethod));
    this.#socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true, allowHalfOpen: true });
    this.#socket.on("data", (bytes: Buffer) => {
      this.#answers.push(bytes);
      this.#wake?.();
    });
    this.#socket.on("end", () => {
      this.#hasEnded = true;
      this.#answers.end();
      this.#wake?.();
    });
    this.#socket.on("close", () => {
      this.#isClosed = true;
      this.#wake?.();
    });
    // A reset is what many plans lead to; where it was not wanted, an answer is missing.
    this.#socket.on("error", () => {});
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async run(): Promise<void> {
    const { whole, isPipelined, rest, breakOff } = this.#plan;
    if (isPipelined) this.#send(whole.map(({ bytes }) => bytes).join(""));
    for (const [index, request] of whole.entries()) {
      if (!isPipelined) this.#send(request.bytes);
      await this.#until(() => this.#answers.statuses.length > index || this.#isOver, "an answer");
      this.#check(index, request);
    }
    if (breakOff !== undefined) await this.#leave(rest, breakOff);
    else await this.#end();
  }

  #check(index: number, request: SoakRequest): void {
    const { problem, statuses } = this.#answers;
    if (problem !== undefined) throw new Error(problem);
    const status = statuses[index];
    // Where no status is owed, the connection may end within the answer.
    if (request.status !== 0 && status !== request.status) {
      throw new Error(`answered with ${status ?? "the end of the connection"} in place of ${request.status}`);
    }
  }

  async #leave(rest: string, { how, received, pause }: BreakOff): Promise<void> {
    const before = this.#answers.received;
    this.#send(rest);
    await this.#until(() => this.#answers.received >= before + received || this.#isOver, "a first byte");
    if (pause > 0) await delay(pause);
    switch (how) {
      case "reset":
        this.#socket.resetAndDestroy();
        return;
      case "close":
        this.#socket.destroy();
        return;
      case "end":
        return this.#end();
      default:
        how satisfies never;
    }
  }

  /** Ends our side, and waits for the server to end its. */
  async #end(): Promise<void> {
    this.#socket.end();
    await this.#until(() => this.#isOver, "the server to end the connection");
  }

  get #isOver(): boolean {
    return this.#hasEnded || this.#isClosed || this.#answers.problem !== undefined;
  }

  #send(bytes: string): void {
    if (bytes !== "" && this.#socket.writable) this.#socket.write(bytes, "latin1");
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`waited ${PATIENCE / 1000} s for ${what}`));
      }, PATIENCE);
      this.#wake = () => {
        if (!holds()) return;
        settle();
        resolve();
      };
    });
  }
}

function shownMethod({ method, bytes, status }: SoakRequest): string {
  return status === 0 && !/ HTTP\/1\.\d\r\n/.test(bytes) ? "HTTP/0.9" : method;
}
