// What a listing keeps of each entry while it is sent: the slowest client decides how long that is.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Content } from "../../src/files/file-content.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { startSite } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that are in use, on the heap and outside of it. */
function used(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const ENTRIES = 20_000;
const NAME = "a name as long as most others are ";

/** Where the first of the entries is sent, all of them are held. */
const BEGINNINGS = {
  "text/html": `href="${NAME.slice(0, 1)}`,
  "application/json": '"name"',
  "text/plain": NAME,
};

let perEntry: number | undefined;

class Measuring extends SimpleHTTPRequestHandler {
  override async copyFile(source: Content): Promise<void> {
    const beginning = BEGINNINGS[this.headers.get("accept") as keyof typeof BEGINNINGS];
    const buffer = Buffer.alloc(65_536);
    let position = 0;
    perEntry = undefined;
    const before = used();
    for (;;) {
      const count = await source.read(buffer, position);
      if (count === 0) return;
      position += count;
      const piece = buffer.toString("latin1", 0, count);
      if (piece.includes(beginning)) perEntry ??= (used() - before) / ENTRIES;
      this.wfile.write(piece, "latin1");
    }
  }
}

describe("a listing that is being sent", () => {
  for (const type of Object.keys(BEGINNINGS)) {
    it(
      `keeps a hundred bytes of an entry at most, its name included, as ${type}`,
      { timeout: 120_000 },
      async () => {
        using directory = emptyDirectory();
        for (let i = 0; i < ENTRIES; i++) put(directory.path, `${NAME}${i}`, "");
        await using site = await startSite({ directory: directory.path }, Measuring);
        // What the first one loads stays.
        for (let i = 0; i < 2; i++) await site.ask("/", { fields: { Accept: type } });
        assert.ok(perEntry !== undefined);
        // 39 for the name, 17 for the rest, 4 for its place in the order, and as much again for what is on its way. An object is 200.
        assert.ok(perEntry < 100, `${perEntry} bytes of each`);
      },
    );
  }
});
