// A server of the library whose handlers go wrong in every way. Its arguments: the folder to serve, and leaks to plant.

import { setTimeout as delay } from "node:timers/promises";
import { Readable } from "node:stream";
import {
  type ClientAddress,
  type Connection,
  DEFAULT_LIMITS,
  HTTPRequestError,
  SimpleHTTPRequestHandler,
  ThreadingHTTPServer,
} from "htbin";

import { LEAKS, leave } from "./leaks.ts";

const [site = ".", ...planted] = process.argv.slice(2);
const leaks = LEAKS.filter((leak) => planted.includes(leak));

/** Thrown on purpose: logged as one line, so that any stack on stderr is one that nobody wanted. */
class PlannedError extends Error {}

class FaultyHandler extends SimpleHTTPRequestHandler {
  override directory = site;

  override do_GET(): void | Promise<void> {
    return this.#fault() ?? super.do_GET();
  }

  do_POST(): void | Promise<void> {
    return this.#fault() ?? this.sendError(501);
  }

  #fault(): void | Promise<void> {
    for (const leak of leaks) leave(leak);
    if (leaks.includes("line")) this.logError("one line more");
    const name = this.path.startsWith("/fault/") ? this.path.slice("/fault/".length) : undefined;
    return name === undefined ? undefined : this.#go(name);
  }

  async #go(name: string): Promise<void> {
    switch (name) {
      case "throw-before":
        throw new PlannedError(name);
      case "throw-no-error":
        // oxlint-disable-next-line typescript/only-throw-error -- people do
        throw name;
      case "reject-later":
        await delay(2);
        throw new PlannedError(name);
      case "throw-after":
        this.#begin();
        throw new PlannedError(name);
      case "throw-midway":
        this.#begin();
        this.wfile.write("half of it");
        await delay(1);
        throw new PlannedError(name);
      case "throw-http-error":
        throw new HTTPRequestError(418, "I'm a teapot");
      case "no-answer":
        return;
      case "write-after-end":
        this.#begin();
        this.wfile.end("all of it");
        this.wfile.write("and more");
        return;
      case "too-short":
        this.#begin(100);
        this.wfile.write("short");
        return;
      case "too-long":
        this.#begin(5);
        this.wfile.write("much too long");
        return;
      case "echo":
        this.#begin();
        this.rfile.pipe(this.wfile);
        return;
      case "unread":
        this.#begin();
        return;
      case "first-piece":
        for await (const piece of this.rfile) {
          void piece;
          break;
        }
        this.#begin();
        return;
      case "stream":
        this.#begin();
        Readable.from(["one ", "two ", "three"]).pipe(this.wfile);
        return;
      case "endless":
        this.#begin();
        Readable.from(endless()).pipe(this.wfile);
        return;
      case "wait-for-signal":
        return this.#aborted();
      case "never":
        return never();
      case "never-after-head":
        this.#begin();
        this.wfile.write("one");
        return never();
      default:
        throw new HTTPRequestError(404, "No such fault");
    }
  }

  #begin(length?: number): void {
    this.sendResponse(200);
    if (length !== undefined) this.sendHeader("Content-Length", length);
    this.endHeaders();
  }

  async #aborted(): Promise<void> {
    const { signal } = this;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    signal.throwIfAborted();
  }
}

function never(): Promise<void> {
  return new Promise(() => {});
}

function* endless(): Generator<Buffer> {
  const piece = Buffer.alloc(10_000, "and so on ");
  for (;;) yield piece;
}

class FaultyServer extends ThreadingHTTPServer {
  // Clients that have left in order, and handlers that never return, are given up sooner, or the soak would wait for them.
  override limits = { ...DEFAULT_LIMITS, idleTime: 3_000, abandonTime: 1_000 };

  override handleError(request: Connection, clientAddress: ClientAddress, error: unknown): void {
    if (!isPlanned(error)) return super.handleError(request, clientAddress, error);
    process.stderr.write(`${clientAddress[0] || "-"} - - [] planned: ${String(error)}\n`);
  }
}

function isPlanned(error: unknown): boolean {
  if (error instanceof PlannedError || typeof error === "string") return true;
  return error instanceof Error && /sent no complete response|write after end/.test(error.message);
}

const server = new FaultyServer(["127.0.0.1", 0], FaultyHandler);
await server.listen();
process.stdout.write(`Serving HTTP on 127.0.0.1 port ${server.serverPort} ...\n`);
process.once("SIGTERM", () => void server.shutdown({ graceMs: 1_000 }));
await server.serveForever();
