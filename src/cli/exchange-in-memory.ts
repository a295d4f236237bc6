// One request and its response without a network: the bytes go through the same handler that serves.
import { Duplex } from "node:stream";

import { bodyDecoder } from "../http1/body-decoder.ts";
import { Connection } from "../server/connection.ts";
import type { TCPServer } from "../server/tcp-server.ts";

/** Bytes of a body that are kept. */
const KEPT = 16 * 1024;

export interface Exchanged {
  /** Status line and field lines; empty if there was no answer. */
  readonly head: readonly string[];
  /** The beginning of the body. */
  readonly body: Buffer;
  readonly bodySize: number;
  /** The body came to its end. */
  readonly isWhole: boolean;
  /** Milliseconds until the head was there, and until all was. */
  readonly headTime: number;
  readonly time: number;
}

export interface Place {
  readonly port: number;
  /** Leave after so many bytes of the body. */
  readonly mostBody: number;
}

/** Hands `request` to the handler of `server`, which need not listen, as if it came from this machine. */
export async function exchangeInMemory(
  server: TCPServer,
  request: readonly (string | Uint8Array)[],
  { port, mostBody }: Place,
): Promise<Exchanged> {
  const socket = new MemorySocket(port, mostBody);
  for (const piece of request) socket.push(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  server.turns.allowAll();
  await server.processRequest(new Connection(socket), [socket.remoteAddress, socket.remotePort]);
  socket.destroy();
  return socket.exchanged();
}

class MemorySocket extends Duplex {
  readonly localAddress = "127.0.0.1";
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 49152;
  readonly localPort: number;
  readonly #mostBody: number;
  readonly #began = performance.now();
  #headTime = 0;
  #input: Buffer = Buffer.alloc(0);
  #head: string[] | undefined;
  #decoder: ReturnType<typeof bodyDecoder>;
  #isPlain = false;
  #body: Buffer[] = [];
  #bodySize = 0;

  constructor(port: number, mostBody: number) {
    super();
    this.localPort = port;
    this.#mostBody = mostBody;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    if (this.#head === undefined) this.#readHead();
    if (this.#head !== undefined) this.#readBody();
    callback();
    if (this.#bodySize > this.#mostBody) this.destroy();
  }

  #readHead(): void {
    for (;;) {
      const end = this.#input.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = this.#input.toString("latin1", 0, end).split("\r\n");
      this.#input = this.#input.subarray(end + 4);
      // An interim response, such as 100 (Continue): the real one follows.
      if (/^HTTP\/\S+ 1\d\d/.test(head[0]!)) continue;
      this.#head = head;
      this.#headTime = performance.now() - this.#began;
      const isChunked = head.some((line) => /^transfer-encoding: chunked$/i.test(line));
      this.#isPlain = !isChunked;
      this.#decoder = isChunked ? bodyDecoder({ kind: "chunked" }) : undefined;
      return;
    }
  }

  #readBody(): void {
    if (this.#isPlain) {
      this.#keep(this.#input);
      this.#input = this.#input.subarray(this.#input.length);
      return;
    }
    let at = 0;
    while (this.#decoder?.done === false) {
      const { bytes, next } = this.#decoder.take(this.#input, at);
      this.#keep(bytes);
      if (next === at) break;
      at = next;
    }
    this.#input = this.#input.subarray(at);
  }

  #keep(bytes: Buffer): void {
    const room = KEPT - this.#bodySize;
    if (room > 0) this.#body.push(Buffer.from(bytes.subarray(0, room)));
    this.#bodySize += bytes.length;
  }

  exchanged(): Exchanged {
    const head = this.#head ?? [];
    const length = head
      .map((line) => /^content-length: (\d+)$/i.exec(line)?.[1])
      .find((each) => each !== undefined);
    const isWhole = this.#isPlain
      ? length === undefined || Number(length) === this.#bodySize
      : this.#decoder?.done === true;
    const time = performance.now() - this.#began;
    const body = Buffer.concat(this.#body);
    return { head, body, bodySize: this.#bodySize, isWhole, headTime: this.#headTime, time };
  }
}
