// `rfile`: the body of one request as a stream that ends exactly where the body ends.

import { Readable } from "node:stream";
import type { Connection } from "../server/connection.ts";
import type { BodySink } from "../server/incoming-body.ts";

export class RequestBodyStream extends Readable {
  readonly #connection: Connection;
  readonly #sink: BodySink;
  #giveUp: NodeJS.Timeout | undefined;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    this.#sink = {
      onPiece: (bytes) => {
        this.#giveUp?.refresh();
        return this.push(bytes);
      },
      onEnd: () => this.push(null),
      onError: (error) => this.destroy(error),
    };
    // A handler that does not read the body must not bring the process down when the client goes away.
    this.on("error", () => {});
  }

  /**
   * The response is over: whoever still reads gets the rest of the body, and after that nobody gets anything,
   * for what follows on the connection is another request's. A reader that has paused and never goes on would
   * hold the connection for ever.
   * @param patience milliseconds without a piece of the body
   */
  async settle(patience: number): Promise<void> {
    const isRead = this.listenerCount("data") + this.listenerCount("readable") > 0;
    if (!isRead) this.destroy();
    if (this.closed || !isRead) return;
    this.#giveUp = setTimeout(() => this.destroy(), patience);
    await new Promise((resolve) => this.once("close", resolve));
    clearTimeout(this.#giveUp);
  }

  override _read(): void {
    if (!this.destroyed) this.#connection.readBody(this.#sink);
  }
}
