import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkDirectory } from "../../src/cli/check-directory.ts";

describe("checkDirectory", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "htbin-cli-"));
    await writeFile(join(folder, "file"), "x");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is content with a folder", () => {
    checkDirectory(folder);
  });

  it("names what is missing", () => {
    assert.throws(() => checkDirectory(join(folder, "missing")), {
      code: "ERR_START_DIRECTORY_MISSING",
      message: /^there is no folder .*missing; create it/,
    });
    assert.throws(() => checkDirectory(join(folder, "help"), "help"), {
      message: /help; create it or name another \(the option is --help\)$/,
    });
    assert.throws(() => checkDirectory(join(folder, "file", "below")), {
      code: "ERR_START_DIRECTORY_MISSING",
    });
    assert.throws(() => checkDirectory("x".repeat(5000)), { code: "ERR_START_DIRECTORY_MISSING" });
  });

  it("names a file", () => {
    assert.throws(() => checkDirectory(join(folder, "file")), {
      code: "ERR_START_DIRECTORY_IS_FILE",
      message: /file is a file; name the folder/,
    });
  });

  it("says how the page of --single is given, to those who give it as the folder", async () => {
    const page = join(folder, "app.html");
    assert.throws(() => checkDirectory(page, undefined, true), {
      message: /; create it .*\(the page: --single=app\.html\)$/,
    });
    await writeFile(page, "x");
    assert.throws(() => checkDirectory(page, undefined, true), {
      message: /; name the folder .*\(the page: --single=app\.html\)$/,
    });
    assert.throws(() => checkDirectory(page), { message: /; name the folder it is in$/ });
    assert.throws(() => checkDirectory(join(folder, "missing"), undefined, true), {
      message: /or name another$/,
    });
  });

  it("names a folder that this user cannot read", async (t) => {
    if (process.platform === "win32") return t.skip("Windows has no such modes");
    if (process.getuid?.() === 0) return t.skip("root can read every folder");
    const closed = join(folder, "closed");
    await mkdir(closed);
    await chmod(closed, 0o300);
    assert.throws(() => checkDirectory(closed), { code: "ERR_START_DIRECTORY_UNREADABLE" });
  });
});
