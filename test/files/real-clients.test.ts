// curl and wget as people use them to go on with a download, or to fetch only what is new.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { type Site, startSite } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const run = promisify(execFile);
const SIZE = 3_000_000;
const BYTES = Buffer.from(Array.from({ length: SIZE }, (_, i) => (i * 31 + (i >> 8)) % 256));
const MODIFIED = new Date("2020-02-02T02:02:02Z");

const directory = emptyDirectory();
const downloads = emptyDirectory();
let site: Site;
let url: string;

before(async () => {
  utimesSync(put(directory.path, "file.bin", BYTES), MODIFIED, MODIFIED);
  site = await startSite({ directory: directory.path });
  url = `http://127.0.0.1:${site.port}/file.bin`;
  // curl keeps the tag of a whole download, and wants a strong one to be of use; no event tells that the time has passed.
  await delay(2_700);
});
after(async () => {
  await site[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
  downloads[Symbol.dispose]();
});

function without(program: string): string | false {
  return spawnSync(program, ["--version"]).error === undefined ? false : `${program} is not installed`;
}

const local = join(downloads.path, "file.bin");

/** The status of the last answer, as the log has it. */
const lastStatus = (): string =>
  site.log
    .findLast((line) => line.startsWith('"'))!
    .split(" ")
    .at(-2)!;

async function curl(...args: string[]): Promise<string> {
  const { stdout } = await run("curl", ["-sS", "--max-time", "20", "-w", "%{http_code}", ...args, url]);
  return stdout;
}

describe("curl", { skip: without("curl") }, () => {
  it("goes on with a download that was broken off: -C -", async () => {
    writeFileSync(local, BYTES.subarray(0, 1_234_567));
    assert.equal(await curl("-C", "-", "-o", local), "206");
    assert.ok(readFileSync(local).equals(BYTES));
  });

  it("is told that there is nothing to go on with: -C - of a whole file", async () => {
    writeFileSync(local, BYTES);
    assert.equal(await curl("-C", "-", "-o", local), "416");
    assert.ok(readFileSync(local).equals(BYTES));
  });

  it("fetches parts: -r", async () => {
    for (const [range, first, last] of [
      ["0-99", 0, 99],
      ["2999999-", SIZE - 1, SIZE - 1],
      ["-500", SIZE - 500, SIZE - 1],
    ] as const) {
      assert.equal(await curl("-r", range, "-o", local), "206");
      assert.ok(readFileSync(local).equals(BYTES.subarray(first, last + 1)), range);
    }
  });

  it("fetches several parts: -r 0-1,5-6", async () => {
    assert.equal(await curl("-r", "0-1,5-6", "-o", local), "206");
    assert.match(
      readFileSync(local, "latin1"),
      /^\r\n--([\w-]+)\r\n[^]*bytes 0-1\/3000000\r\n[^]*bytes 5-6\/3000000\r\n[^]*--\1--\r\n$/,
    );
  });

  it("fetches only what is new: --etag-save, --etag-compare, -z", async () => {
    const tag = join(downloads.path, "tag");
    assert.equal(await curl("--etag-save", tag, "-o", local), "200");
    assert.equal(await curl("--etag-compare", tag, "-o", local), "304");
    assert.equal(await curl("-z", MODIFIED.toUTCString(), "-o", local), "304");
    assert.equal(await curl("-z", "Sun, 02 Feb 2020 02:02:01 GMT", "-o", local), "200");
  });
});

describe("zsync", { skip: without("zsync") || without("zsyncmake") }, () => {
  it("fetches the blocks that are new, dozens of ranges in a request", async () => {
    const changed = Buffer.from(BYTES);
    for (let at = 5_000; at < SIZE; at += 25_000) changed[at]! ^= 0xff;
    const old = join(downloads.path, "old.bin");
    writeFileSync(old, changed);
    writeFileSync(local, BYTES);
    const control = join(directory.path, "file.zsync");
    await run("zsyncmake", ["-b", "2048", "-u", url, "-o", control, local]);
    rmSync(local);
    const before = site.log.length;
    await run("zsync", ["-q", "-i", old, "-o", local, url.replace("file.bin", "file.zsync")], {
      timeout: 60_000,
      // It writes a second file beside its own.
      cwd: downloads.path,
    });
    assert.ok(readFileSync(local).equals(BYTES));
    const parts = site.log
      .slice(before)
      .filter((line) => line.includes("file.bin") && line.includes(" 206 "));
    assert.ok(parts.length > 0 && parts.length < 20, parts.join("\n"));
  });
});

describe("wget", { skip: without("wget") }, () => {
  const wget = (...args: string[]): Promise<unknown> =>
    run("wget", ["-q", "--tries=1", "--timeout=20", "-P", downloads.path, ...args, url]);

  it("goes on with a download that was broken off: -c", async () => {
    writeFileSync(local, BYTES.subarray(0, 1_000));
    await wget("-c");
    assert.ok(readFileSync(local).equals(BYTES));
    await wget("-c");
    assert.ok(readFileSync(local).equals(BYTES), "the second time there was nothing to do");
  });

  it("fetches only what is new: -N", async () => {
    rmSync(local);
    await wget("-N");
    assert.ok(readFileSync(local).equals(BYTES));
    assert.equal(statSync(local).mtimeMs, MODIFIED.getTime(), "with the time that it has on the server");
    assert.equal(lastStatus(), "200");
    await wget("-N");
    assert.equal(lastStatus(), "304");
    appendFileSync(join(directory.path, "file.bin"), "more");
    await wget("-N");
    assert.equal(lastStatus(), "200");
    assert.equal(statSync(local).size, SIZE + 4);
  });
});
