import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readEntries } from "../../src/files/directory-entries.ts";
import { buildTree, DIFFICULT_NAMES, emptyDirectory, put, SKIP_AS_ROOT, type Tree } from "./tree.ts";

describe("readEntries", () => {
  let tree: Tree;
  before(async () => {
    tree = await buildTree();
  });
  after(() => tree[Symbol.asyncDispose]());

  async function namesOf(
    path: string,
    dotfiles = false,
    root: string | undefined = tree.root,
  ): Promise<string[]> {
    const entries = await readEntries(join(tree.root, path), { dotfiles, root });
    return Array.from(entries, (entry) => entry.name).sort();
  }

  it("leaves out what is hidden, but for .well-known", async () => {
    const names = await namesOf("");
    assert.ok(names.includes(".well-known"));
    assert.ok(!names.includes(".env") && !names.includes(".git"));
    assert.deepEqual(await namesOf("sub"), ["b.txt", "deep"]);
    assert.deepEqual(await namesOf(".well-known"), ["security.txt"]);
  });

  it("shows hidden names where they are served; links that lead outside stay out", async () => {
    assert.deepEqual(await namesOf("sub", true), ["...", ".htpasswd", "b.txt", "deep"]);
  });

  it("leaves out what cannot be served: pipes, sockets, broken links, links that lead outside", async () => {
    const names = new Set(await namesOf(""));
    for (const name of [
      "fifo",
      "socket",
      "link-device",
      "link-broken",
      "link-loop",
      "link-out",
      "link-out-dir",
      "link-out-chain",
      "link-sibling",
      "link-parent",
    ]) {
      assert.ok(!names.has(name), name);
    }
    for (const name of ["link-in", "link-in-dir", "link-chain", "link-root", "link-out-and-back"]) {
      assert.ok(names.has(name), name);
    }
  });

  it("shows links that lead anywhere without a root", async () => {
    const entries = await readEntries(tree.root, { dotfiles: false, root: undefined });
    assert.ok(
      [...entries].some((entry) => entry.name === "link-out-dir" && entry.isDirectory && entry.isLink),
    );
  });

  it("tells size, time, and what a link leads to", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", "12345");
    utimesSync(file, 1_000_000, 1_000_000);
    mkdirSync(join(directory.path, "d"));
    symlinkSync("f", join(directory.path, "to-f"));
    symlinkSync("d", join(directory.path, "to-d"));
    const entries = await readEntries(directory.path, { dotfiles: false, root: directory.path });
    const byName = new Map(Array.from(entries, (entry) => [entry.name, entry]));
    const modified = 1_000_000_000;
    assert.deepEqual(byName.get("f"), { name: "f", isDirectory: false, isLink: false, size: 5, modified });
    assert.deepEqual(byName.get("to-f"), {
      name: "to-f",
      isDirectory: false,
      isLink: true,
      size: 5,
      modified,
    });
    assert.equal(byName.get("d")!.size, undefined);
    assert.ok(byName.get("to-d")!.isDirectory && byName.get("to-d")!.isLink);
  });

  it("knows every name that is text", async () => {
    const names = new Set(await namesOf("names"));
    for (const [name] of DIFFICULT_NAMES) assert.ok(names.has(`${name}.txt`), JSON.stringify(name));
    assert.equal(names.size, DIFFICULT_NAMES.length);
  });

  it("reads a directory with thousands of entries", async () => {
    using directory = emptyDirectory();
    for (let i = 0; i < 3000; i++) put(directory.path, `${i}`, "");
    const entries = await readEntries(directory.path, { dotfiles: false, root: directory.path });
    assert.equal(new Set(Array.from(entries, (entry) => entry.name)).size, 3000);
  });

  it("does not read on when nobody waits any more", async () => {
    using directory = emptyDirectory();
    for (let i = 0; i < 3000; i++) put(directory.path, `${i}`, "");
    const options = { dotfiles: false, root: directory.path, isWanted: () => false };
    const { length } = await readEntries(directory.path, options);
    assert.ok(length < 3000, `${length} entries`);
  });

  it("throws what the system says of the directory itself", async () => {
    await assert.rejects(namesOf("nothing"), { code: "ENOENT" });
    await assert.rejects(namesOf("a.txt"), { code: "ENOTDIR" });
  });

  it("throws where permission is missing", { skip: SKIP_AS_ROOT }, async () => {
    await assert.rejects(namesOf("unreadable"), { code: "EACCES" });
  });
});
