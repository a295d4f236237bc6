import assert from "node:assert/strict";
import type { Stats } from "node:fs";
import { describe, it } from "node:test";
import { FileCache } from "../../src/files/file-cache.ts";

const NOW = 1_700_000_000_000;
const ROOT = "/";

/** What a system says of a file that was last changed an hour ago. */
function statsOf(changes: Partial<Stats> = {}): Stats {
  return { dev: 1, ino: 2, size: 5, mtimeMs: NOW - 3_600_000, ctimeMs: NOW - 3_600_000, ...changes } as Stats;
}

describe("FileCache", () => {
  it("gives back what was added while the file is the same", () => {
    const cache = new FileCache();
    const added = cache.add("/f", statsOf(), Buffer.from("h\u00e4llo", "latin1"), ROOT, NOW);
    assert.equal(added.bytes, "h\u00e4llo");
    assert.equal(cache.get("/f", statsOf(), ROOT), added);
    assert.equal(cache.get("/g", statsOf(), ROOT), undefined);
  });

  for (const change of ["dev", "ino", "size", "mtimeMs", "ctimeMs"] as const) {
    it(`forgets a file whose ${change} is another`, () => {
      const cache = new FileCache();
      cache.add("/f", statsOf(), Buffer.from("hello"), ROOT, NOW);
      assert.equal(cache.get("/f", statsOf({ [change]: statsOf()[change] + 1 }), ROOT), undefined);
      assert.equal(cache.get("/f", statsOf(), ROOT), undefined);
    });
  }

  it("sees a change time that is earlier, and one that differs by a microsecond", () => {
    for (const difference of [-1000, 0.001]) {
      const cache = new FileCache();
      cache.add("/f", statsOf(), Buffer.from("hello"), ROOT, NOW);
      assert.equal(cache.get("/f", statsOf({ ctimeMs: statsOf().ctimeMs + difference }), ROOT), undefined);
    }
  });

  it("gives a file to no one with another root: it may lie outside of that", () => {
    const cache = new FileCache();
    const added = cache.add("/f", statsOf(), Buffer.from("hello"), undefined, NOW);
    assert.equal(cache.get("/f", statsOf(), "/"), undefined);
    assert.equal(cache.get("/f", statsOf(), undefined), added);
  });

  it("accepts no file that was changed just now, whatever its modification time says", () => {
    const cache = new FileCache();
    assert.ok(cache.accepts(statsOf(), NOW));
    assert.ok(!cache.accepts(statsOf({ ctimeMs: NOW - 2000 }), NOW));
    assert.ok(!cache.accepts(statsOf({ mtimeMs: NOW - 2000 }), NOW));
    assert.ok(!cache.accepts(statsOf({ ctimeMs: NOW + 1_000_000 }), NOW), "the clock was set back");
  });

  it("accepts no large file", () => {
    const cache = new FileCache();
    assert.ok(cache.accepts(statsOf({ size: 128 * 1024 }), NOW));
    assert.ok(!cache.accepts(statsOf({ size: 128 * 1024 + 1 }), NOW));
  });

  it("keeps every byte of small files and of larger ones", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const cache = new FileCache();
    for (const content of [bytes, Buffer.alloc(100_000, bytes)]) {
      const { bytes: kept } = cache.add("/f", statsOf({ size: content.length }), content, ROOT, NOW);
      assert.deepEqual(typeof kept === "string" ? Buffer.from(kept, "latin1") : kept, content);
    }
  });

  it("holds no more than its capacity: the oldest go first", () => {
    const cache = new FileCache();
    const content = Buffer.alloc(128 * 1024);
    const stats = statsOf({ size: content.length });
    for (let i = 0; i < 1000; i++) cache.add(`/${i}`, stats, content, ROOT, NOW);
    const kept = Array.from({ length: 1000 }, (_, i) => cache.get(`/${i}`, stats, ROOT) !== undefined);
    const first = kept.indexOf(true);
    assert.ok(kept.slice(first).every(Boolean));
    const number = 1000 - first;
    assert.ok(number > 400 && number <= 512, `${number} files of 128 KiB`);
  });

  it("counts a file once however often it is added", () => {
    const cache = new FileCache();
    const content = Buffer.alloc(128 * 1024);
    const stats = statsOf({ size: content.length });
    cache.add("/first", stats, content, ROOT, NOW);
    for (let i = 0; i < 2000; i++) cache.add("/again", stats, content, ROOT, NOW);
    assert.notEqual(cache.get("/first", stats, ROOT), undefined);
  });

  it("is bounded for empty files, too", () => {
    const cache = new FileCache();
    for (let i = 0; i < 200_000; i++) cache.add(`/${i}`, statsOf({ size: 0 }), Buffer.alloc(0), ROOT, NOW);
    assert.equal(cache.get("/0", statsOf({ size: 0 }), ROOT), undefined);
  });
});
