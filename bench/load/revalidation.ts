// Owns the question whether a copy is still good, as a browser asks it: with the date that the server gave with the file.

import { get, type IncomingMessage } from "node:http";

import { askForAnswer, type Verdict } from "../same-answer.ts";
import type { Expected } from "../site.ts";

/** Name and value of the field that makes a request conditional. */
export async function revalidationField(origin: string, path: string): Promise<readonly [string, string]> {
  const { headers } = await request(origin + path, {});
  const modified = headers["last-modified"];
  if (modified === undefined) throw new Error("no Last-Modified to ask with");
  return ["If-Modified-Since", modified];
}

/** The file itself has to be right; and then that it has not changed, without a body. */
export async function askForNotModified(origin: string, expected: Expected): Promise<Verdict> {
  const first = await askForAnswer(origin, expected);
  if (first.kind === "different") return first;
  const [name, value] = await revalidationField(origin, expected.path);
  const { statusCode, size } = await request(origin + expected.path, { [name]: value });
  if (statusCode === 304 && size === 0) return first;
  return { kind: "different", reason: `status ${statusCode} with ${size} bytes instead of 304` };
}

interface Answered {
  readonly statusCode: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly size: number;
}

async function request(url: string, headers: Readonly<Record<string, string>>): Promise<Answered> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = get(url, { agent: false, headers, timeout: 10_000 }, resolve);
    asked.once("error", reject);
    asked.once("timeout", () => asked.destroy(new Error("silent for 10 s")));
  });
  let size = 0;
  for await (const bytes of response as AsyncIterable<Buffer>) size += bytes.length;
  return { statusCode: response.statusCode, headers: response.headers, size };
}
