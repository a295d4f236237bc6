// git over HTTP by `git http-backend` as a mount: chunked bodies stored and streamed.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

import { lookUpUser } from "../../src/cgi/user.ts";
import { missing } from "./installed.ts";
import { type Site, startSite } from "./running-site.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const backend = join(
  spawnSync("git", ["--exec-path"], { encoding: "utf8" }).stdout?.trim() ?? "",
  "git-http-backend",
);

function git(
  directory: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ stdout: string }> {
  const identity = [
    "-c",
    "user.name=Test",
    "-c",
    "user.email=t@example.com",
    "-c",
    "init.defaultBranch=main",
  ];
  const own = { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1", HOME: directory, ...env };
  return run("git", [...identity, ...args], { cwd: directory, env: own, maxBuffer: 1 << 28 });
}

/** A bare repository with many branches, which the user of scripts may write to; and a clone of it. */
async function serveRepository(
  context: TestContext,
  requestBody: "store" | "stream",
): Promise<Site & { repository: string; work: string; project: string }> {
  const repositories = temporaryDirectory(context);
  const project = join(repositories, "project.git");
  await git(repositories, ["init", "-q", "--bare", "project.git"]);
  await git(project, ["config", "http.receivepack", "true"]);
  const commits = Array.from({ length: 60 }, (_, index) => {
    const text = `commit ${index}`;
    return `commit refs/heads/b${index}\ncommitter T <t@example.com> ${index} +0000\ndata ${text.length}\n${text}\nM 644 inline f\ndata 1\n${index % 10}\n`;
  });
  execFileSync("git", ["fast-import", "--quiet"], { cwd: project, input: commits.join("") });
  if (isRoot) {
    const { uid, gid } = await lookUpUser("nobody");
    for (const path of execFileSync("find", [repositories], { encoding: "utf8" }).trim().split("\n"))
      chownSync(path, uid, gid);
  }
  const environment = { GIT_PROJECT_ROOT: repositories, GIT_HTTP_EXPORT_ALL: "" };
  const site = await startSite(context, {
    cgiMounts: { "/git": { program: backend, environment, requestBody } },
  });
  const work = temporaryDirectory(context);
  const repository = `${site.url}/git/project.git`;
  await git(work, ["clone", "-q", "--branch", "b1", repository, "clone"]);
  return { ...site, repository, work, project };
}

describe("git http-backend as a mount", { skip: missing("git", backend) }, () => {
  for (const requestBody of ["store", "stream"] as const) {
    it(`clones, also shallow, fetches and pushes; with bodies in gzip (requestBody: ${requestBody})`, async (context) => {
      const { repository, work, logged } = await serveRepository(context, requestBody);
      const clone = join(work, "clone");
      assert.equal(readFileSync(join(clone, "f"), "utf8"), "1");

      await git(work, ["clone", "-q", "--depth=1", "--branch", "b2", repository, "shallow"]);
      const { stdout } = await git(join(work, "shallow"), ["rev-list", "--count", "HEAD"]);
      assert.equal(stdout, "1\n");

      writeFileSync(join(clone, "f"), "changed");
      await git(clone, ["commit", "-q", "-a", "-m", "changed"]);
      await git(clone, ["push", "-q", "origin", "HEAD:b1"]);
      const second = join(work, "second");
      await git(work, ["clone", "-q", "--branch", "b3", repository, "second"]);
      await git(clone, ["push", "-q", "origin", "HEAD:refs/heads/new"]);

      // What it wants and has is more than 1 KiB, from which on git packs its requests.
      const trace = join(work, "trace");
      await git(work, ["-c", "protocol.version=2", "clone", "-q", repository, "third"], {
        GIT_TRACE_CURL: trace,
      });
      assert.match(readFileSync(trace, "utf8"), /content-encoding: gzip/i);
      assert.match(readFileSync(trace, "utf8"), /Git-Protocol: version=2/i);

      await git(second, ["fetch", "-q", "origin"]);
      const fetched = await git(second, ["show", "origin/new:f"]);
      assert.equal(fetched.stdout, "changed");
      assert.deepEqual(
        logged.filter((line) => /exit code|cut|" 5\d\d/.test(line)),
        [],
      );
    });

    it(`takes a push of 40 MB in chunks, and gives it back (requestBody: ${requestBody})`, async (context) => {
      const { repository, work, project, logged } = await serveRepository(context, requestBody);
      const clone = join(work, "clone");
      const content = randomBytes(40_000_000);
      writeFileSync(join(clone, "large"), content);
      await git(clone, ["add", "."]);
      // Random bytes cannot be packed: the time goes into trying.
      await git(clone, ["-c", "core.compression=0", "commit", "-q", "-m", "large"]);
      const trace = join(work, "trace");
      await git(clone, ["-c", "pack.compression=0", "push", "-q", "origin", "HEAD:large"], {
        GIT_TRACE_CURL_NO_DATA: "1",
        GIT_TRACE_CURL: trace,
      });
      assert.match(readFileSync(trace, "utf8"), /transfer-encoding: chunked/i);
      assert.ok(existsSync(join(project, "refs/heads/large")), logged.join("\n"));
      await git(work, ["clone", "-q", "--branch", "large", "--single-branch", repository, "back"]);
      assert.ok(readFileSync(join(work, "back/large")).equals(content));
    });
  }

  it("takes a push with 'Expect: 100-continue'", async (context) => {
    const { work } = await serveRepository(context, "store");
    const clone = join(work, "clone");
    writeFileSync(join(clone, "more"), randomBytes(3_000_000));
    await git(clone, ["add", "."]);
    await git(clone, ["commit", "-q", "-m", "more"]);
    await git(clone, ["-c", "http.extraHeader=Expect: 100-continue", "push", "-q", "origin", "HEAD:more"]);
    const { stdout } = await git(clone, ["ls-remote", "origin", "more"]);
    assert.match(stdout, /refs\/heads\/more/);
  });

  it("relays the program's own refusals, and its files", async (context) => {
    const { repository, url, logged } = await serveRepository(context, "store");
    const status = async (target: string): Promise<number> => (await fetch(target)).status;
    assert.equal(await status(`${url}/git/nothere.git/info/refs`), 404);
    assert.equal(await status(`${repository}/git-upload-pack`), 405);
    // git's own word for a path that names no repository.
    assert.equal(await status(`${url}/git`), 500);
    assert.ok(logged.includes("/git: fatal: GIT_PROJECT_ROOT is set but PATH_INFO is not"));
    const refs = await fetch(`${repository}/info/refs`);
    assert.match(await refs.text(), /^[0-9a-f]{40}\trefs\/heads\/b0\n/);
    assert.equal(await status(`${url}/gitx/project.git/HEAD`), 404);
  });
});
