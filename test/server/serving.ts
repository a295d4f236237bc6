// A server for one test: on a free port of the loopback interface, its log and its errors kept, closed when the test ends.

import type { TestContext } from "node:test";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { formatMessage } from "../../src/log/format-message.ts";
import type { ServerLimits } from "../../src/server/limits.ts";
import type { ServerAddress } from "../../src/server/server-address.ts";
import type { RequestHandlerClass, TCPServer } from "../../src/server/tcp-server.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { exchange, RawClient } from "../raw-client.ts";

/** Lines that can be waited for. */
export class Log {
  readonly lines: string[] = [];
  readonly #waiters = new Set<() => void>();

  push(line: string): void {
    this.lines.push(line);
    for (const wake of this.#waiters) wake();
  }

  /** The first line that holds this text, now or as soon as it comes. */
  async until(part: string): Promise<string> {
    const find = (): string | undefined => this.lines.find((line) => line.includes(part));
    const there = find();
    if (there !== undefined) return there;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
      };
      const look = (): void => {
        const line = find();
        if (line === undefined) return;
        settle();
        resolve(line);
      };
      const timer = setTimeout(() => {
        settle();
        reject(
          new Error(`Waited in vain for ${JSON.stringify(part)} in the log: ${JSON.stringify(this.lines)}`),
        );
      }, 8_000);
      this.#waiters.add(look);
    });
  }
}

const logs = new WeakMap<TCPServer, Log>();

/** What the handlers of this server have logged, without address and time. */
export function logOf(server: TCPServer): Log {
  let log = logs.get(server);
  if (log === undefined) logs.set(server, (log = new Log()));
  return log;
}

/** HTTP/1.1, and logs to the test. */
export class TestHandler extends BaseHTTPRequestHandler {
  override protocolVersion = "HTTP/1.1";

  override logMessage(format: string, ...args: unknown[]): void {
    logOf(this.server).push(formatMessage(format, args));
  }

  /** A whole response with its length. */
  protected answer(body: string, status = 200, fields: Readonly<Record<string, string>> = {}): void {
    this.sendResponse(status);
    this.sendHeader("Content-Length", Buffer.byteLength(body));
    for (const [name, value] of Object.entries(fields)) this.sendHeader(name, value);
    this.endHeaders();
    this.wfile.write(body);
  }
}

export interface Serving<S extends TCPServer> {
  readonly server: S;
  readonly port: number;
  readonly log: Log;
  /** What `handleError` was told. */
  readonly errors: unknown[];
  connect(): Promise<RawClient>;
  /** Sends bytes and reads until the server closes. */
  ask(data: string | Uint8Array): Promise<string>;
}

interface Options<S extends TCPServer> {
  readonly Server?: new (serverAddress: ServerAddress, RequestHandlerClass: RequestHandlerClass) => S;
  readonly limits?: Partial<ServerLimits>;
}

/** Starts a server, and serves for ever until the test has ended. */
export async function serving<S extends TCPServer = ThreadingHTTPServer>(
  t: TestContext,
  Handler: RequestHandlerClass,
  options: Options<S> = {},
): Promise<Serving<S>> {
  const here = await listening(t, Handler, options);
  void here.server.serveForever();
  return here;
}

/** Starts a server that listens and does not serve. */
export async function listening<S extends TCPServer = ThreadingHTTPServer>(
  t: TestContext,
  Handler: RequestHandlerClass,
  options: Options<S> = {},
): Promise<Serving<S>> {
  const Server = options.Server ?? (ThreadingHTTPServer as unknown as NonNullable<Options<S>["Server"]>);
  const server = new Server(["127.0.0.1", 0], Handler);
  server.limits = options.limits ?? {};
  const errors: unknown[] = [];
  // A server class with a handleError of its own keeps it.
  if (!Object.hasOwn(Server.prototype as object, "handleError")) {
    server.handleError = (_request, _clientAddress, error) => errors.push(error);
  }
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.socket.destroy();
    await server.shutdown({ graceMs: 0 });
    await server.serverClose();
  });
  await server.listen();
  const port = server.serverAddress[1] as number;
  return {
    server,
    port,
    log: logOf(server),
    errors,
    connect: async () => {
      const client = await RawClient.connect(port);
      clients.push(client);
      return client;
    },
    ask: (data) => exchange(port, data),
  };
}
