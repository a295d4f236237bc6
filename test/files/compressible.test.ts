import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isCompressible, isInSizeBand } from "../../src/files/compressible.ts";

describe("isCompressible", () => {
  const text = [
    "text/plain",
    "text/html; charset=utf-8",
    "TEXT/CSS",
    "text/javascript;charset=x",
    "text/x-unheard-of",

    "application/json",
    "application/manifest+json",
    "application/xml",
    "image/svg+xml",
    "application/atom+xml",
    "application/wasm",
    "font/ttf",
    "image/bmp",
    "application/x-ndjson",
    " application/json ; a=b",
  ];
  for (const type of text) it(`says yes to ${type}`, () => assert.equal(isCompressible(type), true));

  const packed = [
    "image/png",
    "image/jpeg",
    "video/mp4",
    "audio/mpeg",
    "font/woff2",
    "font/woff",
    "application/zip",

    "application/gzip",
    "application/zstd",
    "application/pdf",
    "application/epub+zip",
    "application/octet-stream",

    "",
    "text",
    "application/jsonx",
    "x/text/plain",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  ];
  for (const type of packed) it(`says no to ${type}`, () => assert.equal(isCompressible(type), false));

  it("goes on to answer after more types than it remembers", () => {
    for (let i = 0; i < 3000; i++) assert.equal(isCompressible(`text/made-up-${i}`), true);
    assert.equal(isCompressible("image/webp"), false);
  });
});

describe("isInSizeBand", () => {
  it("leaves out what fits into a packet, and what takes too long", () => {
    for (const size of [0, 1, 1023]) assert.equal(isInSizeBand(size), false, String(size));
    for (const size of [1024, 100_000, 4 * 2 ** 20]) assert.equal(isInSizeBand(size), true, String(size));
    for (const size of [4 * 2 ** 20 + 1, 2 ** 40]) assert.equal(isInSizeBand(size), false, String(size));
  });
});
