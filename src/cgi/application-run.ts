// One request to a running application, seen as a run of a script: its output, its end,
// and the request's body for it.

import type { Socket } from "node:net";
import type { Writable } from "node:stream";

import { CGIError, systemErrorCode } from "../errors.ts";
import type { ScriptRead } from "./script-process.ts";
import type { ProcessEnd } from "./started-process.ts";
import type { ScriptRun } from "./script-run.ts";

/** Bytes of output that wait for their client until the application has to. */
const MOST_WAITING = 256 * 1024;

export abstract class ApplicationRun implements ScriptRun {
  abstract readonly stdin: Writable | undefined;
  readonly exited: Promise<ProcessEnd>;
  protected socket: Socket;
  protected readonly address: string;
  #waiting: Buffer[] = [];
  #waitingSize = 0;
  #hasEnded = false;
  #failure: CGIError | undefined;
  #wake: (() => void) | undefined;
  #resolveExit: (exit: ProcessEnd) => void = () => {};

  constructor(socket: Socket, address: string) {
    this.socket = socket;
    this.address = address;
    this.exited = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
    this.#attach();
  }

  #attach(): void {
    for (const [event, listener] of this.#listeners) this.socket.on(event, listener);
  }

  // One parameter for all: each event has its own type of value.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly #listeners: readonly (readonly [event: string, listener: (value: any) => void])[] = [
    [
      "data",
      (bytes: Buffer) => {
        if (!this.#hasEnded) this.onBytes(bytes);
      },
    ],
    [
      "end",
      () => {
        if (!this.#hasEnded) this.onEnd();
      },
    ],
    ["error", (error: Error) => this.fail(this.#brokenBy(error))],
    ["close", () => this.fail(this.broken("closed the connection"))],
  ];

  /** Goes on with another connection, as if nothing had been asked yet. */
  protected async changeSocket(connect: () => Promise<Socket>): Promise<void> {
    this.leaveSocket();
    this.socket.on("error", () => {}).destroy();
    this.socket = await connect();
    this.#attach();
    // Meanwhile the client has left.
    if (this.#hasEnded) this.socket.destroy();
  }

  /** The connection is somebody else's. */
  protected leaveSocket(): void {
    for (const [event, listener] of this.#listeners) this.socket.off(event, listener);
  }

  /** Bytes that the application has sent. */
  protected abstract onBytes(bytes: Buffer): void;

  /** The application will send nothing more. */
  protected abstract onEnd(): void;

  /** Tells the application that nobody wants its answer, and closes the connection. */
  protected abstract abort(): void;

  /** Why the output is not whole; known when it is at its end. */
  get failure(): CGIError | undefined {
    return this.#failure;
  }

  /** The next bytes of output, within `limit` milliseconds. One call at a time. */
  async read(limit: number): Promise<ScriptRead> {
    if (this.#waiting.length === 0 && !this.#hasEnded) await this.#wait(limit);
    if (this.#waiting.length > 0) {
      const bytes = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#waitingSize = 0;
      if (!this.#hasEnded) this.socket.resume();
      return { kind: "bytes", bytes };
    }
    return this.#hasEnded ? { kind: "end" } : { kind: "silent" };
  }

  #wait(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(finish, Math.max(limit, 0));
      this.#wake = finish;
    });
  }

  protected addOutput(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingSize += bytes.length;
    if (this.#waitingSize > MOST_WAITING) this.socket.pause();
    this.#wake?.();
  }

  /** The answer is complete. */
  protected complete(appStatus: number): void {
    this.#finish({ code: appStatus, signal: null });
  }

  /** The answer will not be complete. */
  protected fail(error: CGIError): void {
    if (this.#hasEnded) return;
    this.#failure = error;
    this.socket.destroy();
    this.#finish({ code: 0, signal: null });
  }

  #finish(exit: ProcessEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#resolveExit(exit);
    this.#wake?.();
  }

  protected broken(what: string, cause?: unknown): CGIError {
    const message = `the application at ${this.address} ${what} before its answer was complete`;
    return new CGIError("ERR_CGI_GATEWAY", message, { cause });
  }

  #brokenBy(error: Error): CGIError {
    const code = systemErrorCode(error);
    return this.broken(
      code === "ECONNRESET" || code === "EPIPE" ? "closed the connection" : `failed (${code})`,
    );
  }

  /** The client has left. */
  abandon(): void {
    this.end();
  }

  /** Nobody wants the output any more. */
  end(): void {
    if (this.#hasEnded) return;
    this.abort();
    this.#finish({ code: 0, signal: null });
  }
}
