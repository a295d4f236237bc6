// The heads that a script prints: interim ones, and then that of its answer (RFC 9110 §15.2, RFC 3875 §6).

import { CGIError } from "../errors.ts";
import { decideOutcome, type ScriptDocument } from "./response-outcome.ts";
import { type ScriptHeader, ScriptHeaderReader } from "./script-header.ts";

export type ScriptHead =
  | { readonly kind: "interim"; readonly document: ScriptDocument }
  /** `rest` is the beginning of the body. */
  | { readonly kind: "final"; readonly header: ScriptHeader; readonly rest: Uint8Array };

/** Apache's own tests send 50; without a bound a script could send them for ever instead of an answer. */
const MOST_INTERIMS = 100;

export class ScriptHeadsReader {
  readonly #limit: number;
  #reader: ScriptHeaderReader;
  #interims = 0;

  /** @param limit bytes that each head may have */
  constructor(limit: number) {
    this.#limit = limit;
    this.#reader = new ScriptHeaderReader(limit);
  }

  /**
   * The heads that end within the next bytes of the script's output; none follows the final one.
   * @throws {CGIError} for what is no head, or one interim head too many
   */
  *read(bytes: Uint8Array): Generator<ScriptHead, void> {
    let left = bytes;
    do {
      const result = this.#reader.push(left);
      if (result === undefined) return;
      if (!isInterim(result.header)) {
        yield { kind: "final", ...result };
        return;
      }
      if (++this.#interims > MOST_INTERIMS) throw tooManyInterims();
      const document = decideOutcome(result.header);
      if (document.kind === "document") yield { kind: "interim", document };
      this.#reader = new ScriptHeaderReader(this.#limit);
      left = result.rest;
    } while (left.length > 0);
  }

  /** Why there is no answer, when the output has come to its end. */
  end(): CGIError {
    return this.#reader.end();
  }
}

function isInterim(header: ScriptHeader): boolean {
  return header.status !== undefined && header.status.code < 200;
}

function tooManyInterims(): CGIError {
  return new CGIError(
    "ERR_CGI_BAD_HEADER",
    `it printed more than ${MOST_INTERIMS} heads with a status below 200`,
  );
}
