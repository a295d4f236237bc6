import assert from "node:assert/strict";
import { closeSync, fstatSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { isBelow, openContained } from "../../src/files/open-contained.ts";
import { isInsideInBatch } from "../../src/files/stat-in-batch.ts";
import { openFilesBelow } from "./running-site.ts";
import { buildTree, SKIP_AS_ROOT, type Tree } from "./tree.ts";

describe("isBelow", () => {
  it("holds for the root itself and for what is in it", () => {
    assert.ok(isBelow("/srv/www", "/srv/www"));
    assert.ok(isBelow("/srv/www/a/b", "/srv/www"));
    assert.ok(isBelow("/srv", "/"));
    assert.ok(isBelow("/srv/www/a", "/srv/www/"));
  });

  it("does not hold beside it, above it, or for a name that only begins like it", () => {
    for (const path of [
      "/srv",
      "/",
      "/srv/www-private",
      "/srv/www-private/a",
      "/srv/ww",
      "/srv/www2",
      undefined,
    ]) {
      assert.ok(!isBelow(path, "/srv/www"), path);
    }
  });
});

describe("openContained", () => {
  let tree: Tree;
  before(async () => {
    tree = await buildTree();
  });
  after(() => tree[Symbol.asyncDispose]());

  function contentOf(path: string, root: string | undefined): string {
    const opened = openContained(path, root);
    if (typeof opened === "string") return opened;
    const text = readFileSync(opened.fd, "utf8");
    assert.equal(opened.stats.ino, fstatSync(opened.fd).ino);
    closeSync(opened.fd);
    return text;
  }

  it("opens regular files inside the root, through links that stay inside", () => {
    const inside = ["a.txt", "link-in", "link-chain", "link-root/a.txt", "link-out-and-back"];
    for (const name of inside) assert.equal(contentOf(join(tree.root, name), tree.root), "a.txt", name);
    assert.equal(contentOf(join(tree.root, "link-in-dir/b.txt"), tree.root), "sub/b.txt");
  });

  it("opens nothing outside, whichever component is the link", () => {
    for (const name of [
      "link-out",
      "link-out-chain",
      "link-out-dir/secret.txt",
      "link-out-dir/below/secret.txt",
      "link-sibling/secret.txt",
      "link-parent/secret.txt",
      "sub/link-up",
      "link-in-dir/link-up",
      "index-out/index.html",
    ]) {
      assert.equal(contentOf(join(tree.root, name), tree.root), "outside", name);
    }
  });

  it("opens any place without a root", () => {
    assert.match(contentOf(join(tree.root, "link-out"), undefined), /never/);
  });

  it("takes a root that is a link itself", () => {
    const link = join(tree.base, "link-to-www");
    symlinkSync("www", link);
    assert.equal(contentOf(join(link, "a.txt"), link), "a.txt");
    assert.equal(contentOf(join(link, "link-out"), link), "outside");
  });

  it("does not wait for a writer of a FIFO, and reads no directory or device", { timeout: 5000 }, () => {
    for (const name of ["fifo", "sub", "link-device"]) {
      assert.equal(openContained(join(tree.root, name), undefined), "notRegular", name);
    }
    assert.throws(() => openContained(join(tree.root, "socket"), undefined), { code: "ENXIO" });
  });

  it("throws what the system says", () => {
    assert.throws(() => openContained(join(tree.root, "nothing"), tree.root), { code: "ENOENT" });
    assert.throws(() => openContained(join(tree.root, "link-loop"), tree.root), { code: "ELOOP" });
    assert.throws(() => openContained(join(tree.root, "a.txt"), join(tree.base, "gone")), { code: "ENOENT" });
  });

  it("throws where permission is missing", { skip: SKIP_AS_ROOT }, () => {
    assert.throws(() => openContained(join(tree.root, "unreadable.txt"), tree.root), { code: "EACCES" });
  });

  it("has closed whatever it refused", () => {
    assert.ok(openFilesBelow(tree.base) <= 0);
  });

  it("knows directories inside", () => {
    assert.ok(isInsideInBatch(tree.root, tree.root, 0));
    assert.ok(isInsideInBatch(join(tree.root, "link-in-dir/deep"), tree.root, 0));
    for (const name of ["link-out-dir", "link-sibling", "link-parent", "link-out-dir/below"]) {
      assert.ok(!isInsideInBatch(join(tree.root, name), tree.root, 0), name);
    }
    assert.equal(realpathSync(tree.root), tree.root);
  });
});
