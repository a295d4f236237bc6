// A client that sends bytes and reads bytes: a test of a server needs to see what an HTTP library would hide.

import { connect, type Socket } from "node:net";

/** One response as it came over the wire. */
export interface RawResponse {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** In the order and the spelling of the wire. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Without the framing. */
  readonly body: Buffer;
  /** The body ended where its framing says; `false` when the connection ended before. */
  readonly isComplete: boolean;
  /** The values of all fields of that name, joined by `, `. */
  get(name: string): string | undefined;
}

/** How long a test waits for bytes before it fails with what has arrived. A guard, not a pause. */
const PATIENCE = 8_000;

export class RawClient implements Disposable {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  #received: Buffer = Buffer.alloc(0);
  /** How many bytes have arrived. */
  received = 0;
  readonly #waiters = new Set<() => void>();
  /** The server has ended its side. */
  hasEnded = false;
  isClosed = false;
  /** `ECONNRESET` and the like. */
  errorCode: string | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.length;
      this.#note(() => this.#chunks.push(chunk));
    });
    socket.on("end", () => this.#note(() => (this.hasEnded = true)));
    socket.on("close", () => this.#note(() => (this.isClosed = true)));
    socket.on("error", (error: NodeJS.ErrnoException) => this.#note(() => (this.errorCode = error.code)));
  }

  /** @param target a port of the loopback interface, or the path of a Unix socket */
  static async connect(target: number | string): Promise<RawClient> {
    const socket =
      typeof target === "number"
        ? connect({ port: target, host: "127.0.0.1", noDelay: true })
        : connect({ path: target });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  #note(change: () => void): void {
    change();
    for (const wake of this.#waiters) wake();
  }

  /** Strings are Latin-1: one character per byte. */
  send(data: string | Uint8Array): this {
    if (typeof data === "string") this.socket.write(data, "latin1");
    else this.socket.write(data);
    return this;
  }

  /** Ends our side and goes on reading. */
  end(): this {
    this.socket.end();
    return this;
  }

  /** Ends the connection at once, with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  get bytes(): Buffer {
    if (this.#chunks.length > 0) {
      this.#received = Buffer.concat([this.#received, ...this.#chunks]);
      this.#chunks = [];
    }
    return this.#received;
  }

  /** All that has arrived, one character per byte. */
  get text(): string {
    return this.bytes.toString("latin1");
  }

  /** Waits until `isThere` holds, which is asked again whenever something arrives. */
  async until(isThere: () => boolean, what = "what the test waits for", patience = PATIENCE): Promise<void> {
    if (isThere()) return;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = (): void => {
        if (isThere()) settle();
        else if (this.isClosed)
          settle(new Error(`The connection closed before ${what}; received: ${this.#shown()}`));
      };
      const timer = setTimeout(() => {
        settle(new Error(`Waited in vain for ${what}; received: ${this.#shown()}`));
      }, patience);
      this.#waiters.add(look);
    });
  }

  #shown(): string {
    return JSON.stringify(this.text.slice(0, 2_000));
  }

  /** Waits until this text has arrived, and returns all that has. */
  async untilText(part: string): Promise<string> {
    await this.until(() => this.text.includes(part), JSON.stringify(part));
    return this.text;
  }

  /** Waits until the server has ended its side, and returns all that has arrived. */
  async untilEnd(): Promise<string> {
    await this.until(() => this.hasEnded || this.isClosed, "the end of the connection");
    return this.text;
  }

  /**
   * Waits for so many responses, interim ones included, and no longer.
   * @param methods of the requests, in order: a response to HEAD has no body; GET where none is given
   */
  async responses(count: number, methods: readonly string[] = []): Promise<RawResponse[]> {
    let parsed: RawResponse[] = [];
    await this.until(() => {
      parsed = parseResponses(this.bytes, methods, this.hasEnded || this.isClosed);
      return parsed.length >= count;
    }, `${count} responses`);
    return parsed;
  }
}

/** Sends bytes and reads until the server closes. */
export async function exchange(target: number | string, data: string | Uint8Array): Promise<string> {
  using client = await RawClient.connect(target);
  client.send(data);
  return await client.untilEnd();
}

/**
 * Reads responses out of bytes, strictly. A last one that is not complete is left out, unless the connection has ended.
 * @throws {Error} for what is no response
 */
export function parseResponses(
  bytes: Uint8Array | string,
  methods: readonly string[] = [],
  hasEnded = true,
): RawResponse[] {
  const text = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
  const responses: RawResponse[] = [];
  let finals = 0;
  let at = 0;
  while (at < text.length) {
    const headEnd = text.indexOf("\r\n\r\n", at);
    if (headEnd === -1) {
      if (hasEnded) throw new Error(`No response: ${JSON.stringify(text.slice(at, at + 500))}`);
      break;
    }
    const [first, ...lines] = text.slice(at, headEnd).split("\r\n");
    const line = /^(HTTP\/\d\.\d) (\d{3}) ([^\r\n]*)$/.exec(first!);
    if (line === null) throw new Error(`No status line: ${JSON.stringify(first)}`);
    const fields = lines.map((field): [string, string] => {
      const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([^\r\n]*)$/.exec(field);
      if (match === null) throw new Error(`No field line: ${JSON.stringify(field)}`);
      return [match[1]!, match[2]!];
    });
    const get = (name: string): string | undefined => {
      const values = fields
        .filter(([key]) => key.toLowerCase() === name.toLowerCase())
        .map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(", ");
    };
    const status = Number(line[2]);
    const isInterim = status < 200 && status !== 101;
    const method = isInterim ? "GET" : (methods[finals++] ?? "GET");
    const body = readBody(text, headEnd + 4, method, status, get);
    if (!body.isComplete && !hasEnded) break;
    at = body.next;
    responses.push({
      version: line[1]!,
      status,
      reason: line[3]!,
      fields,
      body: Buffer.from(body.text, "latin1"),
      isComplete: body.isComplete,
      get,
    });
  }
  return responses;
}

interface ReadBody {
  readonly text: string;
  readonly next: number;
  readonly isComplete: boolean;
}

function readBody(
  text: string,
  start: number,
  method: string,
  status: number,
  get: (name: string) => string | undefined,
): ReadBody {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return { text: "", next: start, isComplete: true };
  }
  if (get("transfer-encoding") !== undefined) return readChunks(text, start);
  const length = get("content-length");
  if (length !== undefined) {
    const next = Math.min(text.length, start + Number(length));
    return { text: text.slice(start, next), next, isComplete: next === start + Number(length) };
  }
  // The end of the connection is the end of the body.
  return { text: text.slice(start), next: text.length, isComplete: false };
}

function readChunks(text: string, start: number): ReadBody {
  let body = "";
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return { text: body, next: text.length, isComplete: false };
    const line = text.slice(at, lineEnd);
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`No chunk size: ${JSON.stringify(line.slice(0, 200))}`);
    const size = Number.parseInt(line, 16);
    const dataEnd = lineEnd + 2 + size;
    body += text.slice(lineEnd + 2, dataEnd);
    if (text.length < dataEnd + 2) return { text: body, next: text.length, isComplete: false };
    if (text.slice(dataEnd, dataEnd + 2) !== "\r\n") throw new Error("No CRLF behind a chunk");
    at = dataEnd + 2;
    if (size === 0) return { text: body, next: at, isComplete: true };
  }
}
