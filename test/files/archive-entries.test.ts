import assert from "node:assert/strict";
import { appendFileSync, renameSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { archiveEntries, bytesOf } from "../../src/files/archive-entries.ts";
import { HTTPRequestError } from "../../src/errors.ts";
import { openFilesBelow } from "./running-site.ts";
import { emptyDirectory, put, SECRET } from "./tree.ts";

const within = (root: string): { dotfiles: boolean; root: string } => ({ dotfiles: false, root });

async function textOf(entry: Parameters<typeof bytesOf>[0]): Promise<string> {
  let text = "";
  for await (const piece of bytesOf(entry)) text += piece.toString("latin1");
  return text;
}

describe("archiveEntries", () => {
  it("gives a directory, its files, then its directories, in order", async () => {
    using directory = emptyDirectory();
    for (const path of ["b/2", "b/10", "a", "c", "b/d/e"]) put(directory.path, path, path);
    const found: (string | undefined)[] = [];
    for await (const entry of archiveEntries(directory.path, "top", within(directory.path))) {
      found.push(entry.path);
      if (entry.file !== undefined) assert.equal(`top/${await textOf(entry)}`, entry.path);
    }
    assert.deepEqual(found, [
      "top/",
      "top/a",
      "top/c",
      "top/b/",
      "top/b/2",
      "top/b/10",
      "top/b/d/",
      "top/b/d/e",
    ]);
  });

  it("says that a directory has gone meanwhile, as an error of the request and not of the server", async () => {
    using directory = emptyDirectory();
    const entries = archiveEntries(join(directory.path, "gone"), "top", within(directory.path));
    await assert.rejects(
      entries.next(),
      (error) => error instanceof HTTPRequestError && error.status === 404,
    );
  });

  it("ends with the status of a system that has no room, in one line and not as a fault of the code", async () => {
    using directory = emptyDirectory();
    put(directory.path, "a", "x");
    const full = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE", syscall: "open" });
    const options = {
      ...within(directory.path),
      mayOpen(): boolean {
        throw full;
      },
    };
    const entries = archiveEntries(directory.path, "top", options);
    await entries.next();
    await assert.rejects(
      entries.next(),
      (error) => error instanceof HTTPRequestError && error.status === 503 && error.cause === full,
    );
  });

  it("has one file open at a time, and none when it is left", async () => {
    using directory = emptyDirectory();
    for (let i = 0; i < 10; i++) put(directory.path, `${i}`, "x");
    for await (const entry of archiveEntries(directory.path, "top", within(directory.path))) {
      if (entry.file !== undefined) assert.ok([1, -1].includes(openFilesBelow(directory.path)));
      if (entry.path === "top/5") break;
    }
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("reads what was checked when a link is swapped in between", async () => {
    using directory = emptyDirectory();
    put(directory.path, "outside/secret", SECRET);
    put(directory.path, "www/a", "a");
    put(directory.path, "www/b", "b");
    put(directory.path, "www/c/secret", "c");
    const found: string[] = [];
    for await (const entry of archiveEntries(
      join(directory.path, "www"),
      "top",
      within(join(directory.path, "www")),
    )) {
      if (entry.path === "top/a") {
        // The list of names has been read; what they lead to has not.
        rmSync(join(directory.path, "www/b"));
        symlinkSync("../outside/secret", join(directory.path, "www/b"));
        renameSync(join(directory.path, "www/c"), join(directory.path, "www/d"));
        symlinkSync("../outside", join(directory.path, "www/c"));
      }
      found.push(entry.path);
      if (entry.file !== undefined) assert.doesNotMatch(await textOf(entry), new RegExp(SECRET));
    }
    assert.deepEqual(found, ["top/", "top/a"]);
  });

  it("leaves out what has vanished meanwhile", async () => {
    using directory = emptyDirectory();
    for (const path of ["a", "b", "c/d"]) put(directory.path, path, "");
    const found: string[] = [];
    for await (const { path } of archiveEntries(directory.path, "top", within(directory.path))) {
      found.push(path);
      if (path !== "top/a") continue;
      rmSync(join(directory.path, "b"));
      rmSync(join(directory.path, "c"), { recursive: true });
    }
    assert.deepEqual(found, ["top/", "top/a"]);
  });
});

describe("the bytes of a file that changes while it is read", () => {
  it("end where it ended when it was opened", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "a", "before");
    for await (const entry of archiveEntries(directory.path, "top", within(directory.path))) {
      if (entry.file === undefined) continue;
      appendFileSync(file, " and after");
      assert.equal(await textOf(entry), "before");
    }
  });

  it("are an error if it has become shorter: its length has been promised", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "a", "before");
    for await (const entry of archiveEntries(directory.path, "top", within(directory.path))) {
      if (entry.file === undefined) continue;
      truncateSync(file, 2);
      await assert.rejects(
        textOf(entry),
        (error) => error instanceof HTTPRequestError && error.status === 500,
      );
    }
  });
});
