import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isServed } from "../../src/cli/is-served.ts";

describe("isServed", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-served-"));
    for (const path of ["www", "www/sub", "www/.git", "www-private"]) mkdirSync(join(folder, path));
    for (const path of ["www/sub/a", "www/.a", "www/.git/a", "www-private/a", "a"])
      writeFileSync(join(folder, path), "a");
    symlinkSync("www", join(folder, "link"));
    symlinkSync("www/sub/a", join(folder, "link-in"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const served = (path: string, dotfiles = false, directory = "www"): boolean =>
    isServed(join(folder, path), join(folder, directory), dotfiles);

  it("is said of what is below the folder, whatever links lead there", () => {
    assert.ok(served("www/sub/a"));
    assert.ok(served("link/sub/a"));
    assert.ok(served("link-in"));
    assert.ok(served("www/sub/a", false, "link"));
  });

  it("is not said of what is beside or above it, hidden, or not there", () => {
    for (const path of ["a", "www-private/a", "www/.a", "www/.git/a", "www/missing"])
      assert.ok(!served(path), path);
    assert.ok(!isServed(join(folder, "a"), undefined, true));
  });

  it("is said of hidden files where they are served", () => {
    assert.ok(served("www/.a", true));
    assert.ok(served("www/.git/a", true));
  });
});
