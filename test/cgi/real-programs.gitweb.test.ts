// gitweb: a Perl program with its style sheet beside it, as an index script and as a mount.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";

import { missing, missingPerlModule } from "./installed.ts";
import { type Site, startSite } from "./running-site.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const FOLDER = "/usr/share/gitweb";

/** gitweb's settings, and a repository that they name. */
function configuration(context: TestContext): Record<string, string> {
  const repositories = temporaryDirectory(context);
  const work = join(repositories, "demo");
  const git = (...args: string[]): void =>
    void execFileSync("git", args, { cwd: repositories, stdio: "pipe" });
  git("init", "-q", "-b", "main", "demo");
  writeFileSync(join(work, "a file"), "first line\n");
  git("-C", "demo", "add", ".");
  git(
    "-C",
    "demo",
    "-c",
    "user.name=Ada",
    "-c",
    "user.email=a@example.com",
    "commit",
    "-q",
    "-m",
    "the first",
  );
  const config = join(repositories, "gitweb.conf");
  // The repository belongs to who runs the tests, and the script is nobody.
  writeFileSync(
    config,
    `$projectroot = "${repositories}";\n$feature{'snapshot'}{'default'} = ['tgz'];\n$ENV{GIT_CONFIG_COUNT} = 1; $ENV{GIT_CONFIG_KEY_0} = "safe.directory"; $ENV{GIT_CONFIG_VALUE_0} = "*";\n1;\n`,
  );
  return { GITWEB_CONFIG: config, GITWEB_CONFIG_SYSTEM: "/nowhere" };
}

async function page(url: string): Promise<string> {
  const response = await fetch(url);
  const text = await response.text();
  assert.equal(response.status, 200, `${url}\n${text}`);
  return text;
}

/** What the page brings along, as a browser would fetch it. */
function linked(html: string, base: string): string[] {
  const links = [...html.matchAll(/<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"/g)];
  return [...new Set(links.map(([, link]) => new URL(link!.replaceAll("&amp;", "&"), base).href))];
}

async function walks(site: Site, start: string): Promise<void> {
  const projects = await page(start);
  assert.match(projects, />demo\/\.git</, site.logged.join("\n"));
  const brought = linked(projects, start);
  assert.ok(
    brought.some((link) => link.endsWith("gitweb.css")),
    brought.join("\n"),
  );
  for (const link of brought) {
    const response = await fetch(link);
    assert.equal(response.status, 200, link);
    if (link.endsWith(".css")) assert.match(response.headers.get("content-type") ?? "", /^text\/css/);
    await response.arrayBuffer();
  }
  const follow = (html: string, base: string, label: string): string => {
    const link = [...html.matchAll(/<a\b[^>]*?\bhref="([^"]+)"[^>]*>([^<]*)</g)].find(
      ([, , text]) => text === label,
    );
    assert.ok(link !== undefined, `no link ${label} in ${base}`);
    return new URL(link[1]!.replaceAll("&amp;", "&"), base).href;
  };
  const summary = follow(projects, start, "demo/.git");
  const tree = follow(await page(summary), summary, "tree");
  const blob = follow(await page(tree), tree, "a file");
  assert.match(await page(blob), /first(?:&nbsp;|\u00a0| )line/);
  const log = follow(await page(summary), summary, "log");
  assert.match(await page(log), /the first/);
  const snapshot = await fetch(follow(await page(tree), tree, "snapshot"));
  assert.equal(snapshot.status, 200);
  const bytes = new Uint8Array(await snapshot.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 2)], [0x1f, 0x8b]);
  assert.equal((await fetch(`${start}?p=nothere`)).status, 404);
}

describe(
  "gitweb",
  { skip: missing("git", "perl", `${FOLDER}/gitweb.cgi`) || missingPerlModule("CGI") },
  () => {
    it("answers as the index script of its folder, whose files are sent", async (context) => {
      const site = await startSite(context, {
        directory: FOLDER,
        cgiInterpreters: { ".cgi": [] },
        cgiEnvironment: configuration(context),
      });
      await walks(site, `${site.url}/`);
      assert.doesNotMatch(await (await fetch(`${site.url}/gitweb.cgi`)).text(), /^#!/);
    });

    it("answers as a mount beside its files", async (context) => {
      const site = await startSite(context, {
        directory: FOLDER,
        cgiMounts: { "/web": { program: `${FOLDER}/gitweb.cgi`, environment: configuration(context) } },
      });
      const projects = await page(`${site.url}/web`);
      assert.match(projects, />demo\/\.git</);
      // gitweb names its files relative to where it lies itself.
      assert.ok(linked(projects, `${site.url}/web`).every((link) => link.startsWith(`${site.url}/`)));
      assert.match(await page(`${site.url}/web/demo/.git/tree`), /a file/);
      assert.match(await page(`${site.url}/web?p=demo/.git;a=blob;f=a+file`), /first(?:&nbsp;|\u00a0| )line/);
    });
  },
);
