// A handler fed bytes: no network, and every write can be counted.

import { Duplex } from "node:stream";
import type { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { Connection } from "../../src/server/connection.ts";
import { HTTPServer } from "../../src/server/http-server.ts";
import type { ServerLimits } from "../../src/server/limits.ts";
import type { RequestHandlerClass } from "../../src/server/tcp-server.ts";
import { logOf } from "../server/serving.ts";

/** A socket whose input a test pushes, and whose output it keeps, write by write. */
class FedSocket extends Duplex {
  readonly writes: string[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.writes.push(chunk.toString("latin1"));
    callback();
  }

  get output(): string {
    return this.writes.join("");
  }
}

export interface Fed<H extends BaseHTTPRequestHandler> {
  readonly handler: H;
  readonly socket: FedSocket;
  readonly connection: Connection;
  readonly log: readonly string[];
  readonly errors: readonly unknown[];
}

/** A handler on a fed socket, not yet running. */
export function makeFed<H extends BaseHTTPRequestHandler>(
  Handler: new (...args: ConstructorParameters<RequestHandlerClass>) => H,
  limits?: ServerLimits,
): Fed<H> {
  const socket = new FedSocket();
  const connection = new Connection(socket, limits);
  const server = new HTTPServer(["127.0.0.1", 0], Handler);
  const errors: unknown[] = [];
  server.handleError = (_request, _clientAddress, error) => errors.push(error);
  server.turns.allowAll();
  const handler = new Handler(connection, ["192.0.2.7", 12345], server);
  return { handler, socket, connection, errors, log: logOf(server).lines };
}

/** Feeds a whole conversation, lets the handler run to its end, and returns what it has written. */
export async function feed<H extends BaseHTTPRequestHandler>(
  Handler: new (...args: ConstructorParameters<RequestHandlerClass>) => H,
  input: string | Uint8Array,
): Promise<Fed<H> & { readonly output: string }> {
  const fed = makeFed(Handler);
  fed.socket.push(typeof input === "string" ? Buffer.from(input, "latin1") : input);
  fed.socket.push(null);
  await fed.handler.run();
  fed.connection.close();
  return { ...fed, output: fed.socket.output };
}
