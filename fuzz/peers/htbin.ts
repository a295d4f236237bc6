// What htbin makes of a connection: the connection and the handler that its servers use, on a socket without a network.

import { setImmediate as nextTurn } from "node:timers/promises";

import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { describeError } from "../../src/log/describe-error.ts";
import { Connection } from "../../src/server/connection.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import {
  type Case,
  type End,
  endAfter,
  type Peer,
  piecesOf,
  type SeenRequest,
  type Verdict,
} from "../verdict.ts";
import { FedSocket } from "./fed-socket.ts";

type Recorded = { -readonly [Key in keyof SeenRequest]: SeenRequest[Key] };

class RecordingHandler extends BaseHTTPRequestHandler {
  override protocolVersion = "HTTP/1.1";
  readonly requests: Recorded[] = [];
  refusal: string | undefined;
  readsBody = true;
  #current: Recorded | undefined;

  protected override dispatch(): void | Promise<void> {
    const current: Recorded = {
      method: this.command,
      target: this.path,
      version: this.requestVersion.slice("HTTP/".length),
      fields: [...this.headers],
      persists: !this.closeConnection,
      body: this.readsBody ? "" : undefined,
      isComplete: this.request.isBodyRead,
    };
    this.requests.push(current);
    this.#current = current;
    this.sendContinue();
    if (current.isComplete) current.body = "";
    if (current.isComplete || !this.readsBody) return this.#answer();
    return this.#readBody(current);
  }

  async #readBody(current: Recorded): Promise<void> {
    let body = "";
    await new Promise<void>((resolve, reject) => {
      this.rfile.on("data", (chunk: Buffer) => (body += chunk.toString("latin1")));
      this.rfile.on("end", resolve);
      this.rfile.on("error", reject);
    }).finally(() => (current.body = body));
    this.#answer();
  }

  #answer(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
  }

  override async handleOneRequest(): Promise<void> {
    this.#current = undefined;
    await super.handleOneRequest();
    const current = this.#current as Recorded | undefined;
    if (current !== undefined) current.isComplete ||= this.request.isBodyRead;
  }

  override sendError(code: number, message?: string): void {
    this.refusal = `${code} ${message ?? ""}`;
    super.sendError(code, message);
  }

  override logMessage(): void {}
}

export function htbinPeer(): Peer {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], RecordingHandler);
  server.turns.allowAll();
  let failure: unknown;
  server.handleError = (_request, _address, error) => {
    failure = error;
  };

  return {
    name: "htbin",
    async judge(input: Case): Promise<Verdict> {
      failure = undefined;
      const socket = new FedSocket();
      const connection = new Connection(socket);
      const handler = new RecordingHandler(connection, ["127.0.0.1", 1], server);
      handler.readsBody = input.readsBody;
      const handled = handler.run();
      for (const piece of piecesOf(input)) {
        socket.push(piece);
        if (input.isSlow) await nextTurn();
      }
      socket.push(null);
      await handled;
      const end =
        failure === undefined ? endOf(handler) : { kind: "failed" as const, reason: describeError(failure) };
      socket.destroy();
      return { requests: handler.requests, end };
    },
    close: () => {},
  };
}

function endOf(handler: RecordingHandler): End {
  if (handler.refusal !== undefined) return { kind: "refused", reason: handler.refusal };
  return endAfter(handler.requests, handler.request.isIdle);
}
