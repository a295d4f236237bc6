import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FileCache } from "../../src/files/file-cache.ts";
import { openPrecompressedCopy } from "../../src/files/precompressed-copy.ts";
import type { ResourceOptions } from "../../src/files/resolve-resource.ts";
import { openFilesBelow } from "./running-site.ts";
import { emptyDirectory, put, SKIP_AS_ROOT } from "./tree.ts";

const ORIGINAL = "the original ".repeat(200);
/** Some whole second, long ago. */
const THEN = 1_600_000_000;

/** A file with times of its own. */
function putAt(directory: string, name: string, content: string, time: number): string {
  const file = put(directory, name, content);
  utimesSync(file, time, time);
  return file;
}

function optionsFor(root: string | undefined): ResourceOptions {
  return { indexPages: [], root, cache: new FileCache(), cacheMemory: 1e8, wantsBytes: true, batch: 0 };
}

/** What is found beside `a.txt`, as text. */
async function copyBeside(
  directory: string,
  options = optionsFor(directory),
  coding: "br" | "zstd" | "gzip" = "gzip",
): Promise<string | undefined> {
  const path = join(directory, "a.txt");
  const copy = openPrecompressedCopy(path, statSync(path), coding, options);
  if (copy === undefined) return undefined;
  const bytes = await copy.content.stream().toArray();
  copy.content.close();
  return Buffer.concat(bytes as Buffer[]).toString();
}

function directoryWith(change: (directory: string) => void): Disposable & { readonly path: string } {
  const directory = emptyDirectory();
  putAt(directory.path, "a.txt", ORIGINAL, THEN);
  change(directory.path);
  return directory;
}

describe("openPrecompressedCopy", () => {
  for (const [coding, suffix] of [
    ["br", ".br"],
    ["zstd", ".zst"],
    ["gzip", ".gz"],
  ] as const) {
    it(`finds ${suffix} for ${coding}, and no other`, async () => {
      using here = directoryWith((path) => putAt(path, `a.txt${suffix}`, "packed", THEN + 1));
      assert.equal(await copyBeside(here.path, undefined, coding), "packed");
      for (const other of ["br", "zstd", "gzip"] as const) {
        if (other !== coding) assert.equal(await copyBeside(here.path, undefined, other), undefined);
      }
    });
  }

  const never: readonly (readonly [string, (path: string) => void])[] = [
    ["that is not there", () => {}],
    ["that is older by a second", (path) => putAt(path, "a.txt.gz", "packed", THEN - 1)],
    ["that is older by a millisecond", (path) => putAt(path, "a.txt.gz", "packed", THEN - 0.001)],
    ["as large as the file", (path) => putAt(path, "a.txt.gz", ORIGINAL, THEN + 1)],
    ["larger than the file", (path) => putAt(path, "a.txt.gz", `${ORIGINAL}!`, THEN + 1)],
    ["that is a directory", (path) => mkdirSync(join(path, "a.txt.gz"))],
    ["that is a FIFO", (path) => spawnSync("mkfifo", [join(path, "a.txt.gz")])],
    ["that is a dangling link", (path) => symlinkSync("nowhere", join(path, "a.txt.gz"))],
    ["that is a link to itself", (path) => symlinkSync("a.txt.gz", join(path, "a.txt.gz"))],
    ["that is a link to a device", (path) => symlinkSync("/dev/zero", join(path, "a.txt.gz"))],
    [
      "that is a link to another file inside",
      (path) => {
        put(path, "other.gz", "packed");
        symlinkSync("other.gz", join(path, "a.txt.gz"));
      },
    ],
  ];
  for (const [what, change] of never) {
    it(`takes none ${what}`, async () => {
      using here = directoryWith(change);
      assert.equal(await copyBeside(here.path), undefined);
      assert.ok(openFilesBelow(here.path) <= 0);
    });
  }

  it("takes none that is a link out of the folder, not even where links may lead anywhere", async () => {
    using outside = emptyDirectory();
    const secret = put(outside.path, "secret.gz", "secret");
    using here = directoryWith((path) => symlinkSync(secret, join(path, "a.txt.gz")));
    assert.equal(await copyBeside(here.path), undefined);
    assert.equal(await copyBeside(here.path, optionsFor(undefined)), undefined);
    assert.ok(openFilesBelow(outside.path) <= 0);
  });

  it("takes none whose directory lies outside the root", async () => {
    using here = directoryWith((path) => {
      putAt(path, "a.txt.gz", "packed", THEN);
      mkdirSync(join(path, "root"));
    });
    assert.equal(await copyBeside(here.path, optionsFor(join(here.path, "root"))), undefined);
    assert.ok(openFilesBelow(here.path) <= 0);
  });

  it("takes none that cannot be read", { skip: SKIP_AS_ROOT }, async () => {
    using here = directoryWith((path) => chmodSync(putAt(path, "a.txt.gz", "packed", THEN), 0));
    assert.equal(await copyBeside(here.path), undefined);
  });

  it("takes none where its name would be too long", () => {
    using here = emptyDirectory();
    const path = put(here.path, "x".repeat(254), ORIGINAL);
    assert.equal(openPrecompressedCopy(path, statSync(path), "gzip", optionsFor(here.path)), undefined);
  });

  it("takes one of the same age, as programs that keep the time make it", async () => {
    using here = directoryWith((path) => putAt(path, "a.txt.gz", "packed", THEN));
    assert.equal(await copyBeside(here.path), "packed");
  });

  it("takes one that is another name of a regular file", async () => {
    using here = directoryWith((path) =>
      linkSync(putAt(path, "b.gz", "packed", THEN), join(path, "a.txt.gz")),
    );
    assert.equal(await copyBeside(here.path), "packed");
  });

  it("sees at once that a copy comes, changes, is replaced, gets too old, and goes", async () => {
    using here = directoryWith(() => {});
    const options = optionsFor(here.path);
    const copy = join(here.path, "a.txt.gz");
    assert.equal(await copyBeside(here.path, options), undefined);
    putAt(here.path, "a.txt.gz", "first", THEN);
    assert.equal(await copyBeside(here.path, options), "first");
    putAt(here.path, "a.txt.gz", "other", THEN);
    assert.equal(await copyBeside(here.path, options), "other");
    renameSync(putAt(here.path, "fresh", "fresh", THEN), copy);
    assert.equal(await copyBeside(here.path, options), "fresh");
    utimesSync(join(here.path, "a.txt"), THEN + 1, THEN + 1);
    assert.equal(await copyBeside(here.path, options), undefined);
    utimesSync(copy, THEN + 1, THEN + 1);
    assert.equal(await copyBeside(here.path, options), "fresh");
    unlinkSync(copy);
    assert.equal(await copyBeside(here.path, options), undefined);
  });

  it("looks once for the requests of a batch, and again for those of the next", async () => {
    using here = directoryWith(() => {});
    const options = optionsFor(here.path);
    const inBatch = (batch: number): Promise<string | undefined> =>
      copyBeside(here.path, { ...options, batch });
    assert.equal(await inBatch(1_000_001), undefined);
    putAt(here.path, "a.txt.gz", "packed", THEN);
    assert.equal(await inBatch(1_000_001), undefined);
    assert.equal(await inBatch(1_000_002), "packed");
  });

  it("takes none whose place a link has taken between the look and the opening", async () => {
    using here = directoryWith((directory) => putAt(directory, "a.txt.gz", "packed", THEN));
    const inBatch = (): Promise<string | undefined> =>
      copyBeside(here.path, { ...optionsFor(here.path), cacheMemory: 0, batch: 1_000_003 });
    assert.equal(await inBatch(), "packed");
    // The batch has looked already, so that this is what happens behind its back.
    putAt(here.path, ".secret", "hidden", THEN);
    unlinkSync(join(here.path, "a.txt.gz"));
    symlinkSync(".secret", join(here.path, "a.txt.gz"));
    assert.equal(await inBatch(), undefined);
    assert.equal(openFilesBelow(here.path), 0);
  });
});
