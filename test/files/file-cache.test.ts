import assert from "node:assert/strict";
import type { Stats } from "node:fs";
import { describe, it } from "node:test";
import { FileCache } from "../../src/files/file-cache.ts";

const NOW = 1_700_000_000_000;
const ROOT = "/";
const MIB = 2 ** 20;

/** What a system says of a file that was last changed an hour ago. */
function statsOf(changes: Partial<Stats> = {}): Stats {
  return { dev: 1, ino: 2, size: 5, mtimeMs: NOW - 3_600_000, ctimeMs: NOW - 3_600_000, ...changes } as Stats;
}

describe("FileCache", () => {
  it("gives back what was added while the file is the same", () => {
    const cache = new FileCache();
    const added = cache.add("/f", statsOf(), Buffer.from("h\u00e4llo", "latin1"), ROOT, 64 * MIB, NOW);
    assert.equal(added.bytes, "h\u00e4llo");
    assert.equal(cache.get("/f", statsOf(), ROOT), added);
    assert.equal(cache.get("/g", statsOf(), ROOT), undefined);
  });

  for (const change of ["dev", "ino", "size", "mtimeMs", "ctimeMs"] as const) {
    it(`forgets a file whose ${change} is another`, () => {
      const cache = new FileCache();
      cache.add("/f", statsOf(), Buffer.from("hello"), ROOT, 64 * MIB, NOW);
      assert.equal(cache.get("/f", statsOf({ [change]: statsOf()[change] + 1 }), ROOT), undefined);
      assert.equal(cache.get("/f", statsOf(), ROOT), undefined);
    });
  }

  it("sees a change time that is earlier, and one that differs by a microsecond", () => {
    for (const difference of [-1000, 0.001]) {
      const cache = new FileCache();
      cache.add("/f", statsOf(), Buffer.from("hello"), ROOT, 64 * MIB, NOW);
      assert.equal(cache.get("/f", statsOf({ ctimeMs: statsOf().ctimeMs + difference }), ROOT), undefined);
    }
  });

  it("gives a file to no one with another root: it may lie outside of that", () => {
    const cache = new FileCache();
    const added = cache.add("/f", statsOf(), Buffer.from("hello"), undefined, 64 * MIB, NOW);
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
      const { bytes: kept } = cache.add(
        "/f",
        statsOf({ size: content.length }),
        content,
        ROOT,
        64 * MIB,
        NOW,
      );
      assert.deepEqual(typeof kept === "string" ? Buffer.from(kept, "latin1") : kept, content);
    }
  });

  it("holds no more than its capacity", () => {
    const cache = new FileCache();
    const content = Buffer.alloc(128 * 1024);
    const stats = statsOf({ size: content.length });
    for (let i = 0; i < 1000; i++) {
      cache.add(`/${i}`, stats, content, ROOT, 64 * MIB, NOW);
      assert.ok(cache.size <= 64 * MIB);
    }
    const kept = Array.from({ length: 1000 }, (_, i) => cache.get(`/${i}`, stats, ROOT) !== undefined);
    const number = kept.filter(Boolean).length;
    assert.ok(number > 400 && number <= 512, `${number} files of 128 KiB`);
  });

  it("lets those stay that answer the most requests for their size, while thousands pass that are asked for once", () => {
    const cache = new FileCache();
    const small = statsOf({ size: 1000 });
    const large = statsOf({ size: 100_000 });
    const ask = (path: string, stats: Stats): boolean => {
      if (cache.get(path, stats, ROOT) !== undefined) return true;
      cache.add(path, stats, Buffer.alloc(stats.size), ROOT, MIB, NOW);
      return false;
    };
    let hits = 0;
    let asked = 0;
    for (let i = 0; i < 20_000; i++) {
      ask(`/passing-${i}`, i % 20 === 0 ? large : small);
      // A hundred small ones that everybody wants.
      if (ask(`/wanted-${i % 100}`, small)) hits++;
      asked++;
    }
    assert.ok(hits / asked > 0.98, `${hits} of ${asked}`);
  });

  it("forgets what was wanted long ago", () => {
    const cache = new FileCache();
    const stats = statsOf({ size: 1000 });
    const add = (path: string): void => void cache.add(path, stats, Buffer.alloc(1000), ROOT, MIB, NOW);
    for (let i = 0; i < 100; i++) {
      add(`/old-${i}`);
      for (let hit = 0; hit < 1000; hit++) cache.get(`/old-${i}`, stats, ROOT);
    }
    for (let i = 0; i < 20_000; i++) add(`/new-${i}`);
    const left = Array.from({ length: 100 }, (_, i) => cache.get(`/old-${i}`, stats, ROOT)).filter(Boolean);
    assert.equal(left.length, 0);
  });

  it("keeps nothing that alone is larger than its capacity, nor anything with none", () => {
    const cache = new FileCache();
    for (const capacity of [0, 400, 1000]) {
      assert.equal(cache.add("/f", statsOf(), Buffer.alloc(1000), ROOT, capacity, NOW).bytes.length, 1000);
      assert.equal(cache.size, 0);
    }
  });

  it("counts a file once however often it is added", () => {
    const cache = new FileCache();
    const content = Buffer.alloc(128 * 1024);
    const stats = statsOf({ size: content.length });
    cache.add("/first", stats, content, ROOT, 64 * MIB, NOW);
    for (let i = 0; i < 2000; i++) cache.add("/again", stats, content, ROOT, 64 * MIB, NOW);
    assert.notEqual(cache.get("/first", stats, ROOT), undefined);
  });

  it("is bounded for empty files, too", () => {
    const cache = new FileCache();
    for (let i = 0; i < 200_000; i++)
      cache.add(`/${i}`, statsOf({ size: 0 }), Buffer.alloc(0), ROOT, 64 * MIB, NOW);
    assert.equal(cache.get("/0", statsOf({ size: 0 }), ROOT), undefined);
  });
});
