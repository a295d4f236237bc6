// A connection without a network: what another server has received goes in as bytes, what
// htbin answers comes out as bytes.

import { Duplex } from "node:stream";

/** Where the bytes of the answer go. */
export interface OutputSink {
  /**
   * Takes bytes that are the sink's until it calls back. It may call back late, and the handler waits; with
   * an error, the connection is lost.
   */
  take(bytes: Buffer, callback: (error?: Error) => void): void;
  /** The answer has ended in order, as far as the connection knows. */
  end(): void;
  /** The connection was cut by the handler, or by whoever called `destroy()`. */
  cut(): void;
}

/** What a script is told about a connection: the properties of a Node socket. */
export interface Addresses {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly encrypted?: boolean | undefined;
}

/**
 * The end of it that a `Connection` has. Whoever has the other end calls `receive()`, and
 * `destroy()` when its client has gone.
 */
export class InnerSocket extends Duplex implements Addresses {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly encrypted: boolean | undefined;
  readonly #sink: OutputSink;
  #hasEnded = false;
  #onRoom: (() => void) | undefined;

  constructor(addresses: Addresses, sink: OutputSink) {
    super({ allowHalfOpen: true });
    this.remoteAddress = addresses.remoteAddress;
    this.remotePort = addresses.remotePort;
    this.localAddress = addresses.localAddress;
    this.localPort = addresses.localPort;
    this.encrypted = addresses.encrypted;
    this.#sink = sink;
  }

  /** Brings bytes to the handler, or with `null` their end. @returns a promise where it wants no more yet */
  receive(bytes: Buffer | null): Promise<void> | undefined {
    if (this.destroyed || this.push(bytes) || bytes === null) return undefined;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  override _read(): void {
    const onRoom = this.#onRoom;
    this.#onRoom = undefined;
    onRoom?.();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void {
    this.#sink.take(bytes, callback);
  }

  override _final(callback: () => void): void {
    this.#hasEnded = true;
    this.#sink.end();
    callback();
    // Nobody reads on after the answer, as a client of the network may have to (RFC 9112 §9.6).
    process.nextTick(() => this.destroy());
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // Whoever waits to bring more would wait for ever.
    this._read();
    if (!this.#hasEnded) this.#sink.cut();
    callback(error);
  }
}
