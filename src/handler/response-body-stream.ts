// `wfile`: the body of one response as a stream that waits for the client.

import { Writable } from "node:stream";

/** What takes the bytes: the framing of the response, and the connection behind it. */
export interface ResponseBodySink {
  /** @throws if the body may not be written now */
  writeBody(chunk: Uint8Array): void;
  whenDrained(callback: (error?: Error) => void): void;
  readonly needsDrain: boolean;
}

export class ResponseBodyStream extends Writable {
  readonly #sink: ResponseBodySink;
  #isPiped = false;
  #isFinishing = false;

  constructor(sink: ResponseBodySink) {
    super();
    this.#sink = sink;
    this.on("error", () => {});
    this.on("pipe", () => {
      this.#isPiped = true;
    });
    // A source that was told not to end this stream lets go of it instead.
    this.on("unpipe", () => {
      this.#isPiped = false;
      if (this.#isFinishing && !this.writableEnded) this.end();
    });
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    try {
      this.#sink.writeBody(chunk);
    } catch (error) {
      return callback(error as Error);
    }
    if (this.#sink.needsDrain) this.#sink.whenDrained(callback);
    else callback();
  }

  /**
   * Waits until all has been handed on. A stream that is piped in ends this one, as everywhere in Node; otherwise the handler
   * that has returned has written all that it wants to.
   */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    if (!this.#isPiped && !this.writableEnded) this.end();
    if (this.writableFinished) return;
    if (this.errored !== null) throw this.errored;
    await new Promise<void>((resolve, reject) => {
      this.once("finish", resolve);
      this.once("error", reject);
      this.once("close", resolve);
    });
  }
}
