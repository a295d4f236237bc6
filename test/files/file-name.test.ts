import assert from "node:assert/strict";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { currentDirectory, realPath, systemName } from "../../src/files/file-name.ts";
import { bytesOfName } from "../../src/text/name-bytes.ts";
import { openFilesBelow } from "./running-site.ts";
import { emptyDirectory } from "./tree.ts";

// A path that is longer than this is resolved in another way.
const DEEP = "/folder-name".repeat(40);

describe("realPath", () => {
  it("is what the system says, for short paths and long ones, links on the way and at the end followed", (t) => {
    if (process.platform === "win32") return t.skip("links need a right there that few have");
    using directory = emptyDirectory();
    const root = realpathSync(directory.path);
    mkdirSync(root + DEEP, { recursive: true });
    writeFileSync(`${root}${DEEP}/file`, "");
    symlinkSync(`.${DEEP}`, join(root, "short"));
    symlinkSync(root, `${root}${DEEP}/up`);
    symlinkSync("nowhere", `${root}${DEEP}/broken`);
    symlinkSync("self", `${root}${DEEP}/self`);
    for (const path of [
      "",
      "/short",
      "/short/file",
      DEEP,
      `${DEEP}/file`,
      `${DEEP}/`,
      `${DEEP}/up${DEEP}/file`,
    ])
      assert.equal(realPath(root + path), realpathSync.native(root + path), path);
    assert.equal(realPath(`${root}${DEEP}/up`), root);
    for (const [path, code] of [
      [`${DEEP}/nothing`, "ENOENT"],
      [`${DEEP}/broken`, "ENOENT"],
      [`${DEEP}/self`, "ELOOP"],
      [`${DEEP}/file/`, "ENOTDIR"],
      ["/d".repeat(5000), "ENAMETOOLONG"],
      [DEEP + "x".repeat(300), "ENAMETOOLONG"],
    ] as const)
      assert.throws(() => realPath(root + path), { code }, path.slice(-20));
    assert.ok(openFilesBelow(root) <= 0);
  });

  it("gives the bytes of a name that is not UTF-8, also at the end of a long path", (t) => {
    if (process.platform !== "linux") return t.skip("other systems keep no such names");
    using directory = emptyDirectory();
    const root = realpathSync(directory.path);
    mkdirSync(root + DEEP, { recursive: true });
    const path = `${root}${DEEP}/\udcff\udcfe`;
    writeFileSync(systemName(path), "");
    assert.deepEqual(bytesOfName(realPath(path)), bytesOfName(path));
  });
});

describe("currentDirectory", () => {
  it("is that of the process", () => {
    assert.equal(currentDirectory(), process.cwd());
  });

  it("does not fail where the current directory has been removed", async (t) => {
    const before = process.cwd();
    t.after(() => process.chdir(before));
    const removed = await mkdtemp(join(tmpdir(), "htbin-gone-"));
    process.chdir(removed);
    await rmdir(removed);
    assert.equal(currentDirectory(), ".");
  });
});
