import assert from "node:assert/strict";
import type { Stats } from "node:fs";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { compress } from "../../src/files/compressor.ts";
import { FileCache } from "../../src/files/file-cache.ts";
import { resolveResource, type ResourceOptions } from "../../src/files/resolve-resource.ts";
import {
  compressSelected,
  fileAsItIs,
  type FileResource,
  selectRepresentation,
} from "../../src/files/select-representation.ts";
import { decode } from "./decode.ts";
import { openFilesBelow } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const TEXT = "text that shrinks, ".repeat(1000);

function optionsFor(root: string): ResourceOptions {
  return { indexPages: [], root, cache: new FileCache(), cacheMemory: 1e8, wantsBytes: true, batch: 0 };
}

function open(path: string, options: ResourceOptions): FileResource {
  const resource = resolveResource(path, options);
  assert.equal(resource.kind, "file");
  return resource;
}

/** As if the file had been there for an hour. */
function aged(file: FileResource): FileResource {
  const then = Date.now() - 3_600_000;
  const stats = Object.create(file.stats) as Stats;
  stats.mtimeMs = then;
  stats.ctimeMs = then;
  return { ...file, stats };
}

describe("selectRepresentation", () => {
  it("gives each form an entity tag of its own, and says how each was made", () => {
    using here = emptyDirectory();
    const path = put(here.path, "a.txt", TEXT);
    const options = optionsFor(here.path);
    const suffixFor = (field: string | undefined): string => {
      const selected = selectRepresentation(open(path, options), "text/plain", field, options);
      selected.content.close();
      assert.ok(selected.isNegotiated);
      return selected.tagSuffix;
    };
    assert.equal(suffixFor(undefined), "");
    assert.match(suffixFor("br"), /^-br5-\d/);
    assert.match(suffixFor("gzip"), /^-gzip6-\d/);
    put(here.path, "a.txt.gz", gzipSync(TEXT));
    assert.equal(suffixFor("gzip"), "-gzip");
    assert.match(suffixFor("br, gzip;q=0.5"), /^-br5-/);
    assert.ok(openFilesBelow(here.path) <= 0);
  });

  it("decides before anything is compressed, so that a 304 waits for nothing; then makes the bytes, once", async () => {
    using here = emptyDirectory();
    const path = put(here.path, "a.txt", TEXT);
    const options = optionsFor(here.path);
    const select = () => selectRepresentation(aged(open(path, options)), "text/plain", "gzip", options);
    const first = select();
    assert.equal(first.mustCompress, true);
    const made = await compressSelected(path, first, options);
    const second = selectRepresentation(
      { ...aged(open(path, options)), stats: first.stats },
      "text/plain",
      "gzip",
      options,
    );
    assert.equal(second.mustCompress, false);
    assert.equal(second.coding, "gzip");
    assert.deepEqual(second.content.bytes, made.bytes);
    assert.equal(second.tagSuffix, first.tagSuffix);
    const coded = Buffer.from(made.bytes as string, "latin1");
    assert.equal(decode(coded, "gzip").toString(), TEXT);
    assert.ok(openFilesBelow(here.path) <= 0);
  });

  it("sends the file as it is while a hundred wait to be compressed", async () => {
    using here = emptyDirectory();
    const path = put(here.path, "a.txt", TEXT);
    const options = optionsFor(here.path);
    const crowd = Array.from({ length: 102 }, () =>
      compress("gzip", () => Promise.resolve(Buffer.from(TEXT))),
    );
    const selected = selectRepresentation(open(path, options), "text/plain", "gzip", options);
    selected.content.close();
    assert.equal(selected.coding, undefined);
    assert.equal(selected.tagSuffix, "");
    assert.ok(selected.isNegotiated);
    await Promise.all(crowd);
  });

  it("negotiates nothing for types that do not shrink, whatever lies beside the file", () => {
    using here = emptyDirectory();
    const path = put(here.path, "a.png", TEXT);
    put(here.path, "a.png.gz", "copy");
    const options = optionsFor(here.path);
    const selected = selectRepresentation(open(path, options), "image/png", "gzip", options);
    selected.content.close();
    assert.deepEqual([selected.coding, selected.isNegotiated, selected.tagSuffix], [undefined, false, ""]);
  });
});

describe("fileAsItIs", () => {
  it("has the coding that is part of its type, and no other form", () => {
    using here = emptyDirectory();
    const options = optionsFor(here.path);
    const file = open(put(here.path, "a.svgz", gzipSync(TEXT)), options);
    const selected = fileAsItIs(file, "gzip");
    selected.content.close();
    assert.deepEqual([selected.coding, selected.isNegotiated, selected.mustCompress], ["gzip", false, false]);
  });
});
