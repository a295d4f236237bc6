// `wfile`: the body of one response as a stream that waits for the client.

import { type Readable, Writable } from "node:stream";

/** What takes the bytes: the framing of the response, and the connection behind it. */
export interface ResponseBodySink {
  /** @throws if the body may not be written now */
  writeBody(chunk: Uint8Array): void;
  whenDrained(callback: (error?: Error) => void): void;
  readonly needsDrain: boolean;
}

const DESTROYED = "wfile was destroyed before the response was complete";

export class ResponseBodyStream extends Writable {
  readonly #sink: ResponseBodySink;
  #source: Readable | undefined;
  #isFinishing = false;

  constructor(sink: ResponseBodySink) {
    super();
    this.#sink = sink;
    this.on("error", () => {});
    this.on("pipe", (source: Readable) => {
      this.#source = source;
      // A pipe does not end with a source that fails: this stream would wait for ever.
      source.once("close", () => {
        if (this.#source === source && !source.readableEnded) this.#fail(source.errored);
      });
    });
    // A source that was told not to end this stream lets go of it instead.
    this.on("unpipe", () => {
      this.#source = undefined;
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
   * Waits until all has been handed on. A stream that is piped in ends this one, as everywhere in Node;
   * otherwise the handler that has returned has written all that it wants to.
   * @param rfile the body of the request, which may be what is piped in, by way of transforms
   * that its failure does not end
   */
  async finish(rfile: Readable | undefined): Promise<void> {
    this.#isFinishing = true;
    if (this.#source === undefined && !this.writableEnded) this.end();
    if (this.writableFinished) return;
    if (this.errored !== null) throw this.errored;
    if (this.destroyed) throw new Error(DESTROYED);
    if (rfile !== undefined && !this.writableEnded) {
      if (rfile.errored !== null) throw rfile.errored;
      rfile.once("error", (error) => this.#fail(error));
    }
    await new Promise<void>((resolve, reject) => {
      this.once("finish", resolve);
      this.once("error", reject);
      this.once("close", () => reject(new Error(DESTROYED)));
    });
  }

  #fail(error: Error | null): void {
    if (!this.writableEnded)
      this.destroy(error ?? new Error("The source of wfile was closed before its end"));
  }
}
