import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { archiveEntries, type ArchiveEntry } from "../../src/files/archive-entries.ts";
import { zipArchive } from "../../src/files/zip-archive.ts";
import { emptyDirectory, put } from "./tree.ts";

const run = promisify(execFile);

function without(program: string): string | false {
  return spawnSync(program, ["--help"]).error === undefined ? false : `${program} is not installed`;
}

async function python(program: string, file: string): Promise<unknown> {
  const { stdout } = await run("python3", ["-c", `import json, sys, zipfile\n${program}`, file], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

describe("zipArchive", () => {
  it(
    "has the same content for a file of any size, stored or compressed",
    { skip: without("python3") },
    async () => {
      using directory = emptyDirectory();
      using downloads = emptyDirectory();
      const expected: Record<string, string> = {};
      // Sixteen kibibytes are compressed in one go; one byte more passes through a stream.
      for (const size of [0, 1, 16_384, 16_385, 300_000]) {
        for (const suffix of ["txt", "png"]) {
          for (const [kind, content] of [
            ["noise", randomBytes(size)],
            ["text", Buffer.alloc(size, "hello, world\n")],
          ] as const) {
            const name = `${kind}-${size}.${suffix}`;
            writeFileSync(put(directory.path, name, ""), content);
            expected[`top/${name}`] = content.toString("hex");
          }
        }
      }
      const file = join(downloads.path, "a.zip");
      const options = { dotfiles: false, root: directory.path };
      await writeFile(file, zipArchive(archiveEntries(directory.path, "top", options)));
      const found = await python(
        `archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({each: archive.read(each).hex() for each in archive.namelist() if each != "top/"}))`,
        file,
      );
      assert.deepEqual(found, expected);
      const packed = await python(
        `print(json.dumps({e.filename: [e.compress_type, e.compress_size] for e in zipfile.ZipFile(sys.argv[1]).infolist()}))`,
        file,
      );
      const {
        "top/text-300000.txt": text,
        "top/text-300000.png": picture,
        "top/text-0.txt": empty,
      } = packed as Record<string, [number, number]>;
      assert.equal(text![0], 8);
      assert.ok(text![1] < 10_000, `${text![1]} bytes`);
      assert.deepEqual(
        [picture, empty],
        [
          [0, 300_000],
          [0, 0],
        ],
      );
    },
  );

  it("is right for more than 65 535 entries", { skip: without("unzip") || without("python3") }, async () => {
    using downloads = emptyDirectory();
    async function* folders(): AsyncGenerator<ArchiveEntry, void, void> {
      for (let i = 0; i < 70_000; i++) {
        yield { path: `top/${i}/`, modified: new Date(), mode: 0o755, file: undefined };
      }
    }
    const file = join(downloads.path, "a.zip");
    await writeFile(file, zipArchive(folders()));
    const names = "n = zipfile.ZipFile(sys.argv[1]).namelist(); print(json.dumps([len(n), n[0], n[-1]]))";
    assert.deepEqual(await python(names, file), [70_000, "top/0/", "top/69999/"]);
    await run("unzip", ["-tqq", file], { maxBuffer: 2 ** 26 });
  });

  it(
    "keeps the second at which a file was changed, wherever it is unpacked",
    { skip: without("unzip") },
    async () => {
      using downloads = emptyDirectory();
      async function* folders(): AsyncGenerator<ArchiveEntry, void, void> {
        yield { path: "top/", modified: new Date(1_600_000_001_000), mode: 0o755, file: undefined };
      }
      const file = join(downloads.path, "a.zip");
      await writeFile(file, zipArchive(folders()));
      const { stdout } = await run("unzip", ["-Z", "-T", "-l", file], {
        env: { ...process.env, TZ: "America/New_York" },
      });
      assert.match(stdout, /20200913\.082641/);
    },
  );
});
