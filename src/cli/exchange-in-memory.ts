// One request and its response without a network: the bytes go through the same handler that serves.
import { type Addresses, InnerSocket, type OutputSink } from "../embed/inner-socket.ts";
import { type ResponseHead, ResponseReader } from "../embed/response-reader.ts";
import { Connection } from "../server/connection.ts";
import type { TCPServer } from "../server/tcp-server.ts";

/** Bytes of a body that are kept. */
const KEPT = 16 * 1024;

export interface Exchanged {
  /** Status line and field lines, without those of the connection; empty if there was no answer. */
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
  /** Of the request: an answer to HEAD has no body. */
  readonly method: string;
  /** Leave after so many bytes of the body. */
  readonly mostBody: number;
}

/** Hands `request` to the handler of `server`, which need not listen, as if it came from this machine. */
export async function exchangeInMemory(
  server: TCPServer,
  request: readonly (string | Uint8Array)[],
  { port, method, mostBody }: Place,
): Promise<Exchanged> {
  const client = ["127.0.0.1", 49152] as const;
  const [remoteAddress, remotePort] = client;
  const addresses: Addresses = { remoteAddress, remotePort, localAddress: "127.0.0.1", localPort: port };
  const answer = new Answer(method, mostBody);
  const socket = new InnerSocket(addresses, answer);
  for (const piece of request) {
    void socket.receive(typeof piece === "string" ? Buffer.from(piece, "latin1") : Buffer.from(piece));
  }
  server.turns.allowAll();
  await server.processRequest(new Connection(socket), client);
  socket.destroy();
  return answer.exchanged();
}

/** Takes the answer, and keeps what is worth a look. */
class Answer implements OutputSink {
  readonly #mostBody: number;
  readonly #reader: ResponseReader;
  readonly #began = performance.now();
  #headTime = 0;
  #head: ResponseHead | undefined;
  readonly #body: Buffer[] = [];
  #bodySize = 0;
  #isWhole = false;

  constructor(method: string, mostBody: number) {
    this.#mostBody = mostBody;
    this.#reader = new ResponseReader(method, {
      interim: () => {},
      head: (head) => {
        this.#head = head;
        this.#headTime = performance.now() - this.#began;
      },
      body: (bytes) => this.#keep(bytes),
      end: () => {
        this.#isWhole = true;
      },
    });
  }

  take(bytes: Buffer, callback: (error?: Error) => void): void {
    try {
      this.#reader.take(bytes);
    } catch (error) {
      return callback(error as Error);
    }
    callback(this.#bodySize > this.#mostBody ? new Error("enough has been seen") : undefined);
  }

  end(): void {
    this.#reader.end();
  }

  cut(): void {}

  #keep(bytes: Buffer): void {
    const room = KEPT - this.#bodySize;
    // A copy: the bytes are lent.
    if (room > 0) this.#body.push(Buffer.from(bytes.subarray(0, room)));
    this.#bodySize += bytes.length;
  }

  exchanged(): Exchanged {
    const head = this.#head;
    const lines = head?.fields.map(([name, value]) => `${name}: ${value}`) ?? [];
    return {
      head: head === undefined ? [] : [`HTTP/1.1 ${head.status} ${head.reason}`, ...lines],
      body: Buffer.concat(this.#body),
      bodySize: this.#bodySize,
      isWhole: this.#isWhole,
      headTime: this.#headTime,
      time: performance.now() - this.#began,
    };
  }
}
