// Links that are swapped while the server runs: whatever the moment, nothing outside of the folder is sent (facts §3, classes 1 and 2).

import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { readEntries } from "../../src/files/directory-entries.ts";
import { openContainedDirectory } from "../../src/files/open-contained.ts";
import { RawClient } from "../raw-client.ts";
import { openFilesBelow, startSite } from "./running-site.ts";
import { emptyDirectory, put, SECRET } from "./tree.ts";

const posix = { skip: process.platform === "win32" ? "no symbolic links without rights on Windows" : false };

interface Place {
  readonly root: string;
  readonly outside: string;
}

function place(t: TestContext): Place {
  const base = emptyDirectory();
  t.after(() => base[Symbol.dispose]());
  const root = join(base.path, "www");
  const outside = join(base.path, "outside");
  mkdirSync(root);
  mkdirSync(outside);
  return { root, outside };
}

/** Puts the clock ahead, so that files count as settled and are kept in memory. */
function settle(t: TestContext): void {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
}

describe("a file in memory", posix, () => {
  for (const [what, path, moved] of [
    ["its directory", "sub/a.txt", "sub"],
    ["a directory above that", "sub/deep/er/a.txt", "sub"],
    ["its directory, which has an index page", "sub/", "sub"],
    ["the last directory of many", "sub/deep/er/a.txt", "sub/deep/er"],
  ] as const) {
    it(`is 404 as soon as ${what} has moved out and left a link`, async (t) => {
      const { root, outside } = place(t);
      for (const file of ["sub/a.txt", "sub/index.html", "sub/deep/er/a.txt"]) put(root, file, "inside");
      settle(t);
      await using site = await startSite({ directory: root });
      for (let i = 0; i < 3; i++) assert.equal((await site.ask(`/${path}`)).text, "inside");
      renameSync(join(root, moved), join(outside, "moved"));
      symlinkSync(join(outside, "moved"), join(root, moved));
      assert.equal((await site.ask(`/${path}`)).status, 404);
      assert.equal((await site.ask(`/${path}`, { method: "HEAD" })).status, 404);
      unlinkSync(join(root, moved));
      renameSync(join(outside, "moved"), join(root, moved));
      assert.equal((await site.ask(`/${path}`)).text, "inside");
    });
  }

  it("is 404 as soon as it has moved out itself and left a link, whatever its times say", async (t) => {
    const { root, outside } = place(t);
    const file = put(root, "a.txt", "inside");
    utimesSync(file, 1000, 1000);
    settle(t);
    await using site = await startSite({ directory: root });
    assert.equal((await site.ask("/a.txt")).text, "inside");
    renameSync(file, join(outside, "a.txt"));
    symlinkSync(join(outside, "a.txt"), file);
    assert.equal((await site.ask("/a.txt")).status, 404);
  });

  it("is 404 when the folder itself is a link that leads to another one now, from where its directory leads back", async (t) => {
    const { root, outside } = place(t);
    put(root, "sub/a.txt", "first");
    symlinkSync(join(root, "sub"), join(outside, "sub"));
    const link = join(root, "..", "current");
    symlinkSync(root, link);
    settle(t);
    await using site = await startSite({ directory: link });
    assert.equal((await site.ask("/sub/a.txt")).text, "first");
    unlinkSync(link);
    symlinkSync(outside, link);
    assert.equal((await site.ask("/sub/a.txt")).status, 404);
  });

  it("is still sent through a link that stays inside, and from memory for its own name", async (t) => {
    const { root } = place(t);
    put(root, "sub/a.txt", "inside");
    symlinkSync("sub", join(root, "to-sub"));
    symlinkSync("sub/a.txt", join(root, "to-a.html"));
    settle(t);
    await using site = await startSite({ directory: root });
    for (let i = 0; i < 2; i++) {
      assert.equal((await site.ask("/to-sub/a.txt")).text, "inside");
      const answer = await site.ask("/to-a.html");
      assert.equal(answer.text, "inside");
      // The type is that of the name which was asked for.
      assert.match(answer.get("content-type")!, /^text\/html/);
    }
    writeFileSync(join(root, "sub/a.txt"), "changed");
    assert.equal((await site.ask("/to-a.html")).text, "changed");
  });

  it("is asked about once for all requests of a batch", async (t) => {
    const { root } = place(t);
    put(root, "sub/a.txt", "inside");
    settle(t);
    await using site = await startSite({ directory: root });
    await site.ask("/sub/a.txt");
    using client = await RawClient.connect(site.port);
    client.send("GET /sub/a.txt HTTP/1.1\r\nHost: a\r\n\r\n".repeat(50));
    for (const response of await client.responses(50)) assert.equal(response.body.toString(), "inside");
  });
});

describe("an open directory", posix, () => {
  it("is listed as it was found, although its name leads elsewhere by then", async (t) => {
    if (process.platform !== "linux") return t.skip("only Linux reaches entries through a descriptor");
    const { root, outside } = place(t);
    put(root, "sub/inside.txt", "");
    put(outside, "secret.txt", SECRET);
    const opened = openContainedDirectory(join(root, "sub"), root);
    assert.ok(typeof opened !== "string");
    renameSync(join(root, "sub"), join(root, "moved"));
    symlinkSync(outside, join(root, "sub"));
    const entries = await readEntries(opened.path, { dotfiles: false, root });
    assert.deepEqual(
      Array.from(entries, ({ name }) => name),
      ["inside.txt"],
    );
    opened.close();
    assert.equal(openContainedDirectory(join(root, "sub"), root), "outside");
    await assert.rejects(readEntries(join(root, "sub"), { dotfiles: false, root }), /leads out/);
    assert.ok(openFilesBelow(root) <= 0 && openFilesBelow(outside) <= 0);
  });
});

/** In a thread: turns `sub` of the root into a link to the outside and back, as fast as it can. */
const SWAPPER = `
const { renameSync, symlinkSync, unlinkSync } = require("node:fs");
const { workerData: { root, outside, stop } } = require("node:worker_threads");
const flag = new Int32Array(stop);
for (let i = 0; Atomics.load(flag, 0) === 0; i++) {
  for (const name of ["sub", "a.txt"]) {
    renameSync(root + "/" + name, root + "/../kept-" + name);
    symlinkSync(outside + "/" + name, root + "/" + name);
    unlinkSync(root + "/" + name);
    renameSync(root + "/../kept-" + name, root + "/" + name);
  }
  Atomics.add(flag, 1, 1);
}
`;

/** Where entries are reached by name, a listing whose folder has moved away since its head was sent is cut. */
function unlessCut(error: Error): undefined {
  if (process.platform === "linux" || error.message !== "a response that is cut") throw error;
}

describe("links swapped in a loop while requests run", posix, () => {
  it("let nothing outside be sent or listed, and leave no file open", { timeout: 60_000 }, async (t) => {
    const { root, outside } = place(t);
    put(root, "a.txt", "inside");
    put(root, "sub/a.txt", "inside");
    put(root, "sub/index/index.html", "inside");
    put(root, "sub/list/inside.txt", "inside");
    put(outside, "a.txt", SECRET);
    put(outside, "sub/a.txt", SECRET);
    put(outside, "sub/index/index.html", SECRET);
    put(outside, "sub/list/secret.txt", SECRET);
    put(outside, "sub/outside-only.txt", SECRET);
    await using site = await startSite({ directory: root });
    const stop = new SharedArrayBuffer(8);
    const flag = new Int32Array(stop);
    const swapper = new Worker(SWAPPER, { eval: true, workerData: { root, outside, stop } });
    const ended = new Promise<void>((resolve, reject) =>
      swapper.once("exit", () => resolve()).once("error", reject),
    );
    const seen = new Map<string, number>();
    const until = Date.now() + 4000;
    try {
      while (Date.now() < until) {
        const targets = [
          "/a.txt",
          "/sub/a.txt",
          "/sub/index/",
          "/sub/list/",
          "/sub/outside-only.txt",
          "/sub",
          "/sub/list",
        ];
        const answers = await Promise.all(targets.map((target) => site.ask(target).catch(unlessCut)));
        for (const [index, answer] of answers.entries()) {
          if (answer === undefined) continue;
          const key = `${targets[index]} ${answer.status}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
          assert.ok(!answer.text.includes(SECRET), key);
          assert.ok(!answer.text.includes("secret.txt"), key);
        }
      }
    } finally {
      Atomics.store(flag, 0, 1);
      await ended;
    }
    // It was a race: both states were there, often.
    assert.ok(Atomics.load(flag, 1) > 100, `swapped ${Atomics.load(flag, 1)} times`);
    assert.ok(
      (seen.get("/a.txt 200") ?? 0) > 0 && (seen.get("/a.txt 404") ?? 0) > 0,
      JSON.stringify([...seen]),
    );
    assert.equal(seen.get("/sub/outside-only.txt 200"), undefined);
    await nextTurn();
    assert.ok(existsSync(root) && lstatSync(join(root, "sub")).isDirectory());
    assert.ok(openFilesBelow(root) <= 0 && openFilesBelow(outside) <= 0);
    rmSync(root, { recursive: true });
  });
});
