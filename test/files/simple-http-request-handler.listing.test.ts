// Listings, as a browser gets and follows them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openFilesBelow, startSite, type Site, until } from "./running-site.ts";
import { buildTree, DIFFICULT_NAMES, emptyDirectory, put, SKIP_AS_ROOT, type Tree } from "./tree.ts";

let tree: Tree;
let site: Site;
before(async () => {
  tree = await buildTree();
  site = await startSite({ directory: tree.root });
});
after(async () => {
  await site[Symbol.asyncDispose]();
  await tree[Symbol.asyncDispose]();
});

/** The links of a page: where they lead from `target` as a browser resolves them, and the text they show. */
function linksOf(page: string, target: string): { path: string; text: string }[] {
  const rows = page.slice(page.indexOf("<tbody"));
  return Array.from(rows.matchAll(/<a class="\w+" href="([^"]*)">(.*?)<\/a>/gs), ([, href, text]) => {
    const url = new URL(href!, `http://here.example${target}`);
    assert.equal(url.origin, "http://here.example");
    assert.equal(url.search + url.hash, "");
    return { path: url.pathname, text: unescapeHtml(text!.replace(/<[^>]*>/g, "")) };
  });
}

function headingOf(page: string): string {
  return unescapeHtml(/<h1>(.*?)<\/h1>/s.exec(page)![1]!.replace(/<[^>]*>/g, ""));
}

const PARENT = "Parent folder";

function unescapeHtml(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return text.replace(/&([^;&]*);/g, (_all, name: string) => characters[name] ?? assert.fail(`&${name};`));
}

/** How a page shows a name: what nobody could see, or would turn the rest round, by its number. */
function readable(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}

describe("a listing", () => {
  it("has the title of the original, a type with its charset, and a policy (rows 32 and 33)", async () => {
    const answer = await site.ask("/sub/");
    assert.equal(answer.status, 200);
    assert.equal(answer.get("content-type"), "text/html; charset=utf-8");
    assert.match(answer.get("content-security-policy")!, /^default-src 'none'/);
    assert.match(answer.text, /<title>Directory listing for \/sub\/<\/title>/);
    assert.equal(headingOf(answer.text), "Directory listing for /sub/");
  });

  it("shows the path without the query (row 41)", async () => {
    assert.equal(headingOf((await site.ask("/sub/?x=123")).text), "Directory listing for /sub/");
    assert.equal(headingOf((await site.ask("//sub/deep/..")).text), "Directory listing for /sub/");
  });

  it("is allowed what it brings along by its own policy, and nothing else: one style, one script, pictures of its own", async () => {
    const { text, get } = await site.ask("/sub/");
    const policy = get("content-security-policy")!;
    for (const [name, directive] of [
      ["style", "style-src"],
      ["script", "script-src"],
    ]) {
      const elements = [...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))];
      assert.equal(elements.length, 1);
      const hash = createHash("sha256").update(elements[0]![1]!, "utf8").digest("base64");
      assert.ok(policy.split("; ").includes(`${directive} 'sha256-${hash}'`), directive);
    }
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
    assert.doesNotMatch(text, /<script [^>]|<img|<link|\ssrc=|\sstyle=|\son\w+=|url\(|@import/);
  });

  it("links to every file whatever its name is, and each link fetches that file (rows 33 and 40)", async () => {
    const links = linksOf((await site.ask("/names/")).text, "/names/");
    const byText = new Map(links.map((link) => [link.text, link.path]));
    assert.equal(links.length, DIFFICULT_NAMES.length + 1);
    for (const [name] of DIFFICULT_NAMES) {
      const path = byText.get(`${readable(name)}.txt`);
      assert.ok(path !== undefined, `no link for ${JSON.stringify(name)}`);
      const answer = await site.ask(path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.text, name);
    }
  });

  it("links to every directory, each with its title and its own files (rows 32 and 39)", async () => {
    const links = linksOf((await site.ask("/dirs/")).text, "/dirs/");
    for (const [name] of DIFFICULT_NAMES) {
      const { path } =
        links.find((link) => link.text === `${readable(name)}.dir/`) ?? assert.fail(JSON.stringify(name));
      const page = await site.ask(path);
      assert.equal(page.status, 200, path);
      const title = unescapeHtml(/<title>(.*)<\/title>/s.exec(page.text)![1]!);
      assert.equal(title, `Directory listing for /dirs/${readable(name)}.dir/`);
      const file = linksOf(page.text, path).find((link) => link.text === "x.txt")!;
      assert.equal((await site.ask(file.path)).text, name);
      const redirect = await site.ask(path.slice(0, -1));
      assert.equal(redirect.status, 301);
      assert.equal(new URL(redirect.get("location")!, "http://here.example").pathname, path);
    }
  });

  it("follows its own link to the parent", async () => {
    const up = linksOf((await site.ask("/sub/deep/")).text, "/sub/deep/").find(
      (link) => link.text === PARENT,
    );
    assert.equal(up?.path, "/sub/");
    assert.ok(!linksOf((await site.ask("/")).text, "/").some((link) => link.text === PARENT));
  });

  it("puts directories first and sorts without regard to case", async () => {
    const links = linksOf((await site.ask("/large-then-small/")).text, "/large-then-small/");
    assert.deepEqual(
      links.map((link) => link.text),
      [PARENT, "zebra/", "apple.txt", "Banana.txt", "cherry.txt"],
    );
  });

  it("holds nothing that would be refused: each of its links can be followed", async () => {
    for (const directory of ["/", "/sub/", "/.well-known/", "/index-broken/"]) {
      for (const { path, text } of linksOf((await site.ask(directory)).text, directory)) {
        if (SKIP_AS_ROOT === false && path.startsWith("/unreadable")) continue;
        const { status } = await site.ask(path);
        // An index page that lies outside is refused, and the directory is listed all the same.
        assert.ok(status === 200 || path === "/index-out/", `${status} for ${text}`);
      }
    }
  });

  it("marks links with @ and lists no hidden ones, and none that lead outside", async () => {
    const texts = new Set(linksOf((await site.ask("/")).text, "/").map((link) => link.text));
    for (const text of ["link-in@", "link-in-dir@", "a.txt", "sub/", ".well-known/"])
      assert.ok(texts.has(text), text);
    for (const text of texts)
      assert.doesNotMatch(text, /^(link-(out|sib|par|dev|bro|loop)(?!-and-back)|\.(env|git)|fifo|socket)/);
  });

  it("shows size and date", async () => {
    const { text } = await site.ask("/large-then-small/");
    const date = statSync(join(tree.root, "large-then-small/apple.txt"))
      .mtime.toISOString()
      .slice(0, 16)
      .replace("T", " ");
    assert.ok(text.includes(`>26 B<td role="cell" class="d">${date}`));
  });

  it("changes when the directory does, at once", async () => {
    using directory = emptyDirectory();
    await using site = await startSite({ directory: directory.path });
    for (let i = 0; i < 20; i++) {
      put(directory.path, `file ${i}`, "");
      assert.equal(linksOf((await site.ask("/")).text, "/").length, i + 1);
    }
  });

  it("of an empty directory is a page, too", async () => {
    using directory = emptyDirectory();
    mkdirSync(join(directory.path, "empty"));
    await using site = await startSite({ directory: directory.path });
    assert.match((await site.ask("/empty/")).text, /0 entries/);
  });

  it("of an unreadable directory is 404", { skip: SKIP_AS_ROOT }, async () => {
    assert.equal((await site.ask("/unreadable/")).status, 404);
  });
});

it("leaves no file open", () => until(() => openFilesBelow(tree.base) <= 0, "all files closed"));
