import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { canCompress, compress, encoderName, isCompressorBusy } from "../../src/files/compressor.ts";
import { CONTENT_CODINGS } from "../../src/files/accept-encoding.ts";
import { decode } from "./decode.ts";

const TEXT = Buffer.from("The quick brown fox jumps over the lazy dog. ".repeat(2000));

describe("compress", () => {
  for (const coding of CONTENT_CODINGS) {
    const skip = canCompress(coding) ? false : `Node ${process.version} has no ${coding}`;

    it(`makes ${coding} that decodes to the same bytes`, { skip }, async () => {
      for (const bytes of [TEXT, Buffer.alloc(0), randomBytes(300_000)]) {
        const coded = await compress(coding, () => Promise.resolve(bytes));
        assert.deepEqual(decode(coded, coding), bytes);
      }
    });

    it(`makes text smaller with ${coding}`, { skip }, async () => {
      const coded = await compress(coding, () => Promise.resolve(TEXT));
      assert.ok(coded.length < TEXT.length / 20, String(coded.length));
    });

    it(`names the encoder of ${coding} so that it can stand in an entity tag`, { skip }, () => {
      assert.match(encoderName(coding), new RegExp(`^${coding}\\d+-[\\w.-]+$`));
    });
  }

  it("knows br and gzip on every Node", () => {
    assert.ok(canCompress("br"));
    assert.ok(canCompress("gzip"));
  });

  it("loads the bytes of two files at once, and those of others when it is their turn", async () => {
    let loading = 0;
    let most = 0;
    const load = async (): Promise<Buffer> => {
      most = Math.max(most, ++loading);
      await new Promise(setImmediate);
      loading--;
      return TEXT;
    };
    const all = await Promise.all(Array.from({ length: 20 }, () => compress("gzip", load)));
    assert.equal(all.length, 20);
    assert.equal(most, 2);
  });

  it("goes on after one that cannot be loaded", async () => {
    const broken = (): Promise<Buffer> => Promise.reject(new Error("no such bytes"));
    const results = await Promise.allSettled([
      ...Array.from({ length: 5 }, () => compress("gzip", broken)),
      compress("gzip", () => Promise.resolve(TEXT)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected", "rejected", "rejected", "rejected", "fulfilled"],
    );
  });

  it("is busy when a hundred wait, and no longer when they have had their turn", async () => {
    assert.equal(isCompressorBusy(), false);
    const all = Array.from({ length: 102 }, () => compress("gzip", () => Promise.resolve(TEXT)));
    assert.equal(isCompressorBusy(), true);
    await Promise.all(all);
    assert.equal(isCompressorBusy(), false);
  });
});
