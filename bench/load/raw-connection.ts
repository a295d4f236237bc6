// Owns a plain connection: writes several requests at once and takes the answers apart, each by its Content-Length.

import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** How long a server may be silent before its connection counts as lost. */
const SILENCE_MS = 10_000;

export function openConnection(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/**
 * Writes `count` requests in one piece and waits for as many answers. Rejects when the connection ends before that, or
 * when more comes than was asked for.
 */
export function exchange(socket: Socket, path: string, count: number): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const finish = (error: Error | undefined, answers: Answer[] = []): void => {
      socket.off("data", onData).off("error", finish).off("close", onClose);
      socket.setTimeout(0).off("timeout", onTimeout);
      if (error) reject(error);
      else resolve(answers);
    };
    const onData = (bytes: Buffer): void => {
      received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
      try {
        const { answers, rest } = splitAnswers(received);
        if (answers.length > count || (answers.length === count && rest > 0))
          finish(new Error(`more than the ${count} answers that were asked for`));
        else if (answers.length === count) finish(undefined, answers);
      } catch (error) {
        finish(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onClose = (): void => {
      const { length } = splitAnswers(received).answers;
      finish(new Error(`the connection ended after ${length} of ${count} answers`));
    };
    const onTimeout = (): void => finish(new Error(`silent for ${SILENCE_MS / 1000} s`));
    socket.on("data", onData).once("error", finish).once("close", onClose);
    socket.setTimeout(SILENCE_MS, onTimeout);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(count));
  });
}

/** The complete answers at the beginning of `bytes`, and how many bytes come after them. */
export function splitAnswers(bytes: Buffer): { readonly answers: Answer[]; readonly rest: number } {
  const answers: Answer[] = [];
  let at = 0;
  for (;;) {
    const headEnd = bytes.indexOf("\r\n\r\n", at);
    if (headEnd < 0) break;
    const head = bytes.toString("latin1", at, headEnd);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
    const length = /^content-length: *(\d+) *$/im.exec(head)?.[1];
    if (status === undefined || length === undefined)
      throw new Error(`no answer with a length: ${JSON.stringify(head.slice(0, 60))}`);
    const bodyEnd = headEnd + 4 + Number(length);
    if (bodyEnd > bytes.length) break;
    answers.push({ status: Number(status), body: bytes.subarray(headEnd + 4, bodyEnd) });
    at = bodyEnd;
  }
  return { answers, rest: bytes.length - at };
}
