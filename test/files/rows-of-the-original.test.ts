// Rows 32–52 and 85–87 of the behaviour that the original's own test suite asserts: SimpleHTTPRequestHandler on a real socket.
// Where htbin differs on purpose the name says so, and docs/python.md gives the reason.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { canonicalPath } from "../../src/files/url-path.ts";
import { translatePath, windowsPath } from "../../src/files/translate-path.ts";
import { exchange, RawClient } from "../raw-client.ts";
import { type Answer, type Settings, type Site, startSite } from "./running-site.ts";
import { emptyDirectory, put, SKIP_AS_ROOT } from "./tree.ts";

const DATA = "thirty bytes of plain content\n";
const CHANGED = new Date("2024-02-29T12:00:00Z");
const HOUR = 3_600_000;
const posix = { skip: process.platform === "win32" ? "names that Windows does not allow" : false };

interface Served extends Site {
  /** The directory that is served; `d` below it has the file `test`. */
  readonly root: string;
}

async function serve(t: TestContext, settings: Settings = {}): Promise<Served> {
  const directory = emptyDirectory();
  const file = put(directory.path, "d/test", DATA);
  utimesSync(file, CHANGED, CHANGED);
  const site = await startSite({ directory: directory.path, ...settings });
  t.after(async () => {
    await site[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });
  return { ...site, root: directory.path, [Symbol.asyncDispose]: async () => {} };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Title and heading of a listing, with the quotes as they were. */
function titlesOf(answer: Answer): string[] {
  return [...answer.text.matchAll(/<(title|h1)>(.*?)<\/\1>/g)].map(([, , title]) =>
    // The heading has elements of its own; whatever of the name were one would be missing.
    title!
      .replace(/<\/?(span|bdi)>/g, "")
      .replaceAll("&quot;", '"')
      .replaceAll("&#39;", "'"),
  );
}

/** Without `~`, `!` and the like every character is encoded. */
function encoded(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const NAMES = ["q?", "f#", "&amp;", "&amp", "<i>", '"dq"', "'sq'", "%A4", "%E2%82%AC"];

describe("rows 32–52: SimpleHTTPRequestHandler", () => {
  it("row 32: a directory with a name beyond ASCII is listed with its name in title and heading", async (t) => {
    const site = await serve(t);
    mkdirSync(join(site.root, "d", "\u00e4\u20ac.dir"));
    const answer = await site.ask(`/d/${encoded("\u00e4\u20ac")}.dir/`);
    assert.equal(answer.status, 200);
    const title = "Directory listing for /d/\u00e4\u20ac.dir/";
    assert.deepEqual(titlesOf(answer), [title, title]);
  });

  it("row 33: a name beyond ASCII is encoded in the link and plain in the text, and the link fetches it", async (t) => {
    const site = await serve(t);
    put(site.root, "d/\u00e4\u20ac.txt", DATA);
    const listing = await site.ask("/d/");
    const href = `${encoded("\u00e4\u20ac")}.txt`;
    assert.match(listing.get("content-type")!, /charset=utf-8/);
    assert.ok(listing.text.includes(`href="${href}"`));
    assert.ok(listing.text.includes("\u00e4\u20ac.txt"));
    assert.equal((await site.ask(`/d/${href}`)).text, DATA);
  });

  it(
    "rows 34–36: a name that is not UTF-8 is listed, and its link fetches that very file",
    { skip: process.platform === "linux" ? false : "only Linux has such names" },
    async (t) => {
      const site = await serve(t);
      const bad = Buffer.concat([Buffer.from(join(site.root, "d/")), Buffer.from([0xff])]);
      writeFileSync(Buffer.concat([bad, Buffer.from(".txt")]), DATA);
      mkdirSync(Buffer.concat([bad, Buffer.from(".dir")]));
      put(site.root, "e/\ufffd.dir/x", "x");
      const listing = await site.ask("/d/");
      assert.deepEqual(
        [...listing.text.matchAll(/<td role="cell"><a [^>]*href="([^"]*)"/g)].map(([, href]) => href),
        ["../", "%FF.dir/", "test", "%FF.txt"],
      );
      assert.ok(listing.text.includes("\ufffd.txt"));
      assert.equal((await site.ask("/d/%ff.txt")).text, DATA);
      assert.equal((await site.ask("/d/%ff.dir/")).status, 200);
      assert.equal((await site.ask("/d/%ff.dir")).get("location"), "/d/%ff.dir/");
      assert.equal((await site.ask("/e/%ff.dir/")).status, 404, "not the directory named U+FFFD");
      assert.equal((await site.ask("/e/%EF%BF%BD.dir/")).status, 200);
    },
  );

  for (const name of NAMES) {
    it(`row 39: the directory ${name}.dir has its name in title and heading, as text`, posix, async (t) => {
      const site = await serve(t);
      mkdirSync(join(site.root, "d", `${name}.dir`));
      const answer = await site.ask(`/d/${encoded(name)}.dir/`);
      assert.equal(answer.status, 200);
      const title = escaped(`Directory listing for /d/${name}.dir/`);
      assert.deepEqual(titlesOf(answer), [title, title]);
    });

    it(
      `row 40: the file ${name}.txt is linked by its encoded name, and the link fetches it`,
      posix,
      async (t) => {
        const site = await serve(t);
        put(site.root, `d/${name}.txt`, DATA);
        const { text } = await site.ask("/d/");
        const href = `${encoded(name)}.txt`;
        assert.ok(text.includes(`href="${href}"`), text);
        assert.ok(
          text
            .replaceAll("&quot;", '"')
            .replaceAll("&#39;", "'")
            .includes(`${escaped(name)}.txt`),
        );
        assert.equal((await site.ask(`/d/${href}`)).text, DATA);
      },
    );
  }

  it("row 41: a listing is titled without the query; a fragment, differs, is 400", async (t) => {
    const site = await serve(t);
    const title = "Directory listing for /d/";
    assert.deepEqual(titlesOf(await site.ask("/d/?x=123")), [title, title]);
    assert.equal((await site.ask("/d/#123")).status, 400);
  });

  it("row 42: the redirect to a directory stays on this host, whatever the path begins with", async (t) => {
    const site = await serve(t);
    const path = "python.org/..%2f..%2f..%2f../%0a%0d/../d";
    for (const slashes of ["/", "//", "///"]) {
      const answer = await site.ask(`${slashes}${path}`);
      assert.equal(answer.status, 301);
      assert.equal(answer.get("location"), `/${path}/`);
    }
  });

  it("row 42, differs: an https URL for a target is 421, and of an http URL only the path is redirected", async (t) => {
    const site = await serve(t);
    assert.equal((await site.ask("https://pypi.org/d")).status, 421);
    assert.equal((await site.ask("http://pypi.org//d")).get("location"), "/d/");
  });

  const ROW_43: [target: string, status: number, location?: string][] = [
    ["/d/test", 200],
    ["/d/test/", 404],
    ["/d/test%2f", 404],
    ["/d/test%2F", 404],
    ["/d/", 200],
    ["/d", 301, "/d/"],
    ["/d/?hi=2", 200],
    ["/d?hi=1", 301, "/d/?hi=1"],
    ["/ThisDoesNotExist", 404],
    ["/ThisDoesNotExist/", 404],
  ];
  for (const [target, status, location] of ROW_43) {
    it(`row 43: ${target} is ${status}${location === undefined ? "" : ` to ${location}`}`, async (t) => {
      const answer = await (await serve(t)).ask(target);
      assert.equal(answer.status, status);
      assert.equal(answer.get("location"), location);
      if (status === 301) assert.equal(answer.get("content-length"), "0");
      if (target === "/d/test") assert.equal(answer.text, DATA);
    });
  }

  it("row 43, differs: /d%2f is redirected to /d/, from where the links of the page lead to its files", async (t) => {
    const site = await serve(t);
    put(site.root, "d e/\u00e4/x", "x");
    for (const [target, location] of [
      ["/d%2f", "/d/"],
      ["/d%2F?sort=size", "/d/?sort=size"],
      ["/d%20e%2F%c3%a4/", "/d%20e/%C3%A4/"],
      ["/%2fd%2f", "/d/"],
    ] as const) {
      const answer = await site.ask(target);
      assert.equal(answer.status, 301, target);
      assert.equal(answer.get("location"), location);
      assert.equal((await site.ask(location)).status, 200);
    }
  });

  it("row 43: a directory named index.html is no index page, and a file is", async (t) => {
    const site = await serve(t);
    mkdirSync(join(site.root, "d", "spam", "index.html"), { recursive: true });
    assert.match((await site.ask("/d/spam/")).text, /<h1>.*Directory listing for/);
    put(site.root, "d/index.html", "the page");
    assert.equal((await site.ask("/d/")).text, "the page");
  });

  it("row 43: a directory that cannot be read is 404", { skip: SKIP_AS_ROOT }, async (t) => {
    const site = await serve(t);
    chmodSync(join(site.root, "d"), 0);
    t.after(() => chmodSync(join(site.root, "d"), 0o755));
    assert.equal((await site.ask("/d/")).status, 404);
  });

  it("row 44: HEAD has length and type of the file, and no body", async (t) => {
    const answer = await (await serve(t)).ask("/d/test", { method: "HEAD" });
    assert.equal(answer.status, 200);
    assert.equal(answer.get("content-length"), "30");
    assert.equal(answer.get("content-type"), "application/octet-stream");
    assert.equal(answer.body.length, 0);
  });

  for (const [row, what, offset, status] of [
    [45, "the time of the file", 0, 304],
    [45, "an hour later", HOUR, 304],
    [46, "a year earlier", -365 * 24 * HOUR, 200],
  ] as const) {
    it(`row ${row}: If-Modified-Since with ${what} is ${status}`, async (t) => {
      const fields = { "If-Modified-Since": new Date(CHANGED.getTime() + offset).toUTCString() };
      assert.equal((await (await serve(t)).ask("/d/test", { fields })).status, status);
    });
  }

  it("row 47: If-Modified-Since is ignored beside If-None-Match", async (t) => {
    // The original sends `*`, which a server that knows If-None-Match answers with 304.
    const fields = { "If-Modified-Since": CHANGED.toUTCString(), "If-None-Match": '"another"' };
    assert.equal((await (await serve(t)).ask("/d/test", { fields })).status, 200);
  });

  for (const method of ["FOO", "custom", "GETs"]) {
    it(`row 48: the method ${method} is 501`, async (t) => {
      assert.equal((await (await serve(t)).ask("/d/test", { method })).status, 501);
    });
  }

  it("row 49: Last-Modified is the time of the file to the second, as an IMF-fixdate", async (t) => {
    const answer = await (await serve(t)).ask("/d/test");
    assert.equal(answer.get("last-modified"), "Thu, 29 Feb 2024 12:00:00 GMT");
  });

  for (const target of ["d/test", "d/test/", "d/", "d", "d/?hi=2", "d?hi=1"]) {
    it(`row 50, differs: ${target} has no leading slash and is 400`, async (t) => {
      assert.equal((await (await serve(t)).ask(target)).status, 400);
    });
  }

  it("row 52: extra headers are on a file and on a listing, and do not add up on one connection", async (t) => {
    const extraResponseHeaders = [
      ["X-Test1", "value1"],
      ["X-Test2", "value2"],
    ] as const;
    const site = await serve(t, { extraResponseHeaders });
    using client = await RawClient.connect(site.port);
    const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const answers = await client.send(request("/d/test") + request("/d/") + request("/d/test")).responses(3);
    for (const answer of answers) {
      assert.equal(answer.get("x-test1"), "value1");
      assert.equal(answer.get("x-test2"), "value2");
    }
  });

  it("rows 32–50: HTTP/1.0 gets HTTP/1.1's status line, close, the body, and nothing behind it", async (t) => {
    const site = await serve(t);
    const text = await exchange(site.port, "GET /d/test HTTP/1.0\r\n\r\n");
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(text, /^Connection: close\r$/m);
    assert.ok(text.endsWith(`\r\n\r\n${DATA}`));
  });
});

describe("rows 85–87: translatePath", () => {
  it("row 85: query and fragment are no part of the path", posix, () => {
    for (const target of ["/filename", "/filename?foo=bar", "/filename?a=b&spam=eggs#zot"]) {
      assert.equal(translatePath(target, "/root"), "/root/filename");
    }
  });

  it("row 86: two slashes at the start are one", posix, () => {
    for (const target of ["//filename", "//filename?foo=bar"]) {
      assert.equal(translatePath(target, "/root"), "/root/filename");
    }
  });

  for (const target of [
    "c:c:c:foo/filename",
    "\\c:../filename",
    "c:\\c:..\\foo/filename",
    "c:c:foo\\c:c:bar/filename",
  ]) {
    it(`row 87, differs: on Windows ${target} names no file, instead of what is left of it`, () => {
      assert.throws(() => windowsPath(canonicalPath(`/${target}`)), { status: 404 });
    });
  }
});
