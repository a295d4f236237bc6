// Owns the question that comes before any timing: does this server give the right answer, status and every byte?

import { createHash } from "node:crypto";
import { get, type IncomingMessage } from "node:http";

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
    return {
      kind: "different",
      reason: `no answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
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
