// A handler that takes any request and notes what it was given, and a way to ask it without a network.

import { text } from "node:stream/consumers";
import { feed } from "../handler/fed.ts";
import { parseResponses, type RawResponse } from "../raw-client.ts";
import { TestHandler } from "../server/serving.ts";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: TestHandler["headers"];
  readonly body: string;
}

/** Notes each request that it has got as a whole, and answers with its number. */
export function notingHandler(): { readonly Handler: typeof TestHandler; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  class Noting extends TestHandler {
    async #note(): Promise<void> {
      this.rfile.setEncoding("latin1");
      const body = await text(this.rfile);
      const { command: method, path, requestVersion: version, headers } = this;
      seen.push({ method, path, version, headers, body });
      this.answer(`request ${seen.length}\n`);
    }

    do_GET = this.#note;
    do_HEAD = this.#note;
    do_POST = this.#note;
    do_PUT = this.#note;
    do_OPTIONS = this.#note;
    "do_M-SEARCH" = this.#note;
  }
  return { Handler: Noting, seen };
}

export interface Told {
  /** The requests that a handler got as a whole. */
  readonly seen: readonly Seen[];
  /** All bytes that were sent. */
  readonly output: string;
  /** The same, as responses. */
  readonly responses: readonly RawResponse[];
  readonly statuses: readonly number[];
  /** The last response says that it is the last. */
  readonly saysClose: boolean;
}

/**
 * What becomes of these bytes, when the client sends nothing more.
 * @param methods of the requests, in order, where one of them is HEAD
 */
export async function tell(input: string | Uint8Array, methods?: readonly string[]): Promise<Told> {
  const { Handler, seen } = notingHandler();
  const { output } = await feed(Handler, input);
  const isSimple = seen[0]?.version === "HTTP/0.9";
  const responses = isSimple ? [] : parseResponses(output, methods);
  return {
    seen,
    output,
    responses,
    statuses: responses.map(({ status }) => status),
    saysClose: responses.at(-1)?.get("connection") === "close",
  };
}
