import assert from "node:assert/strict";
import { mkdirSync, renameSync, symlinkSync, utimesSync } from "node:fs";
import { join, sep } from "node:path";
import { after, before, describe, it, mock } from "node:test";
import { FileCache } from "../../src/files/file-cache.ts";
import {
  type Resource,
  type ResourceOptions,
  resolveResource,
  statusForSystemError,
} from "../../src/files/resolve-resource.ts";
import { openFilesBelow } from "./running-site.ts";
import { buildTree, emptyDirectory, put, SKIP_AS_ROOT, type Tree } from "./tree.ts";

const INDEX = ["index.html", "index.htm"];

/** The kind of a resource, with the status of an error; a file is read and closed. */
async function summary(resource: Resource): Promise<string> {
  if (resource.kind === "error") return String(resource.status);
  if (resource.kind !== "file") return resource.kind;
  const bytes = Buffer.alloc(resource.content.size);
  await resource.content.read(bytes, 0);
  resource.content.close();
  return `file ${bytes.toString()}`;
}

function withCache(root: string | undefined): ResourceOptions {
  return {
    indexPages: INDEX,
    root,
    cache: new FileCache(),
    cacheMemory: 2 ** 20,
    wantsBytes: true,
    batch: 0,
  };
}

describe("resolveResource", () => {
  let tree: Tree;
  before(async () => {
    tree = await buildTree();
  });
  after(() => tree[Symbol.asyncDispose]());

  function resolve(path: string, root: string | undefined = tree.root): Promise<string> {
    const options = withCache(root);
    return summary(resolveResource(join(tree.root, sep) + path, options));
  }

  const cases: readonly (readonly [string, string])[] = [
    ["a.txt", "file a.txt"],
    ["empty.txt", "file "],
    ["a.txt/", "404"],
    ["nothing", "404"],
    ["nothing/", "404"],
    ["a.txt/below", "404"],
    ["sub", "needsSlash"],
    ["sub/", "directory"],
    ["", "directory"],
    ["indexed/", "file indexed/index.html"],
    ["indexed-htm/", "file indexed-htm/index.htm"],
    ["spam/", "directory"],
    ["both/", "file both/index.htm"],
    ["index-fifo/", "directory"],
    ["index-broken/", "directory"],
    ["index-out/", "404"],
    ["link-in", "file a.txt"],
    ["link-in-dir", "needsSlash"],
    ["link-in-dir/", "directory"],
    ["link-broken", "404"],
    ["link-loop", "404"],
    ["link-out", "404"],
    ["link-out-dir/", "404"],
    ["link-parent/", "404"],
    ["fifo", "404"],
    ["socket", "404"],
    ["link-device", "404"],
    ["x".repeat(256), "404"],
    ["y/".repeat(5000), "404"],
    ["a\0b", "404"],
  ];
  for (const [path, expected] of cases) {
    const shown = path.length > 40 ? `a path ${path.length} long` : JSON.stringify(path);
    it(`says ${expected} of ${shown}`, { timeout: 5000 }, async () =>
      assert.equal(await resolve(path), expected),
    );
  }

  it("does not even tell of directories outside that they are there", async () => {
    for (const path of [
      "link-out-dir",
      "link-out-dir/below",
      "link-sibling",
      "link-parent",
      "link-parent/outside",
    ]) {
      assert.equal(await resolve(path), "404", path);
    }
  });

  it("follows links anywhere without a root", async () => {
    const options = {
      indexPages: [],
      root: undefined,
      cache: new FileCache(),
      cacheMemory: 2 ** 20,
      wantsBytes: true,
      batch: 0,
    };
    assert.match(await summary(resolveResource(join(tree.root, "link-out"), options)), /never be served/);
    assert.equal(await summary(resolveResource(join(tree.root, `link-out-dir${sep}`), options)), "directory");
    assert.equal(await summary(resolveResource(join(tree.root, "link-device"), options)), "404");
  });

  it("answers 404 where permission is missing", { skip: SKIP_AS_ROOT }, async () => {
    for (const path of ["unreadable.txt", "unreadable/x"]) assert.equal(await resolve(path), "404", path);
  });

  it("reads a backslash as part of a name", { skip: sep === "/" ? false : "it separates here" }, async () => {
    using directory = emptyDirectory();
    const options = withCache(directory.path);
    mkdirSync(join(directory.path, "d\\"));
    put(directory.path, "d\\index.html", "not in the directory");
    assert.equal(await summary(resolveResource(join(directory.path, "d\\"), options)), "needsSlash");
    assert.equal(await summary(resolveResource(join(directory.path, "d\\/"), options)), "directory");
    assert.equal(
      await summary(resolveResource(join(directory.path, "d\\index.html"), options)),
      "file not in the directory",
    );
  });

  it("leaves nothing open", () => assert.ok(openFilesBelow(tree.base) <= 0));
});

describe("the cache of resolveResource", () => {
  /** Lets files be old enough to be kept, without waiting for it. */
  function tenSecondsLater(): Disposable {
    const now = Date.now;
    const clock = mock.method(Date, "now", () => now() + 10_000);
    return { [Symbol.dispose]: () => clock.mock.restore() };
  }

  it("opens a file that has settled once, and serves it from memory then", () => {
    using directory = emptyDirectory();
    const path = put(directory.path, "f", "hello");
    utimesSync(path, 1, 1);
    const options = withCache(directory.path);
    using _later = tenSecondsLater();
    for (let i = 0; i < 2; i++) {
      const resource = resolveResource(path, options);
      assert.ok(resource.kind === "file");
      assert.equal(resource.content.bytes, "hello");
    }
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("gives no date that lies ahead when the clock has been set back (RFC 9110 §8.8.2.1)", (t) => {
    using directory = emptyDirectory();
    const path = put(directory.path, "f", "hello");
    const options = withCache(directory.path);
    const written = Date.now();
    let now = written + 10_000;
    t.mock.method(Date, "now", () => now);
    const dates: (number | undefined)[] = [];
    for (const hours of [0, 1]) {
      now -= hours * 3_600_000;
      const resource = resolveResource(path, options);
      assert.ok(resource.kind === "file");
      // From memory both times.
      assert.equal(resource.content.bytes, "hello");
      dates.push(resource.validators.lastModified);
    }
    assert.ok(Math.abs(dates[0]! - written) < 2_000, String(dates));
    assert.equal(dates[1], Math.floor(now / 1000) * 1000);
  });

  it("keeps nothing where no memory is given, and reads small files in one go all the same", () => {
    using directory = emptyDirectory();
    const path = put(directory.path, "f", "hello");
    const cache = new FileCache();
    const options = {
      indexPages: INDEX,
      root: directory.path,
      cache,
      cacheMemory: 0,
      wantsBytes: true,
      batch: 0,
    };
    using _later = tenSecondsLater();
    for (let i = 0; i < 2; i++) {
      const resource = resolveResource(path, options);
      assert.ok(resource.kind === "file");
      assert.deepEqual(resource.content.bytes, Buffer.from("hello"));
    }
    assert.equal(cache.size, 0);
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("notices a folder that has left the root, and its link, within seconds", async () => {
    using base = emptyDirectory();
    const root = join(base.path, "www");
    put(root, "sub/f", "hello");
    const options = withCache(root);
    const path = join(root, "sub/f");
    {
      using _later = tenSecondsLater();
      assert.equal(await summary(resolveResource(path, options)), "file hello");
    }
    renameSync(join(root, "sub"), join(base.path, "sub"));
    symlinkSync("../sub", join(root, "sub"));
    const now = Date.now;
    const clock = mock.method(Date, "now", () => now() + 16_000);
    assert.equal(await summary(resolveResource(path, options)), "404");
    clock.mock.restore();
  });

  it("reads nothing for HEAD", () => {
    using directory = emptyDirectory();
    const path = put(directory.path, "f", "hello");
    const options = { ...withCache(directory.path), wantsBytes: false };
    using _later = tenSecondsLater();
    const resource = resolveResource(path, options);
    assert.ok(resource.kind === "file");
    assert.equal(resource.content.bytes, undefined);
    assert.equal(resource.content.size, 5);
    resource.content.close();
  });

  it("gives a handler that stays inside its root nothing that another has read outside", async () => {
    using directory = emptyDirectory();
    const root = join(directory.path, "www");
    put(root, "x", "x");
    put(directory.path, "secret", "secret");
    symlinkSync("../secret", join(root, "link"));
    const cache = new FileCache();
    using _later = tenSecondsLater();
    const options = { indexPages: INDEX, cache, cacheMemory: 2 ** 20, wantsBytes: true, batch: 0 };
    assert.equal(
      await summary(resolveResource(join(root, "link"), { ...options, root: undefined })),
      "file secret",
    );
    assert.equal(await summary(resolveResource(join(root, "link"), { ...options, root })), "404");
  });
});

describe("statusForSystemError", () => {
  const error = (code: string): Error => Object.assign(new Error(code), { code });

  it("answers 404 for all that concerns the one file, as the original does", () => {
    for (const code of ["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ENAMETOOLONG", "ELOOP", "ENXIO", "EISDIR"]) {
      assert.equal(statusForSystemError(error(code)), 404, code);
    }
  });

  it("answers 503 where the server has reached its limits, 500 where the disk fails", () => {
    for (const code of ["EMFILE", "ENFILE", "ENOMEM"])
      assert.equal(statusForSystemError(error(code)), 503, code);
    assert.equal(statusForSystemError(error("EIO")), 500);
  });
});
