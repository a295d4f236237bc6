// Owns the question that comes before any timing: does this server give the right answers, status and every byte?

import { createHash } from "node:crypto";
import { get, type IncomingMessage } from "node:http";

import { exchange, openConnection, type Answer } from "./load/raw-connection.ts";
import type { Expected } from "./site.ts";

export type Verdict =
  | { readonly kind: "same"; readonly keepsConnection: boolean }
  | { readonly kind: "different"; readonly reason: string };

/** Asks once, as the load generators ask: no coding, no condition, no range. */
export async function askForAnswer(origin: string, expected: Expected): Promise<Verdict> {
  try {
    const response = await request(origin + expected.path);
    const hash = createHash("sha256");
    let size = 0;
    for await (const bytes of response as AsyncIterable<Buffer>) {
      size += bytes.length;
      hash.update(bytes);
    }
    return judge(response, size, hash.digest("hex"), expected);
  } catch (error) {
    return noAnswer(error);
  }
}

/** Asks `count` times in one piece: as many answers have to come, all of them right, and the connection has to go on. */
export async function askForAnswers(origin: string, expected: Expected, count: number): Promise<Verdict> {
  try {
    const socket = await openConnection(origin);
    try {
      const answers = await exchange(socket, expected.path, count);
      // One answer too many would come before this one.
      answers.push(...(await exchange(socket, expected.path, 1)));
      const wrong = answers.filter((answer) => !isRight(answer, expected)).length;
      if (wrong > 0) return { kind: "different", reason: `${wrong} of ${answers.length} answers differ` };
      return { kind: "same", keepsConnection: true };
    } finally {
      socket.destroy();
    }
  } catch (error) {
    return noAnswer(error);
  }
}

function isRight({ status, body }: Answer, expected: Expected): boolean {
  return status === expected.status && createHash("sha256").update(body).digest("hex") === expected.sha256;
}

function noAnswer(error: unknown): Verdict {
  return {
    kind: "different",
    reason: `no answer: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function request(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, headers: { Connection: "keep-alive" }, timeout: 10_000 }, resolve);
    asked.once("error", reject);
    asked.once("timeout", () => asked.destroy(new Error("silent for 10 s")));
  });
}

function judge(response: IncomingMessage, size: number, sha256: string, expected: Expected): Verdict {
  const { statusCode, headers, httpVersion } = response;
  if (statusCode !== expected.status) {
    return { kind: "different", reason: `status ${statusCode} instead of ${expected.status}` };
  }
  if (size !== expected.size)
    return { kind: "different", reason: `${size} bytes instead of ${expected.size}` };
  if (sha256 !== expected.sha256)
    return { kind: "different", reason: `other bytes: sha-256 ${sha256.slice(0, 12)}…` };
  const connection = headers.connection?.toLowerCase();
  const keepsConnection = httpVersion === "1.0" ? connection === "keep-alive" : connection !== "close";
  return { kind: "same", keepsConnection };
}
