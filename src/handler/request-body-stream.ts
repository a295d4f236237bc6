// `rfile`: the body of one request as a stream that ends exactly where the body ends.

import { Readable } from "node:stream";
import type { BodySink, Connection } from "../server/connection.ts";

export class RequestBodyStream extends Readable {
  readonly #connection: Connection;
  readonly #sink: BodySink;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    this.#sink = {
      onPiece: (bytes) => this.push(bytes),
      onEnd: () => this.push(null),
      onError: (error) => this.destroy(error),
    };
    // A handler that does not read the body must not bring the process down when the client goes away.
    this.on("error", () => {});
  }

  override _read(): void {
    if (!this.destroyed) this.#connection.readBody(this.#sink);
  }
}
