// A TCP server that hands each connection to a handler: the steps from `serveForever` to `closeRequest`.

import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { ConnectionLostError, ListenerLostError } from "../errors.ts";
import { errorEntry } from "../log/error-entry.ts";
import type { LogFormat } from "../log/log-format.ts";
import { type LogDestination, stderrLog } from "../log/log-sink.ts";
import { noticeEntry } from "../log/notice-entry.ts";
import { writeEntry } from "../log/write-entry.ts";
import { Connection } from "./connection.ts";
import { declareSteps } from "./guard-overrides.ts";
import { endsWithin } from "./ends-within.ts";
import { guardServerSteps } from "./guard-server-steps.ts";
import { completeLimits, DEFAULT_LIMITS, type ServerLimits } from "./limits.ts";
import { OpenConnections } from "./open-connections.ts";
import { type ClientAddress, listenTarget, plainAddress, type ServerAddress } from "./server-address.ts";
import { withSharedReceiveBuffer } from "./shared-receive-buffer.ts";
import { SocketFile } from "./socket-file.ts";
import { Turns } from "./turns.ts";

/** What a server wants of its handlers. */
export interface RequestHandler {
  /** Handles a connection to its end. */
  run(): Promise<void>;
}

/** A class whose instances handle a connection each. */
export type RequestHandlerClass = new (
  request: Connection,
  clientAddress: ClientAddress,
  // A class may ask for a more special server than this one; who puts the two together decides which it gets.
  // oxlint-disable-next-line typescript/no-explicit-any
  server: any,
) => RequestHandler;

/** Milliseconds in which handlers can notice that their connection was cut. */
const CUT_TIME = 250;

/**
 * Call: `listen()`, `serveForever()`, `handleRequest()`, `shutdown()`, `serverClose()`.
 * Override: `verifyRequest()`, `processRequest()`, `finishRequest()`, `shutdownRequest()`, `closeRequest()`,
 * `handleError()`, `handleTimeout()`, `serverActivate()`.
 * Set: `requestQueueSize`, `timeout`, `limits`, `log`, `logFormat`.
 *
 * Requests are handled one at a time, in the order in which they have arrived completely.
 */
export class TCPServer implements AsyncDisposable {
  /** Makes a handler for each connection. */
  readonly RequestHandlerClass: RequestHandlerClass;
  /** As given to the constructor; after `listen()`, the address that the server is really bound to. */
  serverAddress: ServerAddress;
  /** Connections that the system keeps waiting: nginx has 511, and the system cuts it to what it allows. */
  requestQueueSize = 511;
  /** Milliseconds that `handleRequest()` waits before it calls `handleTimeout()`; without end by default. */
  timeout: number | undefined = undefined;
  /** What the server puts up with; what is not said is as in `DEFAULT_LIMITS`. Read by `listen()`. */
  limits: Partial<ServerLimits> = {};
  /** Where the server and its handlers log, such as a `LogFile` or a stream; standard error by default. */
  log: LogDestination = stderrLog;
  /** The form of the log. Handlers begin with it, and their classes can set another for their own lines. */
  logFormat: LogFormat = "python";
  /** Who may handle a request now. */
  readonly turns: Turns;

  #listener: Server | undefined;
  #listening: Promise<void> | undefined;
  #serving: Promise<void> | undefined;
  #stopServing: (() => void) | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #socketFile: SocketFile | undefined;
  /** Why no client can reach the server any more. */
  #loss: ListenerLostError | undefined;
  #limits = DEFAULT_LIMITS;
  readonly #connections = new OpenConnections((message) => this.#logNotice(message));
  readonly #exchanges = new Set<Promise<void>>();
  /** The last call of `handleRequest()`. */
  #handled: Promise<void> = Promise.resolve();

  /** Remembers where to listen; binding takes time, so it is done by `listen()`. */
  constructor(serverAddress: ServerAddress, RequestHandlerClass: RequestHandlerClass) {
    this.serverAddress = serverAddress;
    this.RequestHandlerClass = RequestHandlerClass;
    this.turns = new Turns(this.requestsAtOnce());
  }

  /** How many requests may be handled side by side. */
  protected requestsAtOnce(): number {
    return 1;
  }

  // ---- call ----------------------------------------------------------------------------------------------

  /**
   * Binds and listens; afterwards `serverAddress` is real. Calling it again changes nothing.
   * @throws {LimitError} if `limits` holds something else than limits
   * @throws the system's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, `ENOTFOUND` …)
   */
  listen(): Promise<void> {
    this.#listening ??= this.#bind().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  /**
   * Listens if needed and handles requests until `shutdown()`. Another call meanwhile gives the same promise.
   * @throws what `listen()` throws
   * @throws {ListenerLostError} when no client can reach the server any more: its Unix socket was removed
   */
  serveForever(): Promise<void> {
    this.#serving ??= this.#serve();
    return this.#serving;
  }

  /**
   * Handles one request, after which its connection is closed, and resolves. Listens if needed, and goes
   * on listening: clients that come in between wait for the next call. Calls `handleTimeout()` if
   * `timeout` passes without a request.
   *
   * A call while another one waits takes the request after that one's.
   */
  handleRequest(): Promise<void> {
    const handled = this.#handled.then(() => this.#handleNext());
    this.#handled = handled.catch(() => {});
    return handled;
  }

  async #handleNext(): Promise<void> {
    await this.listen();
    const handled = this.turns.allowOne();
    if (this.timeout === undefined) return handled;
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<"timeout">((resolve) => {
      timer = setTimeout(resolve, this.timeout, "timeout");
    });
    const winner = await Promise.race([handled, timedOut]);
    clearTimeout(timer);
    if (winner !== "timeout") return;
    // The time is for a request to come, not for its handler.
    if (this.turns.isTaken) return handled;
    if (this.turns.isLimited) this.turns.allowNone();
    this.handleTimeout();
  }

  /**
   * Stops accepting connections, lets the requests that run come to their end, and resolves `serveForever()`.
   * @param options.graceMs milliseconds after which what still runs is cut; `limits.shutdownTime` by default
   */
  async shutdown({ graceMs = this.#limits.shutdownTime }: { graceMs?: number } = {}): Promise<void> {
    // What was begun is ended: a server that does not listen yet would go on to serve otherwise.
    await this.#listening?.catch(() => {});
    await this.#stopListening();
    for (const connection of this.#connections) {
      connection.isLastRequest = true;
      if (connection.isWaiting) connection.close();
    }
    // Requests that wait for a `handleRequest()` which will not come are not running: nothing to wait for.
    await this.#exchangesEnd(this.turns.isLimited ? 0 : graceMs);
    this.turns.allowNone();
    this.#stopServing?.();
    // Why it ends is for whoever waits in `serveForever()`; here it has ended as it should.
    await this.#serving?.catch(() => {});
  }

  /** Closes everything at once: the listening socket, and the connections with whatever they carry. */
  async serverClose(): Promise<void> {
    const stopped = this.#stopListening();
    this.#connections.destroyAll();
    await stopped;
    this.#stopServing?.();
  }

  /** `await using server = …` shuts down in order at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
    await this.serverClose();
  }

  // ---- override ------------------------------------------------------------------------------------------

  /** Starts listening, with options of `node:net`. Override it to listen on something else: `{ fd: 3 }`. */
  protected serverActivate(listener: Server, listenOptions: ListenOptions): void {
    listener.listen(listenOptions);
  }

  /** Whether to talk to this client at all; if not, its connection is closed without an answer. */
  verifyRequest(_request: Connection, _clientAddress: ClientAddress): boolean {
    return true;
  }

  /** Handles one connection from its acceptance to its end. */
  async processRequest(request: Connection, clientAddress: ClientAddress): Promise<void> {
    try {
      await this.finishRequest(request, clientAddress);
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) this.handleError(request, clientAddress, error);
    }
    this.shutdownRequest(request);
  }

  /** Makes the handler of a connection and lets it run. */
  finishRequest(request: Connection, clientAddress: ClientAddress): Promise<void> {
    return new this.RequestHandlerClass(request, clientAddress, this).run();
  }

  /** Ends a connection in order: the client can read all that was sent. */
  shutdownRequest(request: Connection): void {
    request.close();
  }

  /** Ends a connection at once. */
  closeRequest(request: Connection): void {
    request.destroy();
  }

  /** Told of every error of a handler that is no answer: logs it with its stack, as one entry. */
  handleError(_request: Connection, clientAddress: ClientAddress, error: unknown): void {
    const remote = clientAddress[0] || "-";
    this.#logError(`Exception while handling a request from ${remote}`, error, remote);
  }

  /** Called when `timeout` has passed in `handleRequest()`. */
  handleTimeout(): void {}

  // ---- inside --------------------------------------------------------------------------------------------

  async #bind(): Promise<void> {
    this.#limits = completeLimits(this.limits);
    this.#connections.limitTo(this.#limits.connections);
    guardServerSteps(this, (what, error) => this.#logError(what, error));
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      // An override of `serverActivate()` may take the sockets, too: it is to hold the one that is used.
      const isOurs = listener.listenerCount("connection") === 1;
      this.#accept(isOurs ? withSharedReceiveBuffer(socket) : socket);
    });
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.once("listening", resolve);
      const options = { ...listenTarget(this.serverAddress), backlog: this.requestQueueSize };
      const activated = this.serverActivate(listener, options) as unknown;
      if (activated instanceof Promise) activated.catch(reject);
    });
    listener.on("error", (error) => this.#connections.noteAcceptError(error));
    listener.on("close", () => {
      if (this.#listener === listener) this.#loseListener("the listening socket was closed");
    });
    this.#listener = listener;
    this.#loss = undefined;
    const address = listener.address();
    this.#socketFile = typeof address === "string" ? new SocketFile(address) : undefined;
    if (typeof address === "string") this.serverAddress = address;
    else if (address !== null) this.serverAddress = [address.address, address.port];
    clearInterval(this.#sweeper);
    this.#sweeper = setInterval(() => this.#sweep(), 1000).unref();
  }

  async #serve(): Promise<void> {
    try {
      await this.listen();
      const stopped = new Promise<void>((resolve) => {
        this.#stopServing = resolve;
      });
      this.turns.allowAll();
      await stopped;
      if (this.#loss !== undefined) throw this.#loss;
    } finally {
      this.#serving = undefined;
      this.#stopServing = undefined;
    }
  }

  #accept(socket: Socket): void {
    const clientAddress: ClientAddress = [plainAddress(socket.remoteAddress), socket.remotePort ?? 0];
    const request = new Connection(socket, this.#limits);
    if (!this.#isWelcome(request, clientAddress)) return this.closeRequest(request);
    if (!this.#connections.admit(request)) return;
    const exchange = this.#exchange(request, clientAddress).finally(() => this.#exchanges.delete(exchange));
    this.#exchanges.add(exchange);
  }

  /** Never rejects, whatever an override throws: nobody would catch it, and the process would end. */
  async #exchange(request: Connection, clientAddress: ClientAddress): Promise<void> {
    try {
      await this.processRequest(request, clientAddress);
    } catch (error) {
      this.#reportError(request, clientAddress, error);
      try {
        this.closeRequest(request);
      } catch {
        request.destroy();
      }
    }
  }

  #reportError(request: Connection, clientAddress: ClientAddress, error: unknown): void {
    try {
      this.handleError(request, clientAddress, error);
    } catch (second) {
      this.#logError("Exception in handleError", second);
    }
  }

  #logError(what: string, error: unknown, remote?: string): void {
    writeEntry(this.log, errorEntry(this.logFormat, what, error, remote));
  }

  /** What the server has to say about itself. */
  #logNotice(message: string): void {
    writeEntry(this.log, noticeEntry(this.logFormat, message));
  }

  #isWelcome(request: Connection, clientAddress: ClientAddress): boolean {
    try {
      return this.verifyRequest(request, clientAddress);
    } catch (error) {
      this.#reportError(request, clientAddress, error);
      return false;
    }
  }

  async #stopListening(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#listening = undefined;
    if (listener === undefined) return;
    // The callback of `close` waits for all connections; new ones are refused as soon as it is called.
    if (this.#socketFile === undefined) listener.close();
    else this.#socketFile.close(() => listener.close());
  }

  /** A server that nobody can reach has no purpose: it lets what runs come to its end, and ends. */
  #loseListener(reason: string): void {
    this.#loss = new ListenerLostError(`no client can reach the server any more: ${reason}`);
    this.#logNotice(`${this.#loss.message}; it ends`);
    void this.shutdown();
  }

  /** Waits for all exchanges; cuts them after the grace, and gives up handlers that still do not return. */
  async #exchangesEnd(graceMs: number): Promise<void> {
    const ended = Promise.all(this.#exchanges).then(() => true);
    if (await endsWithin(ended, graceMs)) return;
    this.#connections.destroyAll();
    this.turns.allowAll();
    await endsWithin(ended, CUT_TIME);
  }

  #sweep(): void {
    this.#connections.checkDeadlines(performance.now());
    if (this.#listener !== undefined) this.#checkSocketFile(this.#socketFile);
    // Deadlines outlive the listener: what is still open when it closes has to end as well.
    else if (this.#connections.isEmpty) clearInterval(this.#sweeper);
  }

  #checkSocketFile(file: SocketFile | undefined): void {
    const state = file?.state;
    if (state === "removed") this.#loseListener(`${file!.path} was removed`);
    else if (state === "replaced") this.#loseListener(`another server has taken ${file!.path}`);
  }
}

declareSteps(TCPServer.prototype, {
  verifyRequest: "decides",
  closeRequest: "beside",
  handleError: "beside",
  handleTimeout: "beside",
  shutdownRequest: "beside",
});
