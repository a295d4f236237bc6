// Mercurial's hgweb.cgi, as its documentation has it: a repository is cloned, pushed to and looked at.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";

import { lookUpUser } from "../../src/cgi/user.ts";
import { missing } from "./installed.ts";
import { startSite } from "./running-site.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const run = promisify(execFile);

/** /usr/share/doc/mercurial-common/examples/hgweb.cgi without its comments. */
const HGWEB = (config: string): string => `#!/usr/bin/python3
config = b"${config}"
from mercurial import demandimport
demandimport.enable()
from mercurial.hgweb import hgweb, wsgicgi
application = hgweb(config)
wsgicgi.launch(application)
`;

describe("Mercurial's hgweb", { skip: missing("hg", "/usr/bin/python3") }, () => {
  it("is cloned from, pushed to, and shows pages, its style sheet and files", async (context) => {
    const home = temporaryDirectory(context);
    const central = temporaryDirectory(context);
    chmodSync(central, 0o755);
    const hg = (directory: string, ...args: string[]): Promise<{ stdout: string }> =>
      run("hg", args, {
        cwd: directory,
        env: { ...process.env, HOME: home, HGUSER: "ada", HGRCPATH: "", HGENCODING: "utf-8", HGPLAIN: "1" },
      });
    const project = join(central, "project");
    await hg(central, "init", "project");
    const config = join(central, "hgweb.config");
    writeFileSync(config, `[paths]\n/ = ${central}/*\n[web]\nallow_push = *\npush_ssl = no\n`);
    if (process.getuid?.() === 0) {
      const { uid, gid } = await lookUpUser("nobody");
      for (const path of execFileSync("find", [project], { encoding: "utf8" }).trim().split("\n"))
        chownSync(path, uid, gid);
    }
    const site = await startSite(context);
    site.script("hgweb.cgi", HGWEB(config));
    const url = `${site.url}/cgi-bin/hgweb.cgi/project`;

    const clone = async (name: string): Promise<string> => {
      await hg(home, "clone", "-q", url, name);
      return join(home, name);
    };
    const one = await clone("one");
    const content = randomBytes(5_000_000);
    writeFileSync(join(one, "large.bin"), content);
    mkdirSync(join(one, "a folder"));
    writeFileSync(join(one, "a folder", "b.txt"), "text\n");
    writeFileSync(join(one, "ä.txt"), "umlaut\n");
    await hg(one, "commit", "-q", "-A", "-m", "first");
    const { stdout } = await hg(one, "push", url);
    assert.match(stdout, /added 1 changesets with 3 changes to 3 files/, site.logged.join("\n"));
    const other = await clone("other");
    assert.ok(readFileSync(join(other, "large.bin")).equals(content));

    const log = await fetch(url);
    assert.equal(log.status, 200);
    assert.match(await log.text(), /href="\/cgi-bin\/hgweb\.cgi\/project\/file\/tip/);
    const file = await fetch(`${url}/raw-file/tip/a%20folder/b.txt`);
    assert.equal(await file.text(), "text\n");
    // As a page: Mercurial's own header for such a raw file would be no ASCII, at which it fails itself.
    assert.match(await (await fetch(`${url}/file/tip/%C3%A4.txt`)).text(), /umlaut/);
    const css = await fetch(`${url}/static/style-paper.css`);
    assert.match(css.headers.get("content-type") ?? "", /^text\/css/);
    const again = await fetch(url, { headers: { "If-None-Match": log.headers.get("etag")! } });
    assert.equal(again.status, 304);
    assert.equal((await fetch(`${url}/file/tip/nothere`)).status, 404);
    assert.match(await (await fetch(`${site.url}/cgi-bin/hgweb.cgi`)).text(), /project/);
    assert.deepEqual(
      site.logged.filter((line) => /exit code|" 5\d\d/.test(line)),
      [],
    );
  });
});
