// What node:http makes of a connection: its parser is llhttp, and the rules round it (Host, Expect) are Node's.

import { createServer, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
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

class RecordingSocket extends FedSocket {
  readonly messages: RecordedMessage[] = [];
  error: NodeJS.ErrnoException | undefined;
  isTunnel = false;
}

/** Keeps what the parser hands over, at the moment it does: no stream has to run for it. */
class RecordedMessage extends IncomingMessage {
  #body = "";
  /** Node has handed it to a handler; else it has answered by itself, with an error. */
  isAccepted = false;
  persists = false;

  constructor(socket: Socket) {
    super(socket);
    (socket as unknown as RecordingSocket).messages.push(this);
  }

  override push(chunk: Buffer | null): boolean {
    if (chunk !== null) this.#body += chunk.toString("latin1");
    return true;
  }

  get seen(): SeenRequest {
    const fields: [string, string][] = [];
    for (let i = 0; i < this.rawHeaders.length; i += 2)
      fields.push([this.rawHeaders[i]!, this.rawHeaders[i + 1]!]);
    return {
      method: this.method!,
      target: this.url!,
      version: this.httpVersion,
      fields,
      persists: this.persists,
      body: this.#body,
      isComplete: this.complete,
    };
  }
}

export function llhttpPeer(): Peer {
  // The limits on size are each server's own choice, and htbin's are tested elsewhere; Node's would only be in the way.
  const server = createServer({ IncomingMessage: RecordedMessage, maxHeaderSize: 1 << 20 });
  server.maxHeadersCount = 0;
  server.on("request", (request, response) => {
    request.isAccepted = true;
    request.persists = response.shouldKeepAlive;
  });
  const tunnel = (request: RecordedMessage): void => {
    request.isAccepted = true;
    (request.socket as unknown as RecordingSocket).isTunnel = true;
  };
  server.on("connect", tunnel);
  server.on("upgrade", tunnel);
  server.on("clientError", (error, socket) => {
    (socket as unknown as RecordingSocket).error ??= error;
  });

  return {
    name: "llhttp",
    judge(input: Case): Verdict {
      const socket = new RecordingSocket();
      server.emit("connection", socket);
      // The parser listens to "data" and does all its work within; so the verdict is there when the last piece is.
      for (const piece of piecesOf(input)) {
        if (socket.error !== undefined || socket.isTunnel) break;
        socket.emit("data", piece);
      }
      if (socket.error === undefined && !socket.isTunnel) socket.emit("end");
      const verdict = verdictOf(socket);
      socket.destroy();
      return verdict;
    },
    close: () => server.close(),
  };
}

function verdictOf(socket: RecordingSocket): Verdict {
  const requests: SeenRequest[] = [];
  for (const message of socket.messages) {
    if (!message.isAccepted) {
      const reason = message.headers.expect === undefined ? "no Host" : "expectation";
      return { requests, end: { kind: "refused", reason } };
    }
    const { seen } = message;
    requests.push(seen);
    if (seen.isComplete && !seen.persists && !socket.isTunnel) return { requests, end: { kind: "closed" } };
  }
  return { requests, end: endOf(socket, requests) };
}

function endOf(socket: RecordingSocket, requests: readonly SeenRequest[]): End {
  if (socket.isTunnel) return { kind: "tunnel" };
  if (socket.error === undefined) return endAfter(requests, true);
  if (socket.error.code === "HPE_INVALID_EOF_STATE") return { kind: "incomplete" };
  if (socket.error.code === "HPE_CLOSED_CONNECTION" && "connection" in socket.messages.at(-1)!.trailers)
    return { kind: "closed by a trailer" };
  const { code, reason } = socket.error as NodeJS.ErrnoException & { reason?: string };
  return { kind: "refused", reason: `${code}: ${reason ?? ""}` };
}
