// fossil: a script of two lines whose interpreter reads it; clones, syncs and shows pages.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, chownSync, readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";

import { lookUpUser } from "../../src/cgi/user.ts";
import { missing } from "./installed.ts";
import { startSite } from "./running-site.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const run = promisify(execFile);

describe("fossil", { skip: missing("fossil", "/usr/bin/fossil") }, () => {
  it("clones, commits back and shows the timeline", async (context) => {
    const home = temporaryDirectory(context);
    const central = temporaryDirectory(context);
    const fossil = (directory: string, ...args: string[]): Promise<{ stdout: string }> =>
      run("fossil", args, {
        cwd: directory,
        env: { ...process.env, HOME: home, FOSSIL_HOME: home, USER: "ada" },
      });
    const repository = join(central, "demo.fossil");
    await fossil(central, "init", "--admin-user", "ada", repository);
    await fossil(central, "user", "password", "ada", "secret", "-R", repository);
    if (process.getuid?.() === 0) {
      const { uid, gid } = await lookUpUser("nobody");
      for (const path of [central, repository]) chownSync(path, uid, gid);
    }
    chmodSync(central, 0o755);
    const site = await startSite(context);
    site.script("repo", `#!/usr/bin/fossil\nrepository: ${repository}\n`);

    const timeline = await fetch(`${site.url}/cgi-bin/repo/timeline`);
    assert.equal(timeline.status, 200, site.logged.join("\n"));
    assert.match(await timeline.text(), /initial empty check-in/);

    // The password is not kept by a clone, so that each exchange is one of its own.
    await fossil(home, "settings", "--global", "autosync", "off");
    const url = `http://ada:secret@127.0.0.1:${site.port}/cgi-bin/repo`;
    const clone = async (name: string): Promise<string> => {
      const work = join(home, name);
      mkdirSync(work);
      await fossil(work, "clone", "--no-open", url, join(home, `${name}.fossil`));
      await fossil(work, "open", join(home, `${name}.fossil`));
      return work;
    };
    const [one, other] = [await clone("one"), await clone("other")];
    const content = "x".repeat(300_000);
    writeFileSync(join(one, "file.txt"), content);
    await fossil(one, "add", "file.txt");
    await fossil(one, "commit", "-m", "a file", "--no-warnings");
    await fossil(one, "sync", url, "--once");
    await fossil(other, "sync", url, "--once");
    await fossil(other, "update");
    assert.equal(readFileSync(join(other, "file.txt"), "utf8"), content);

    assert.match(await (await fetch(`${site.url}/cgi-bin/repo/timeline`)).text(), /a file/);
    const css = await fetch(`${site.url}/cgi-bin/repo/style.css`);
    assert.match(css.headers.get("content-type") ?? "", /^text\/css/);
    assert.equal((await fetch(`${site.url}/cgi-bin/repo/doc/tip/nothere`)).status, 404);
    // Without a page in the path fossil sends the client to its home page.
    const home302 = await fetch(`${site.url}/cgi-bin/repo`, { redirect: "manual" });
    assert.equal(home302.status, 302);
    assert.match(home302.headers.get("location") ?? "", /\/cgi-bin\/repo\//);
  });
});
