// A script as `single`: it answers for every path at which nothing is, as PHP's applications want it (`try_files` of nginx).

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";

import { fastCGIApplication } from "./fake-application.ts";
import { get, parseResponse, post, type Response, type Site, startSite } from "./running-site.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";

const SOURCE =
  'echo "Content-Type: text/plain"; echo; ' +
  'echo "$REQUEST_METHOD $SCRIPT_NAME ${PATH_INFO-none} $QUERY_STRING $REQUEST_URI ${SCRIPT_FILENAME##*/}"; cat\n';

async function ask(site: Site, request: string): Promise<Response> {
  return parseResponse(await site.exchange(request));
}

async function startApplication(
  context: TestContext,
  settings: Parameters<typeof startSite>[1] = {},
): Promise<Site> {
  const site = await startSite(context, {
    cgiInterpreters: { ".sh": ["/bin/sh"] },
    single: "index.sh",
    ...settings,
  });
  put(site.root, "index.sh", SOURCE);
  put(site.root, "style.css", "body {}");
  put(site.root, "admin/index.sh", 'echo "Content-Type: text/plain"; echo; echo admin\n');
  put(site.root, ".env", "PASSWORD=secret");
  mkdirSync(join(site.root, "uploads"));
  return site;
}

describe("a script as the page of a single-page application", { skip: onWindows }, () => {
  it("answers where nothing is, whatever the method, the type asked for, and the path", async (context) => {
    const site = await startApplication(context);
    assert.equal(
      (await ask(site, get("/2024/my%20post/?a=1"))).body,
      "GET /index.sh none a=1 /2024/my%20post/?a=1 index.sh\n",
    );
    assert.equal((await ask(site, get("/feed.xml"))).body, "GET /index.sh none  /feed.xml index.sh\n");
    assert.equal(
      (await ask(site, post("/api/x", "body"))).body,
      "POST /index.sh none  /api/x index.sh\nbody",
    );
    const put = await ask(site, post("/api/x", "body").replace("POST", "PUT"));
    assert.match(put.body, /^PUT \/index\.sh/);
    const head = await ask(site, get("/x").replace("GET", "HEAD"));
    assert.deepEqual([head.status, head.body], [200, ""]);
    assert.match(head.head, /^Content-Type: text\/plain$/m);
    const options = await ask(site, get("/x").replace("GET", "OPTIONS"));
    assert.match(options.body, /^OPTIONS \/index\.sh/);
    assert.match((await ask(site, get("/style.css/x"))).body, /^GET \/index\.sh/);
    assert.match((await ask(site, get("/.well-known/x"))).body, /^GET \/index\.sh/);
    const all = await ask(site, get("*").replace("GET", "OPTIONS"));
    assert.match(all.head, /^HTTP\/1\.1 204 .*^Allow: GET, HEAD, OPTIONS\r$/ms);
  });

  it(
    "hides no file whose name is not UTF-8",
    { skip: process.platform !== "linux" && "this disk has no such names" },
    async (context) => {
      const site = await startApplication(context);
      writeFileSync(Buffer.from(`${site.root}/caf\xe9.txt`, "latin1"), "au lait");
      assert.equal((await ask(site, get("/caf%E9.txt"))).body, "au lait");
      assert.equal((await ask(site, get("/caf%E8.txt"))).status, 200);
    },
  );

  it("hides nothing that is there, and shows nothing that is refused", async (context) => {
    const site = await startApplication(context);
    const outside = put(temporaryDirectory(context), "secret", "secret");
    symlinkSync(outside, join(site.root, "link"));
    symlinkSync(join(outside, ".."), join(site.root, "away"));
    assert.equal((await ask(site, get("/style.css"))).body, "body {}");
    assert.equal((await ask(site, get("/admin/"))).body, "admin\n");
    assert.equal((await ask(site, get("/admin"))).status, 301);
    assert.match((await ask(site, get("/uploads/"))).body, /<title>.*uploads/);
    assert.match((await ask(site, get("/index.sh/info"))).body, /^GET \/index\.sh \/info/);
    assert.match((await ask(site, get("/"))).body, /^GET \/index\.sh none/);
    for (const path of ["/.env", "/.git/config", "/link", "/away/secret", "/away/nothing", "/cgi-bin/x"]) {
      assert.equal((await ask(site, get(path))).status, 404, path);
    }
    assert.equal((await ask(site, get("/x").replace("GET", "TRACE"))).status, 405);
    const range = await ask(site, get("/nothing", "Range: bytes=0-9\r\n"));
    assert.doesNotMatch(range.body, /echo/);
  });

  it("answers for directories without an index page where these are not listed", async (context) => {
    const site = await startApplication(context, { listing: false });
    assert.match((await ask(site, get("/uploads/"))).body, /^GET \/index\.sh none  \/uploads\//);
    put(site.root, "pages/index.html", "page");
    assert.equal((await ask(site, get("/pages/"))).body, "page");
  });

  it("may be a script of a CGI directory, or of an application that runs already", async (context) => {
    const scripted = await startSite(context, { single: "cgi-bin/app" });
    scripted.script("app", `#!/bin/sh\n${SOURCE}`);
    assert.equal((await ask(scripted, get("/x?q"))).body, "GET /cgi-bin/app none q /x?q app\n");

    const { address } = await fastCGIApplication(context, ({ variables, stdout, end }) => {
      stdout(`Content-Type: text/plain\n\n${variables["SCRIPT_NAME"]} ${variables["REQUEST_URI"]}`);
      end();
    });
    const site = await startSite(context, { fastcgi: { ".php": address }, single: "index.php" });
    put(site.root, "index.php", "<?php");
    put(site.root, "style.css", "body {}");
    assert.equal((await ask(site, get("/a/b?c"))).body, "/index.php /a/b?c");
    assert.equal((await ask(site, post("/a/b", "x"))).body, "/index.php /a/b");
    assert.equal((await ask(site, get("/style.css"))).body, "body {}");
  });

  it("is 404 as long as it is not there, and its source is never sent", async (context) => {
    const site = await startApplication(context, { single: "app.sh" });
    assert.equal((await ask(site, get("/x"))).status, 404);
    const browser = "Accept: text/html\r\n";
    assert.equal((await ask(site, get("/x", browser))).status, 404);
  });
});
