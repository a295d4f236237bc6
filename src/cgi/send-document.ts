// How a script's document goes out: with its length where that is known soon, else as it comes.

import { CGIError } from "../errors.ts";
import { isBodiless } from "../status.ts";
import { gatherOutput } from "./gather-output.ts";
import type { ScriptDocument } from "./response-outcome.ts";
import type { BodyPiece, ScriptAnswer } from "./run-script.ts";

/** The response, as its handler sends it. */
export interface DocumentSink {
  /** With this Content-Length, or with none. */
  sendHead(document: ScriptDocument, length: number | undefined): void;
  writeBody(bytes: Uint8Array): void;
  /** Settles when the client can take more; `undefined` if it can already. */
  drained(): Promise<void> | undefined;
}

/**
 * With its length, where the script says it or is at its end soon: then clients of
 * HTTP/1.0 keep their connection, too.
 * @param gatherTime milliseconds that it may be held back
 * @throws {HTTPRequestError} if the body breaks off
 */
export async function sendDocument(
  answer: ScriptAnswer,
  document: ScriptDocument,
  isHead: boolean,
  sink: DocumentSink,
  gatherTime: number,
): Promise<void> {
  const { status, length } = document;
  // 205 has no content (RFC 9110 §15.3.6), and its own way to say so.
  if (isHead || isBodiless(status) || status === 205) {
    // "A server MUST NOT send a Content-Length header field in any response with a status code
    // of […] 204" (RFC 9110 §8.6).
    sink.sendHead(document, status === 204 || status === 205 ? undefined : length);
    return;
  }
  if (length !== undefined) {
    sink.sendHead(document, length);
    return sendPieces(answer, await answer.nextPiece(), sink);
  }
  const { pieces, size, next } = await gatherOutput(() => answer.nextPiece(), gatherTime);
  const isComplete = next !== undefined && "kind" in next && next.kind === "end";
  sink.sendHead(document, isComplete ? size : undefined);
  for (const piece of pieces) sink.writeBody(piece);
  if (next === undefined) await sink.drained();
  return sendPieces(answer, await (next ?? answer.nextPiece()), sink);
}

/**
 * @throws {CGIError} behind the head, so that the response is cut and the client sees it
 * @throws {Error} what ended the body of the request
 */
export async function sendPieces(
  answer: ScriptAnswer,
  first: BodyPiece,
  sink: Omit<DocumentSink, "sendHead">,
): Promise<void> {
  for (let piece = first; ; piece = await answer.nextPiece()) {
    if (piece.kind === "end") return;
    if (piece.kind === "cut") {
      const { cause } = piece;
      // The client has left, or has broken the rules of its own request: no fault of the script's.
      if (!(cause instanceof CGIError)) throw cause;
      throw new CGIError("ERR_CGI_CUT", `${answer.scriptName}: ${cause.message}`, { cause });
    }
    sink.writeBody(piece.bytes);
    const drained = sink.drained();
    if (drained !== undefined) await drained;
  }
}
