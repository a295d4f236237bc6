// A whole server over a directory, on a port of its own, and the few ways in which the tests talk to it.

import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { formatMessage } from "../../src/log/format-message.ts";
import type { Connection } from "../../src/server/connection.ts";
import type { ServerLimits } from "../../src/server/limits.ts";
import type { ClientAddress } from "../../src/server/server-address.ts";
import type { TCPServer } from "../../src/server/tcp-server.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { exchange, parseResponses, type RawResponse } from "../raw-client.ts";

export type HandlerClass = new (
  request: Connection,
  clientAddress: ClientAddress,
  server: TCPServer,
) => SimpleHTTPRequestHandler;

export interface Settings {
  directory?: string;
  indexPages?: readonly string[];
  extensionsMap?: Readonly<Record<string, string>>;
  extraResponseHeaders?: readonly (readonly [string, string])[];
  dotfiles?: boolean;
  followSymlinks?: boolean;
  compress?: boolean;
  archives?: boolean;
}

export interface Answer extends RawResponse {
  /** The body, as UTF-8. */
  readonly text: string;
}

export interface Request {
  readonly method?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export interface Site extends AsyncDisposable {
  readonly port: number;
  /** What has been logged, line by line, without address and time. */
  readonly log: readonly string[];
  /** One request on a connection of its own; the target goes out as it is, one byte per character. */
  ask(target: string, request?: Request): Promise<Answer>;
}

export async function startSite(
  settings: Settings,
  Base: HandlerClass = SimpleHTTPRequestHandler,
  limits: Partial<ServerLimits> = {},
): Promise<Site> {
  const log: string[] = [];
  class Handler extends Base {
    constructor(request: Connection, clientAddress: ClientAddress, server: TCPServer) {
      super(request, clientAddress, server);
      Object.assign(this, settings);
    }
    override logMessage(format: string, ...args: unknown[]): void {
      log.push(formatMessage(format, args));
    }
  }
  class Server extends ThreadingHTTPServer {
    override handleError(_request: Connection, _client: ClientAddress, error: unknown): void {
      log.push(`handleError: ${String(error)}`);
    }
  }
  const server = new Server(["127.0.0.1", 0], Handler);
  server.limits = limits;
  await server.listen();
  void server.serveForever();
  const port = server.serverPort;
  return {
    port,
    log,
    async ask(target, { method = "GET", fields = {} } = {}) {
      const lines = Object.entries({ Host: "localhost", Connection: "close", ...fields });
      const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      return onlyAnswer(await exchange(port, `${method} ${target} HTTP/1.1\r\n${head}\r\n`), method);
    },
    [Symbol.asyncDispose]: () => server.serverClose(),
  };
}

/** The one response on a connection: complete, and with nothing behind it. */
function onlyAnswer(bytes: string, method: string): Answer {
  const [response, ...more] = parseResponses(bytes, [method]);
  assert.equal(more.length, 0, "more than one response");
  assert.ok(response!.isComplete, "a response that is cut");
  return { ...response!, text: response!.body.toString("utf8") };
}

/** How many files below a directory this process has open; -1 where the system does not tell. */
export function openFilesBelow(directory: string): number {
  let count = 0;
  let names: string[];
  try {
    names = readdirSync("/proc/self/fd");
  } catch {
    return -1;
  }
  for (const name of names) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`).startsWith(directory)) count++;
    } catch {
      // Closed in between.
    }
  }
  return count;
}

/** Waits until a condition holds that no event announces. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`still not: ${what}`);
    await nextTurn();
  }
}
