// What one exchange has only when its handler touches it: `rfile`, `wfile` and
// `signal`; and their end with it.

import type { Readable, Writable } from "node:stream";
import { ConnectionLostError } from "../errors.ts";
import type { Connection } from "../server/connection.ts";
import { Departure, type StopSignal } from "./departure.ts";
import { RequestBodyStream } from "./request-body-stream.ts";
import { ResponseBodyStream } from "./response-body-stream.ts";
import type { ResponseWriter } from "./response-writer.ts";

export class ExchangeStreams {
  readonly #connection: Connection;
  readonly #response: ResponseWriter;
  #rfile: RequestBodyStream | undefined;
  #wfile: ResponseBodyStream | undefined;
  #departure: Departure | undefined;
  #signal: AbortSignal | undefined;
  #forgetGone: (() => void) | undefined;

  constructor(connection: Connection, response: ResponseWriter) {
    this.#connection = connection;
    this.#response = response;
  }

  get rfile(): Readable {
    if (this.#rfile === undefined) {
      this.#rfile = new RequestBodyStream(this.#connection);
      if (this.#connection.isBodyRead) this.#rfile.push(null);
      else this.#failWhenLost(this.#rfile);
    }
    return this.#rfile;
  }

  get wfile(): Writable {
    if (this.#wfile === undefined) {
      const connection = this.#connection;
      this.#wfile = new ResponseBodyStream({
        writeBody: (chunk) => this.#response.writeBody(chunk),
        whenDrained: (callback) => connection.whenDrained(callback),
        get needsDrain() {
          return connection.needsDrain;
        },
      });
      this.#failWhenLost(this.#wfile);
    }
    return this.#wfile;
  }

  get departure(): StopSignal {
    if (this.#departure === undefined) {
      const departure = new Departure();
      this.#departure = departure;
      if (this.#connection.isClosed) departure.note();
      else this.#forgetGone = this.#connection.onGone(() => departure.note());
    }
    return this.#departure;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.departure);
    return this.#signal;
  }

  /** The handler was told that nobody waits for its answer. */
  get isAborted(): boolean {
    return this.#departure?.aborted === true;
  }

  get hasReader(): boolean {
    return this.#rfile !== undefined;
  }

  get hasWriter(): boolean {
    return this.#wfile !== undefined;
  }

  /** Waits until all that was written, or piped in, has been handed on. */
  async finishWriting(): Promise<void> {
    await this.#wfile?.finish(this.#rfile);
  }

  /**
   * Waits for whoever still reads the body, as long as that goes on within `patience`
   * milliseconds; after that nobody does.
   */
  async finishReading(patience: number): Promise<void> {
    await this.#rfile?.settle(patience);
  }

  /** Ends what a handler that has failed may still be holding. */
  fail(): void {
    this.#rfile?.destroy();
    // Whoever still writes to it would write into the response of the next request.
    this.#wfile?.destroy();
  }

  /** Another request begins: what belonged to the last one is let go. */
  reset(): void {
    this.#rfile = undefined;
    this.#wfile = undefined;
    this.#departure = undefined;
    this.#signal = undefined;
    this.#forgetGone?.();
    this.#forgetGone = undefined;
  }

  /** A stream that nobody reads or writes at the moment would not notice that the client has gone. */
  #failWhenLost(stream: Readable | Writable): void {
    const connection = this.#connection;
    const fail = (): void => {
      if (stream === this.#wfile || !connection.isBodyRead)
        stream.destroy(new ConnectionLostError("The client has gone"));
    };
    if (connection.isClosed) return fail();
    stream.once("close", connection.onLost(fail));
  }
}

function signalOf(departure: StopSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new ConnectionLostError("The client has closed the connection"));
  if (departure.aborted) abort();
  else departure.addEventListener("abort", abort);
  return controller.signal;
}
