// A link that leads to a page when it is looked at, and to the source of a script when it is opened: who may write into the folder can
// turn links as fast as the server looks. What is open is what counts.

import assert from "node:assert/strict";
import { closeSync, openSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it, type TestContext } from "node:test";

import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { openContained, openContainedDirectory } from "../../src/files/open-contained.ts";
import { feed } from "../handler/fed.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const SECRET = "the source of a script";
const SCRIPT = `#!/bin/sh\n# ${SECRET}\n`;
const posix = { skip: process.platform === "win32" && "links need a right there that few have" };

interface Case {
  /** A link in the folder. */
  readonly link: string;
  readonly before: string;
  readonly after: string;
  readonly request: string;
  readonly settings?: Partial<CGIHTTPRequestHandler>;
}

const get = (path: string, fields = ""): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`;
const HTML = "Accept: text/html\r\n";

const cases: Readonly<Record<string, Case>> = {
  "a file": { link: "l.txt", before: "a.txt", after: "cgi-bin/s", request: get("/l.txt") },
  "a part of a file": {
    link: "l.txt",
    before: "a.txt",
    after: "cgi-bin/s",
    request: get("/l.txt", "Range: bytes=1-\r\n"),
  },
  "a directory on the way": { link: "d", before: "docs", after: "cgi-bin", request: get("/d/s") },
  "a listed directory": { link: "d", before: "docs", after: "cgi-bin", request: get("/d/") },
  "a directory to be packed": {
    link: "d",
    before: "docs",
    after: "cgi-bin",
    request: get("/d/?archive=tar"),
  },
  "an index page": {
    link: "docs/index.html",
    before: "../a.txt",
    after: "../cgi-bin/s",
    request: get("/docs/"),
  },
  "the page of what is not there": {
    link: "404.html",
    before: "a.txt",
    after: "cgi-bin/s",
    request: get("/none", HTML),
  },
  "the page of an application": {
    link: "app.html",
    before: "a.txt",
    after: "cgi-bin/s",
    request: get("/route", HTML),
    settings: { single: "app.html" },
  },
  "a packed file": {
    link: "docs/l.txt",
    before: "../a.txt",
    after: "../cgi-bin/s",
    request: get("/docs/?archive=tar"),
  },
  "a file with an interpreter": {
    link: "l.txt",
    before: "a.txt",
    after: "x.php",
    request: get("/l.txt"),
    settings: { cgiInterpreters: { ".php": ["php-cgi"] } },
  },
  "a file of an application": {
    link: "l.txt",
    before: "a.txt",
    after: "X.PHP~",
    request: get("/l.txt"),
    settings: { fastcgi: { ".php": "unix:/nowhere" } },
  },
  "a file, where links may lead anywhere": {
    link: "l.txt",
    before: "a.txt",
    after: "cgi-bin/s",
    request: get("/l.txt"),
    settings: { followSymlinks: true },
  },
};

/** A handler for which the link is turned just after it was asked whether the file may be sent. */
function turningHandler(
  context: TestContext,
  { link, before, after, settings }: Case,
): typeof CGIHTTPRequestHandler {
  const root = temporaryDirectory(context);
  put(root, "a.txt", "a page");
  put(root, "docs/s", "a page");
  put(root, "cgi-bin/s", SCRIPT);
  put(root, "cgi-bin/secret-name", "");
  put(root, "x.php", SCRIPT);
  put(root, "X.PHP~", SCRIPT);
  symlinkSync(before, join(root, link));
  // The link, what is behind it, or the directory of an index page.
  const isAsked = (path: string): boolean =>
    path.startsWith(join(root, link)) ||
    (link.endsWith("/index.html") && path === join(root, dirname(link), "/"));
  return class extends CGIHTTPRequestHandler {
    constructor(...args: ConstructorParameters<typeof CGIHTTPRequestHandler>) {
      super(...args);
      Object.assign(this, { directory: root, ...settings });
    }
    protected override maySend(path: string): boolean {
      const answer = super.maySend(path);
      if (isAsked(normalize(path))) {
        rmSync(join(root, link));
        symlinkSync(after, join(root, link));
      }
      return answer;
    }
    override logMessage(): void {}
  };
}

describe("a link that is turned to a script while it is requested", posix, () => {
  for (const [name, each] of Object.entries(cases)) {
    it(`gives away nothing as ${name}`, async (context) => {
      const { output, errors } = await feed(turningHandler(context, each), each.request);
      assert.match(output, /^HTTP\/1\.1 (?:200|404) /);
      assert.ok(!output.includes(SECRET), output);
      assert.ok(!output.includes("secret-name"), output);
      assert.deepEqual(errors, []);
    });
  }
});

describe("MayOpen", posix, () => {
  it("is asked about the file that is open, and closes what it refuses", (context) => {
    const root = temporaryDirectory(context);
    put(root, "a/x.txt", "");
    symlinkSync("a", join(root, "b"));
    const asked: string[] = [];
    const refuse = (real: string): boolean => {
      asked.push(real);
      return false;
    };
    assert.equal(openContained(join(root, "b/x.txt"), undefined, refuse), "refused");
    assert.equal(openContainedDirectory(join(root, "b"), root, refuse), "refused");
    assert.deepEqual(asked, [join(root, "a/x.txt"), `${join(root, "a")}/`]);
  });

  it("is asked by its real extension about a file that has been replaced meanwhile", (context) => {
    if (process.platform !== "linux")
      return context.skip("only Linux adds to the names of files that have gone");
    const root = temporaryDirectory(context);
    const path = put(root, "x.php", "");
    const descriptor = openSync(path, "r");
    context.after(() => closeSync(descriptor));
    rmSync(path);
    const asked: string[] = [];
    const refuse = (real: string): boolean => {
      asked.push(real);
      return !real.endsWith(".php");
    };
    assert.equal(openContained(`/proc/self/fd/${descriptor}`, undefined, refuse), "refused");
    assert.deepEqual(asked, [`${path} (deleted)`, path]);
  });
});
