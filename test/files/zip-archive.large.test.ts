// What a zip file can hold only since Zip64: more than 4 GiB, and more than 65 535 entries.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { startSite } from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const run = promisify(execFile);

const SKIP =
  process.env["HTBIN_LARGE"] === undefined
    ? "takes minutes and 5 GB of disk: HTBIN_LARGE=1 runs it"
    : spawnSync("unzip", ["-v"]).error !== undefined && "unzip is not installed";

describe("a zip file beyond the limits of 1989", { skip: SKIP }, () => {
  async function check(directory: string): Promise<string> {
    using downloads = emptyDirectory();
    await using site = await startSite({ directory });
    const file = join(downloads.path, "a.zip");
    await run("curl", ["-sSf", "-o", file, `http://127.0.0.1:${site.port}/?archive=zip`]);
    await run("unzip", ["-tqq", file], { maxBuffer: 1e9 });
    const list =
      "import sys, zipfile; print(*[(i.file_size, i.header_offset > 2**32) for i in zipfile.ZipFile(sys.argv[1]).infolist()][-1:], len(zipfile.ZipFile(sys.argv[1]).namelist()))";
    return (await run("python3", ["-c", list, file])).stdout.trim();
  }

  it(
    "holds files of more than 4 GiB, stored and compressed, and what comes behind them",
    { timeout: 1_200_000 },
    async () => {
      using directory = emptyDirectory();
      for (const name of ["a.mp4", "b.bin"]) truncateSync(put(directory.path, name, ""), 4.4e9);
      put(directory.path, "c.txt", "last\n");
      assert.equal(await check(directory.path), "(5, True) 4");
    },
  );

  it("holds more than 65 535 entries", { timeout: 1_200_000 }, async () => {
    using directory = emptyDirectory();
    for (let i = 0; i < 66_000; i++) writeFileSync(join(directory.path, `${i}`), "");
    assert.equal(await check(directory.path), "(0, False) 66001");
  });
});
