// The server between another server and a handler class: it has no port, and gets
// its connections from that one.

import { ConnectionLostError } from "../errors.ts";
import { RequestGate } from "../files/request-gate.ts";
import type { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";
import type { LogDestination } from "../log/log-sink.ts";
import { Connection } from "../server/connection.ts";
import type { BodySink } from "../server/incoming-body.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "../server/limits.ts";
import type { ClientAddress } from "../server/server-address.ts";
import { ThreadingHTTPServer } from "../server/threading-http-server.ts";
import { type Addresses, InnerSocket, type OutputSink } from "./inner-socket.ts";
import { framed, LAST_CHUNK, type OuterRequest, requestHead } from "./request-bytes.ts";
import { type ResponseHead, ResponseReader } from "./response-reader.ts";

/** How the outer server sends the answer. */
export interface Answering {
  interim(head: ResponseHead): void;
  head(head: ResponseHead): void;
  /** Sends bytes that are lent until it calls back: then more may come. With an error, the client is gone. */
  body(bytes: Buffer, callback: (error?: Error) => void): void;
  end(): void;
  /**
   * The answer broke off: whoever has the head must see that the body is not whole.
   * @param why the outer server has refused to send it
   */
  cut(why?: Error): void;
  /** There is nothing here to answer with: called instead of all others, and only if it is there. */
  declined?(): void;
}

/** An exchange that runs. */
export interface Running {
  /** The client has gone. */
  abort(): void;
}

/** A handler that has a say in what is left to others. */
export interface Keeping {
  /** Whether the error is the answer: whoever comes next might send what it is to hide. */
  keepsError(): boolean;
}

/** Statuses that say "not here" of htbin itself, and let the outer server look for something else. */
const NOT_HERE = new Set([404, 405, 501]);

/** The time is that of the outer server, which has the client. */
const LIMITS: ServerLimits = {
  ...DEFAULT_LIMITS,
  requestLine: Infinity,
  field: Infinity,
  fields: Infinity,
  allFields: Infinity,
};

/** An inner socket whose answer can be left to others, and whose requests stand below a path. */
class DeclinableSocket extends InnerSocket {
  decline: (() => void) | undefined;
  base = "";
}

/** Asks for the body when the handler does: one that is left to others is theirs to read. */
class InnerConnection extends Connection {
  onBodyWanted: (() => void) | undefined;

  override readBody(sink: BodySink): void {
    const onBodyWanted = this.onBodyWanted;
    this.onBodyWanted = undefined;
    onBodyWanted?.();
    super.readBody(sink);
  }
}

export class InnerServer extends ThreadingHTTPServer {
  constructor(Handler: typeof BaseHTTPRequestHandler, log: LogDestination | undefined) {
    super(["", 0], declining(Handler));
    if (log !== undefined) this.log = log;
    this.turns.allowAll();
  }

  /**
   * Answers one request.
   * @param body read only as fast as the handler takes it
   */
  answer(
    outer: OuterRequest,
    body: AsyncIterable<Uint8Array> | undefined,
    addresses: Addresses,
    answering: Answering,
  ): Running {
    const { head, isChunked } = requestHead(outer);
    const clientAddress: ClientAddress = [addresses.remoteAddress ?? "", addresses.remotePort ?? 0];
    const sink = new AnswerSink(outer.method, answering, (error) =>
      this.handleError(connection, clientAddress, error),
    );
    const socket = new DeclinableSocket(addresses, sink);
    socket.base = outer.base;
    if (answering.declined !== undefined) socket.decline = () => sink.decline();
    const connection = new InnerConnection(socket, LIMITS);
    if (body !== undefined) connection.onBodyWanted = () => void feed(socket, body, isChunked);
    void this.processRequest(connection, clientAddress);
    void socket.receive(head);
    return { abort: () => socket.destroy() };
  }
}

async function feed(socket: InnerSocket, body: AsyncIterable<Uint8Array>, isChunked: boolean): Promise<void> {
  try {
    // Left by `break` when nobody wants the rest: that ends the source as well.
    for await (const bytes of body) {
      if (socket.destroyed || socket.writableFinished) break;
      if (bytes.byteLength > 0) await socket.receive(framed(bytes, isChunked));
    }
    if (isChunked) void socket.receive(LAST_CHUNK);
  } catch {
    // A body that breaks off is a client that has gone: a script must not take what has come for all of it.
    socket.destroy();
  }
}

/** Takes the bytes of the answer apart, and hands them on one at a time. */
class AnswerSink implements OutputSink {
  readonly #answering: Answering;
  readonly #onRefusal: (error: Error) => void;
  readonly #reader: ResponseReader;
  /** What one call of `take` has brought, lent by the socket until its callback. */
  #pieces: Buffer[] = [];
  #isOver = false;

  constructor(method: string, answering: Answering, onRefusal: (error: Error) => void) {
    this.#answering = answering;
    this.#onRefusal = onRefusal;
    this.#reader = new ResponseReader(method, {
      interim: (head) => answering.interim(head),
      head: (head) => answering.head(head),
      body: (bytes) => void this.#pieces.push(bytes),
      end: () => {},
    });
  }

  take(bytes: Buffer, callback: (error?: Error) => void): void {
    if (this.#isOver) return callback();
    try {
      this.#reader.take(bytes);
    } catch (error) {
      this.#refuse(error as Error);
      return callback(error as Error);
    }
    this.#sendPieces(callback);
  }

  #sendPieces(callback: (error?: Error) => void): void {
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      return this.#answering.body(piece, (error) =>
        error === undefined ? this.#sendPieces(callback) : callback(error),
      );
    }
    if (this.#reader.isDone) this.#finish();
    callback();
  }

  end(): void {
    if (this.#reader.end()) this.#finish();
    else this.cut();
  }

  cut(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answering.cut();
  }

  decline(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answering.declined?.();
  }

  /**
   * The outer server has rules of its own: HTTP/2 and `Response` know no status 600. Whoever wrote the script
   * has to hear of it.
   */
  #refuse(error: Error): void {
    this.#isOver = true;
    this.#onRefusal(error);
    this.#answering.cut(error);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answering.end();
  }
}

/** The access log is the outer server's, which knows when the last byte has left. Errors are still logged. */
function declining(Handler: typeof BaseHTTPRequestHandler): typeof BaseHTTPRequestHandler {
  return class extends Handler {
    constructor(...args: ConstructorParameters<typeof BaseHTTPRequestHandler>) {
      super(...args);
      const { socket } = this.request;
      if (this instanceof RequestGate && socket instanceof DeclinableSocket)
        this.base = socket.base + this.base;
    }

    override logRequest(): void {}

    override sendError(...args: Parameters<BaseHTTPRequestHandler["sendError"]>): void {
      const { socket } = this.request;
      const mayDecline = NOT_HERE.has(args[0]) && !keepsError(this);
      if (socket instanceof DeclinableSocket && socket.decline !== undefined && mayDecline) {
        socket.decline();
        socket.destroy();
        throw new ConnectionLostError("the request is left to others");
      }
      super.sendError(...args);
    }
  };
}

function keepsError(handler: BaseHTTPRequestHandler & Partial<Keeping>): boolean {
  try {
    return handler.keepsError?.() ?? false;
  } catch {
    // A path that no file name can be made of hides nothing.
    return false;
  }
}
