// The served folder is a link that is turned to a new release while a file is looked for.

import assert from "node:assert/strict";
import { mkdirSync, realpathSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { isBelowRoot, openContained, rootNow } from "../../src/files/open-contained.ts";
import { isInsideInBatch } from "../../src/files/stat-in-batch.ts";
import { emptyDirectory, put } from "./tree.ts";

describe(
  "a root that is a link",
  { skip: process.platform === "win32" && "links need a right there" },
  () => {
    function releases(base: string): { root: string; turn: (to: string) => void } {
      for (const name of ["one", "two", "other"]) {
        mkdirSync(join(base, name));
        put(base, `${name}/a.txt`, name);
      }
      const root = join(base, "current");
      symlinkSync("one", root);
      return {
        root,
        turn: (to) => {
          symlinkSync(to, `${root}.new`);
          renameSync(`${root}.new`, root);
        },
      };
    }

    it("holds what was found in it just before it was turned, and just after", () => {
      using directory = emptyDirectory();
      const base = realpathSync(directory.path);
      const { root, turn } = releases(base);
      const before = rootNow(root);
      turn("two");
      // Both were "outside", and 404 at the moment of each new release.
      assert.ok(isBelowRoot(join(base, "one/a.txt"), before));
      assert.ok(isBelowRoot(join(base, "two/a.txt"), before));
      assert.ok(!isBelowRoot(join(base, "other/a.txt"), before));
      assert.ok(!isBelowRoot(undefined, before));
      assert.equal(openContained(join(base, "one/a.txt"), root), "outside");
    });

    it("is asked about anew where it was turned within a batch", () => {
      using directory = emptyDirectory();
      const base = realpathSync(directory.path);
      const { root, turn } = releases(base);
      mkdirSync(join(base, "two/a/b/c/d"), { recursive: true });
      mkdirSync(join(base, "one/a/b/c/d"), { recursive: true });
      const batch = 2 ** 40;
      assert.ok(isInsideInBatch(`${root}/a/b/c/d`, root, batch));
      turn("two");
      assert.ok(isInsideInBatch(`${root}/a/b/c`, root, batch + 1));
      turn("one");
      assert.ok(isInsideInBatch(`${root}/a/b/c/d`, root, batch + 1));
      assert.ok(!isInsideInBatch(join(base, "two/a/b/c/d"), root, batch + 1));
    });
  },
);
