// Owns text that is sent with gzip: the file, and the loads that ask for it while it changes and while it does not.

import { createHash } from "node:crypto";
import { utimesSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

import type { Load } from "./load/load.ts";
import { wrk } from "./load/wrk.ts";
import type { Verdict } from "./same-answer.ts";
import type { Content, Expected } from "./site.ts";

/** htbin's own; nginx is told to take the same. */
export const GZIP_LEVEL = 6;

const SIZE = 100 * 1024;

/** In milliseconds; htbin takes nothing from memory that has changed within 2.5 s. */
const CHANGE_EVERY = 500;
const SETTLED = 3_000;

/** The file, and the loads that ask for it; the file is made anew for each row. */
export function compressedText(): { content: Content; unchanged: Load; changing: Load } {
  let file = "";
  const content: Content = {
    path: "/prose.txt",
    async create(site) {
      file = join(site, "prose.txt");
      const text = Buffer.from(prose(SIZE));
      writeFileSync(file, text);
      await delay(SETTLED);
      const sha256 = createHash("sha256").update(text).digest("hex");
      return { path: "/prose.txt", status: 200, sha256, size: text.length };
    },
  };
  return { content, unchanged: withGzip(), changing: whileChanging(withGzip(), () => file) };
}

function withGzip(): Load {
  const load = wrk({ fields: { "Accept-Encoding": "gzip" } });
  return { ...load, said: `${load.said}, Accept-Encoding: gzip`, ask: askForGzip };
}

function whileChanging(load: Load, file: () => string): Load {
  return {
    ...load,
    said: `${load.said}; the file's time changes every ${CHANGE_EVERY} ms`,
    async run(origin, expected, seconds, core) {
      const change = (): void => utimesSync(file(), new Date(), new Date());
      change();
      const timer = setInterval(change, CHANGE_EVERY);
      try {
        return await load.run(origin, expected, seconds, core);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/** Asks as the load does: the answer has to be coded, and to be the file when it is decoded. */
async function askForGzip(origin: string, expected: Expected): Promise<Verdict> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { "Accept-Encoding": "gzip", Connection: "keep-alive" };
    get(origin + expected.path, { agent: false, headers }, resolve).once("error", reject);
  });
  const body = await buffer(response);
  const { statusCode, headers } = response;
  const different = (reason: string): Verdict => ({ kind: "different", reason });
  if (statusCode !== expected.status) return different(`status ${statusCode}`);
  if (headers["content-encoding"] !== "gzip") return different("not coded with gzip");
  const sha256 = createHash("sha256").update(gunzipSync(body)).digest("hex");
  if (sha256 !== expected.sha256) return different("other bytes");
  return { kind: "same", keepsConnection: headers.connection !== "close" };
}

/** The same words in every run; as in prose, few of them are frequent. It shrinks to two fifths. */
function prose(size: number): string {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const word = (): string =>
    Array.from({ length: 2 + Math.floor(random() * 8) }, () =>
      String.fromCharCode(97 + Math.floor(random() ** 2 * 26)),
    ).join("");
  const vocabulary = Array.from({ length: 4000 }, word);
  let text = "";
  while (text.length < size) {
    text += vocabulary[Math.floor(random() ** 3 * vocabulary.length)];
    text += random() < 0.1 ? ".\n" : " ";
  }
  return text.slice(0, size);
}
