// gitweb: a Perl program with its style sheet beside it, as an index script and as a mount.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { GITWEB_FOLDER, gitwebSettings, SKIP_WITHOUT_GITWEB } from "./gitweb.ts";
import { type Site, startSite } from "./running-site.ts";

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

describe("gitweb", { skip: SKIP_WITHOUT_GITWEB }, () => {
  it("answers as the index script of its folder, whose files are sent", async (context) => {
    const site = await startSite(context, {
      directory: GITWEB_FOLDER,
      cgiInterpreters: { ".cgi": [] },
      cgiEnvironment: gitwebSettings(context),
    });
    await walks(site, `${site.url}/`);
    assert.doesNotMatch(await (await fetch(`${site.url}/gitweb.cgi`)).text(), /^#!/);
  });

  it("answers as a mount beside its files", async (context) => {
    const site = await startSite(context, {
      directory: GITWEB_FOLDER,
      cgiMounts: { "/web": { program: `${GITWEB_FOLDER}/gitweb.cgi`, environment: gitwebSettings(context) } },
    });
    const projects = await page(`${site.url}/web`);
    assert.match(projects, />demo\/\.git</);
    // gitweb names its files relative to where it lies itself.
    assert.ok(linked(projects, `${site.url}/web`).every((link) => link.startsWith(`${site.url}/`)));
    assert.match(await page(`${site.url}/web/demo/.git/tree`), /a file/);
    assert.match(await page(`${site.url}/web?p=demo/.git;a=blob;f=a+file`), /first(?:&nbsp;|\u00a0| )line/);
  });
});
