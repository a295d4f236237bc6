import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { statSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";
import { type CodedFile, compressedContent, keptContent } from "../../src/files/compressed-content.ts";
import { FileCache } from "../../src/files/file-cache.ts";
import type { Content } from "../../src/files/file-content.ts";
import { decode } from "./decode.ts";

const OLD = Date.now() - 3_600_000;

/** On a file system that tells each change at once. */
const PATH = tmpdir();
const { dev: DEVICE } = statSync(PATH);

/** What the system would say of a file that was last changed then. */
function statsAt(changed: number, size: number): Stats {
  return Object.assign(Object.create(statSync(".")) as Stats, {
    mtimeMs: changed,
    ctimeMs: changed,
    size,
    ino: 1,
    dev: DEVICE,
  });
}

/** The bytes of a file that counts how often it is read. */
class TestContent implements Content {
  readonly bytes = undefined;
  readonly size: number;
  reads = 0;
  isClosed = false;
  readonly #text: string;

  constructor(text: string, size = text.length) {
    this.#text = text;
    this.size = size;
  }
  stream(): Readable {
    return Readable.from([this.#text]);
  }
  read(buffer: Uint8Array, position: number): Promise<number> {
    assert.ok(!this.isClosed, "read after close");
    this.reads++;
    // Small pieces: a file may give less than was asked for.
    const part = Buffer.from(this.#text.slice(position, position + Math.min(buffer.length, 1000)), "latin1");
    buffer.set(part);
    return Promise.resolve(part.length);
  }
  close(): void {
    this.isClosed = true;
  }
}

const TEXT = "some text, over and over. ".repeat(500);

function file(changes: Partial<CodedFile> = {}): CodedFile {
  const stats = statsAt(OLD, TEXT.length);
  return {
    path: PATH,
    stats,
    coding: "gzip",
    root: "/",
    cache: new FileCache(),
    cacheMemory: 1e8,
    ...changes,
  };
}

function textOf(content: Content): string {
  const { bytes } = content;
  assert.ok(bytes !== undefined);
  return decode(Buffer.from(bytes as string, "latin1"), "gzip").toString("latin1");
}

describe("compressedContent", () => {
  it("reads the file to its end, and closes it", async () => {
    const content = new TestContent(TEXT);
    assert.equal(textOf(await compressedContent(file(), content)), TEXT);
    assert.ok(content.isClosed);
  });

  it("keeps the bytes, for this file in this coding below this root alone", async () => {
    const own = file();
    assert.equal(keptContent(own), undefined);
    await compressedContent(own, new TestContent(TEXT));
    assert.equal(textOf(keptContent(own)!), TEXT);
    assert.equal(keptContent({ ...own, coding: "br" }), undefined);
    assert.equal(keptContent({ ...own, path: "/b.txt" }), undefined);
    assert.equal(keptContent({ ...own, root: undefined }), undefined);
    assert.equal(own.cache.get(PATH, own.stats, "/"), undefined, "never in the place of the file itself");
  });

  it("forgets the bytes when the file has changed", async () => {
    const own = file();
    await compressedContent(own, new TestContent(TEXT));
    assert.equal(keptContent({ ...own, stats: statsAt(OLD + 1, TEXT.length) }), undefined);
    assert.equal(keptContent(own), undefined);
  });

  it("compresses once for all who ask at the same time", async () => {
    const own = file();
    const contents = Array.from({ length: 50 }, () => new TestContent(TEXT));
    const all = await Promise.all(contents.map((content) => compressedContent(own, content)));
    for (const each of all) assert.equal(textOf(each), TEXT);
    assert.equal(contents.filter(({ reads }) => reads > 0).length, 1);
    assert.ok(contents.every(({ isClosed }) => isClosed));
  });

  it("compresses each version of a file that changes meanwhile", async () => {
    const own = file();
    const [first, second] = await Promise.all([
      compressedContent(own, new TestContent(TEXT)),
      compressedContent({ ...own, stats: statsAt(OLD + 1, 5000) }, new TestContent("x".repeat(5000))),
    ]);
    assert.equal(textOf(first), TEXT);
    assert.equal(textOf(second), "x".repeat(5000));
  });

  it("does not share with those who have another root", async () => {
    const own = file();
    const contents = [new TestContent(TEXT), new TestContent(TEXT)] as const;
    await Promise.all([
      compressedContent(own, contents[0]),
      compressedContent({ ...own, root: undefined }, contents[1]),
    ]);
    assert.ok(contents.every(({ reads }) => reads > 0));
  });

  it("neither keeps nor shares a file so young that its next version may look the same", async () => {
    const own = file({ stats: statsAt(Date.now(), TEXT.length) });
    const contents = [new TestContent(TEXT), new TestContent("y".repeat(TEXT.length))] as const;
    const [first, second] = await Promise.all(contents.map((content) => compressedContent(own, content)));
    assert.equal(textOf(first!), TEXT);
    assert.equal(textOf(second!), "y".repeat(TEXT.length));
    assert.equal(keptContent(own), undefined);
  });

  it(
    "neither keeps nor shares a file of a file system that may tell the times of an older version, such as NFS",
    { skip: process.platform !== "linux" && "only Linux numbers its file systems" },
    async () => {
      // One that is not known here stands for those.
      const { dev } = statSync("/proc/self");
      const own = file({ path: "/proc/self", stats: Object.assign(statsAt(OLD, TEXT.length), { dev }) });
      const contents = [new TestContent(TEXT), new TestContent("y".repeat(TEXT.length))] as const;
      const [first, second] = await Promise.all(contents.map((content) => compressedContent(own, content)));
      assert.equal(textOf(first!), TEXT);
      assert.equal(textOf(second!), "y".repeat(TEXT.length));
      assert.equal(keptContent(own), undefined);
    },
  );

  it("fails for all who wait when the file has become shorter, closes it, and can be asked again", async () => {
    const own = file();
    const contents = Array.from({ length: 3 }, () => new TestContent(TEXT, TEXT.length + 1));
    const results = await Promise.allSettled(contents.map((content) => compressedContent(own, content)));
    for (const result of results) {
      assert.equal(result.status, "rejected");
      assert.equal((result.reason as { status?: number }).status, 500);
    }
    assert.ok(contents.every(({ isClosed }) => isClosed));
    assert.equal(textOf(await compressedContent(own, new TestContent(TEXT))), TEXT);
  });
});
