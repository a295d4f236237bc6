// Takes a content coding off again.

import * as zlib from "node:zlib";

/** In Node since 22.15; the types are those of Node 20. */
const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync: (bytes: Buffer) => Buffer };

export function decode(bytes: Buffer, coding: string | undefined): Buffer {
  switch (coding) {
    case undefined:
      return bytes;
    case "br":
      return zlib.brotliDecompressSync(bytes);
    case "gzip":
      return zlib.gunzipSync(bytes);
    case "zstd":
      return zstdDecompressSync(bytes);
    default:
      throw new Error(`unknown coding ${coding}`);
  }
}
