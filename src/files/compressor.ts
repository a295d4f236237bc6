// Compresses bytes on the threads of zlib, a few at a time; Node's zlib is loaded when it is first needed.

import type nodeZlib from "node:zlib";
import type { ContentCoding } from "./accept-encoding.ts";

/** In Node since 22.15; the types are those of Node 20. */
interface Zstd {
  zstdCompress(input: Uint8Array, options: object, callback: Callback): void;
}

type Callback = (error: Error | null, result: Buffer) => void;

/**
 * Measured on HTML, JSON and prose: one level more costs a third to one half of the time, and
 * saves less than a hundredth.
 */
const LEVELS: Readonly<Record<ContentCoding, number>> = { br: 5, zstd: 3, gzip: 6 };

/** Of the four threads that a Node process has by default, half are left for reading files. */
const MOST_AT_ONCE = 2;

/** Beyond that many, the wait for a thread is longer than the whole file takes on the wire. */
const MOST_WAITING = 100;

/** In bytes: a piece costs a trip to a thread and back, so most files should be one. */
const OUTPUT_PIECE = 64 * 1024;

let running = 0;
const waiting: (() => void)[] = [];

/** Whether this Node has an encoder for the coding. */
export function canCompress(coding: ContentCoding): boolean {
  return coding !== "zstd" || process.versions["zstd"] !== undefined;
}

/** Whether so many wait for a thread that another one had better not. */
export function isCompressorBusy(): boolean {
  return waiting.length >= MOST_WAITING;
}

/** Names what makes these bytes out of others: another version or level may make other ones. */
export function encoderName(coding: ContentCoding): string {
  return ENCODER_NAMES[coding];
}

const ENCODER_NAMES: Readonly<Record<ContentCoding, string>> = {
  br: `br${LEVELS.br}-${process.versions["brotli"]}`,
  zstd: `zstd${LEVELS.zstd}-${process.versions["zstd"]}`,
  gzip: `gzip${LEVELS.gzip}-${process.versions.zlib}`,
};

/**
 * @param load brings the bytes when there is a thread for them, so that those who wait hold no memory
 * @throws what `load` throws
 */
export async function compress(coding: ContentCoding, load: () => Promise<Uint8Array>): Promise<Buffer> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await encode(coding, await load());
  } finally {
    // The place is handed on: nobody who comes in between can take it.
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

function encode(coding: ContentCoding, input: Uint8Array): Promise<Buffer> {
  // Two milliseconds of every start, which most starts do not need.
  const zlib: typeof nodeZlib & Partial<Zstd> = process.getBuiltinModule("node:zlib");
  const { constants } = zlib;
  const chunkSize = OUTPUT_PIECE;
  return new Promise((resolve, reject) => {
    const done: Callback = (error, result) => (error === null ? resolve(result) : reject(error));
    switch (coding) {
      case "br": {
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: LEVELS.br,
          [constants.BROTLI_PARAM_SIZE_HINT]: input.length,
        };
        return zlib.brotliCompress(input, { params, chunkSize }, done);
      }
      case "gzip":
        // A larger table while it works: some 5 % faster.
        return zlib.gzip(input, { level: LEVELS.gzip, memLevel: 9, chunkSize }, done);
      case "zstd": {
        const level = (constants as Readonly<Record<string, number>>)["ZSTD_c_compressionLevel"]!;
        return zlib.zstdCompress!(input, { params: { [level]: LEVELS.zstd }, chunkSize }, done);
      }
      default:
        return coding satisfies never;
    }
  });
}
