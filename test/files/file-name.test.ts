import assert from "node:assert/strict";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { currentDirectory } from "../../src/files/file-name.ts";

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
