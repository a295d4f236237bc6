// htbin where requests and responses are those of the Fetch standard.

import { ConnectionLostError } from "../errors.ts";
import type { Addresses } from "./inner-socket.ts";
import type { InnerServer, Running } from "./inner-server.ts";
import type { ResponseHead } from "./response-reader.ts";

/** What a `Request` does not know, where the server does. */
export interface FetchInfo {
  /** `[host, port]` of the client, for `REMOTE_ADDR` and the log. */
  readonly clientAddress?: readonly [host: string, port: number] | undefined;
  /** `[host, port]` where the request arrived, for `SERVER_ADDR` and `SERVER_PORT`; by default of the URL. */
  readonly serverAddress?: readonly [host: string, port: number] | undefined;
}

/**
 * Answers a request. Rejects with the reason of the request's signal when that aborts before the head of
 * the answer; later, the body fails. Either ends what runs for it. A body that breaks off by itself fails
 * with a `ConnectionLostError`.
 */
export type FetchHandler = (request: Request, info?: FetchInfo) => Promise<Response>;

/** A handler of the Fetch standard that has each request answered by the inner server. */
export function fetchHandler(server: InnerServer): FetchHandler {
  return (request, info = {}) => {
    const { signal } = request;
    signal.throwIfAborted();
    const wasRead = request.bodyUsed;
    return new Promise((resolve, reject) => {
      const body = new ResponseBody();
      const url = new URL(request.url);
      const running = server.answer(
        {
          method: request.method,
          target: url.pathname + url.search,
          base: "",
          version: "1.1",
          fields: [...request.headers],
          host: url.host,
          hasBody: request.body !== null,
        },
        request.body === null ? undefined : bytesOf(request.body),
        addresses(url, info),
        {
          interim: () => {},
          head: (head) => resolve(response(head, request.method, body)),
          body: (bytes, callback) => body.take(bytes, callback),
          end: () => body.end(),
          cut: (why) => {
            const error: unknown = signal.aborted
              ? signal.reason
              : (why ?? (wasRead ? readBefore() : brokenOff()));
            // Passed on as it was given.
            // oxlint-disable-next-line typescript/prefer-promise-reject-errors
            reject(error);
            body.fail(error);
          },
        },
      );
      body.running = running;
      signal.addEventListener("abort", () => running.abort(), { once: true });
    });
  };
}

/** Only the body of an answer breaks off: before its head there is a status for whatever has gone wrong. */
function brokenOff(): ConnectionLostError {
  return new ConnectionLostError("the answer broke off; the log says why");
}

function readBefore(): TypeError {
  return new TypeError("the request body was read before: give htbin the request first, or a clone");
}

/** Whoever stops asking for more wants no more at all: the stream is cancelled. */
async function* bytesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

function addresses(url: URL, { clientAddress, serverAddress }: FetchInfo): Addresses {
  const isEncrypted = url.protocol === "https:";
  return {
    remoteAddress: clientAddress?.[0],
    remotePort: clientAddress?.[1],
    localAddress: serverAddress?.[0],
    localPort: serverAddress?.[1] ?? Number(url.port || (isEncrypted ? 443 : 80)),
    encrypted: isEncrypted,
  };
}

/** Statuses with which a `Response` takes no body. */
const NULL_BODY = new Set([204, 205, 304]);

function response({ status, reason, fields }: ResponseHead, method: string, body: ResponseBody): Response {
  const isEmpty = method === "HEAD" || NULL_BODY.has(status);
  return new Response(isEmpty ? null : body.stream, {
    status,
    statusText: reason,
    headers: fields.map(([name, value]): [string, string] => [name, value]),
  });
}

/** The body of a response: at most one piece ahead of its reader. */
class ResponseBody {
  running: Running | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #onRoom: (() => void) | undefined;
  readonly stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        const onRoom = this.#onRoom;
        this.#onRoom = undefined;
        onRoom?.();
      },
      cancel: () => {
        this.#isOver = true;
        this.running?.abort();
      },
    },
    { highWaterMark: 1 },
  );
  #isOver = false;

  take(bytes: Buffer, callback: () => void): void {
    if (this.#isOver) return callback();
    // A copy: the bytes are lent, and a reader keeps what it gets.
    this.#controller.enqueue(Uint8Array.from(bytes));
    if ((this.#controller.desiredSize ?? 0) > 0) callback();
    else this.#onRoom = callback;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.close();
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller.error(error);
  }
}
