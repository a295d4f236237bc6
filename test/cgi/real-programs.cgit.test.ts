// cgit, a program in C, as a mount: pages, raw files, its cache, and a clone by its dumb protocol.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";

import { lookUpUser } from "../../src/cgi/user.ts";
import { missing } from "./installed.ts";
import { startSite } from "./running-site.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const PROGRAM = "/usr/lib/cgit/cgit.cgi";

describe("cgit", { skip: missing("git", PROGRAM) }, () => {
  it("shows repositories, hands out files and clones, and keeps a cache", async (context) => {
    const folder = temporaryDirectory(context);
    chmodSync(folder, 0o755);
    const bare = join(folder, "git", "project.git");
    const cache = join(folder, "cache");
    mkdirSync(cache);
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare]);
    const lines = Array.from({ length: 2000 }, (_, index) => `line ${index}\n`).join("");
    const history = `commit refs/heads/main\ncommitter T <t@example.com> 1 +0000\ndata 5\nfirst\nM 644 inline src/a.txt\ndata ${lines.length}\n${lines}\n`;
    execFileSync("git", ["fast-import", "--quiet"], { cwd: bare, input: history });
    execFileSync("git", ["update-server-info"], { cwd: bare });
    const config = join(folder, "cgitrc");
    writeFileSync(
      config,
      `css=/cgit.css\nenable-http-clone=1\nsnapshots=tar.gz\ncache-size=100\ncache-root=${cache}\nscan-path=${folder}/git\n`,
    );
    if (process.getuid?.() === 0) {
      const { uid, gid } = await lookUpUser("nobody");
      for (const path of execFileSync("find", [cache, bare], { encoding: "utf8" }).trim().split("\n"))
        chownSync(path, uid, gid);
    }
    const site = await startSite(context, {
      cgiMounts: { "/git": { program: PROGRAM, environment: { CGIT_CONFIG: config } } },
    });
    writeFileSync(join(site.root, "cgit.css"), "body {}");

    const page = async (path: string): Promise<string> => {
      const response = await fetch(`${site.url}/git${path}`);
      assert.equal(response.status, 200, `${path}\n${site.logged.join("\n")}`);
      return response.text();
    };
    for (const path of ["", "/"]) assert.match(await page(path), /href='\/git\/project\.git\//);
    assert.match(await page("/project.git/log/"), /first/);
    assert.match(await page("/project.git/tree/src/a.txt"), /line 1999/);
    assert.equal(await page("/project.git/plain/src/a.txt"), lines);
    assert.ok(readdirSync(cache).length > 0);
    assert.match(await page("/project.git/log/"), /first/);
    const archive = await fetch(`${site.url}/git/project.git/snapshot/project-main.tar.gz`);
    assert.match(archive.headers.get("content-disposition") ?? "", /project-main\.tar\.gz/);
    assert.deepEqual([...new Uint8Array(await archive.arrayBuffer()).subarray(0, 2)], [0x1f, 0x8b]);
    const missingPage = await fetch(`${site.url}/git/nothere`);
    assert.equal(missingPage.status, 404);
    assert.equal(await (await fetch(`${site.url}/cgit.css`)).text(), "body {}");
    const head = await fetch(`${site.url}/git/project.git/plain/src/a.txt`, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), String(lines.length));

    const work = join(folder, "work");
    await promisify(execFile)("git", ["clone", "-q", `${site.url}/git/project.git`, work]);
    assert.ok(existsSync(join(work, "src/a.txt")));
    assert.equal(readFileSync(join(work, "src/a.txt"), "utf8"), lines);
  });
});
