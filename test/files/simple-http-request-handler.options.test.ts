// What the options about files do, on a whole server: 404.html, single, base, cors, maxAge, auth, listing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HTTPRequestError } from "../../src/errors.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { openFilesBelow, type Request, type Settings, startSite } from "./running-site.ts";
import { emptyDirectory, put, SECRET } from "./tree.ts";

const HTML = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const NAVIGATION: Request = { fields: HTML };

interface Options extends Settings {
  listing?: boolean;
  single?: string;
  base?: string;
  cors?: boolean;
  maxAge?: number;
  auth?: string;
}

let folder: ReturnType<typeof emptyDirectory>;
before(() => {
  folder = emptyDirectory();
  put(folder.path, "index.html", "<p>the application");
  put(folder.path, "app.html", "<p>another application");
  put(folder.path, "a.txt", "a");
  put(folder.path, "users", "a file without an extension");
  put(folder.path, "docs/page.html", "a page");
  put(folder.path, "with-index/index.html", "an index");
  put(folder.path, ".env", SECRET);
  mkdirSync(join(folder.path, "empty"));
  symlinkSync("/etc/hostname", join(folder.path, "out"));
});
after(() => folder[Symbol.dispose]());

function site(options: Options, Base = SimpleHTTPRequestHandler): ReturnType<typeof startSite> {
  return startSite({ directory: folder.path, ...options }, Base);
}

describe("404.html", () => {
  it("is the body of 404 for GET and HEAD of clients that ask for HTML; the status stays", async () => {
    using own = emptyDirectory();
    put(own.path, "404.html", "<h1>Not here</h1>");
    await using server = await startSite({ directory: own.path });
    const answer = await server.ask("/nothing", NAVIGATION);
    assert.equal(answer.status, 404);
    assert.equal(answer.text, "<h1>Not here</h1>");
    assert.match(answer.get("content-type")!, /^text\/html/);
    assert.equal(answer.get("vary"), "Accept");
    const head = await server.ask("/nothing", { method: "HEAD", ...NAVIGATION });
    assert.equal(head.status, 404);
    assert.equal(head.get("content-length"), "17");
    for (const fields of [{}, { Accept: "*/*" }, { Accept: "image/avif,*/*" }, { Accept: "text/html;q=0" }]) {
      const other = await server.ask("/nothing", { fields });
      assert.equal(other.status, 404);
      assert.doesNotMatch(other.text, /Not here/);
    }
    const post = await server.ask("/nothing", { method: "POST", ...NAVIGATION });
    assert.doesNotMatch(post.text, /Not here/);
    // Asked for by name it is a page like any other.
    assert.equal((await server.ask("/404.html")).status, 200);
  });

  it("is read when it is needed, and not at all if it leads outside, is no file, or is larger than 1 MiB", async () => {
    using own = emptyDirectory();
    using outside = emptyDirectory();
    put(outside.path, "secret", SECRET);
    await using server = await startSite({ directory: own.path });
    assert.match((await server.ask("/nothing", NAVIGATION)).text, /<title>404/);
    symlinkSync(join(outside.path, "secret"), join(own.path, "404.html"));
    assert.doesNotMatch((await server.ask("/nothing", NAVIGATION)).text, new RegExp(SECRET));
    using second = emptyDirectory();
    mkdirSync(join(second.path, "404.html"));
    await using other = await startSite({ directory: second.path });
    assert.match((await other.ask("/nothing", NAVIGATION)).text, /<title>404/);
    using third = emptyDirectory();
    put(third.path, "404.html", "x".repeat(1024 * 1024 + 1));
    await using large = await startSite({ directory: third.path });
    assert.match((await large.ask("/nothing", NAVIGATION)).text, /<title>404/);
    assert.ok([own, second, third].every(({ path }) => openFilesBelow(path) <= 0));
  });

  it("is also sent for what is there and refused: nobody sees the difference", async () => {
    using own = emptyDirectory();
    put(own.path, "404.html", "Not here");
    put(own.path, ".env", SECRET);
    await using server = await startSite({ directory: own.path });
    for (const target of ["/.env", "/nothing"]) {
      const answer = await server.ask(target, NAVIGATION);
      assert.equal(answer.status, 404);
      assert.equal(answer.text, "Not here");
    }
  });
});

describe("single", () => {
  it("answers with the application for a path without an extension where nothing is", async () => {
    await using server = await site({ single: "index.html" });
    for (const target of ["/users/7", "/users/7/", "/a/b/c?x=y.z", "/a.b/c", `/${"x".repeat(300)}`]) {
      const answer = await server.ask(target, NAVIGATION);
      assert.equal(answer.status, 200, target);
      assert.equal(answer.text, "<p>the application");
      assert.match(answer.get("vary")!, /Accept/);
      assert.match(answer.get("content-type")!, /^text\/html/);
    }
    assert.equal((await server.ask("/users/7", { method: "HEAD", ...NAVIGATION })).status, 200);
  });

  it("hides nothing that exists: files, directories, listings, refused names", async () => {
    await using server = await site({ single: "index.html" });
    assert.equal((await server.ask("/users", NAVIGATION)).text, "a file without an extension");
    assert.equal((await server.ask("/with-index/", NAVIGATION)).text, "an index");
    assert.equal((await server.ask("/docs", NAVIGATION)).status, 301);
    assert.match((await server.ask("/docs/", NAVIGATION)).text, /page\.html/);
    for (const target of ["/.env", "/out", "/..%2f.env"]) {
      assert.equal((await server.ask(target, NAVIGATION)).status, 404, target);
    }
  });

  it("does not tell what is there behind a link that leads out, and what is not", async () => {
    using own = emptyDirectory();
    using outside = emptyDirectory();
    put(own.path, "index.html", "the application");
    put(outside.path, "there/secret", SECRET);
    symlinkSync(outside.path, join(own.path, "out"));
    const options: Options = { directory: own.path, single: "index.html" };
    await using server = await startSite(options);
    const targets = [
      "/out",
      "/out/",
      "/out/there",
      "/out/there/secret",
      "/out/nothing",
      "/out/nothing/below",
    ];
    for (const target of targets) {
      const answer = await server.ask(target, NAVIGATION);
      assert.equal(answer.status, 404, target);
      assert.equal(answer.get("location"), undefined);
    }
    assert.equal((await server.ask("/nothing/below", NAVIGATION)).status, 200);
  });

  it("and 404.html are never the source of a script", { skip: process.platform === "win32" }, async () => {
    using own = emptyDirectory();
    put(own.path, "cgi-bin/x", `#!/bin/sh\n# ${SECRET}\n`);
    symlinkSync("cgi-bin/x", join(own.path, "404.html"));
    symlinkSync("cgi-bin/x", join(own.path, "app.html"));
    for (const single of ["app.html", "cgi-bin/x"]) {
      const options: Options = { directory: own.path, single };
      await using server = await startSite(options, CGIHTTPRequestHandler);
      for (const target of ["/route", "/nothing.png", "/cgi-bin/nothing"]) {
        const answer = await server.ask(target, NAVIGATION);
        // A script that is named itself is run where nothing is; this one lacks its x bit.
        const isAsked = single === "cgi-bin/x" && !target.startsWith("/cgi-bin/");
        assert.equal(answer.status, isAsked ? 403 : 404, target);
        assert.ok(!answer.text.includes(SECRET), target);
      }
    }
  });

  it("is for navigation only", async () => {
    await using server = await site({ single: "index.html" });
    for (const target of ["/app.9f3.js", "/users/john.doe", "/favicon.ico"]) {
      assert.equal((await server.ask(target, NAVIGATION)).status, 404, target);
    }
    for (const fields of [
      {},
      { Accept: "*/*" },
      { Accept: "application/json" },
      { Accept: "text/html;q=0.0, */*" },
    ]) {
      const answer = await server.ask("/api/users", { fields });
      assert.equal(answer.status, 404);
      assert.match(answer.get("vary")!, /Accept/);
    }
    assert.equal((await server.ask("/api/users", { method: "POST", ...NAVIGATION })).status, 405);
  });

  it("takes another file, and is 404 if that is missing", async () => {
    await using server = await site({ single: "app.html" });
    assert.equal((await server.ask("/users/7", NAVIGATION)).text, "<p>another application");
    await using missing = await site({ single: "missing.html" });
    assert.equal((await missing.ask("/users/7", NAVIGATION)).status, 404);
  });

  it("answers for directories that are not listed", async () => {
    await using server = await site({ single: "index.html", listing: false });
    assert.equal((await server.ask("/empty/", NAVIGATION)).text, "<p>the application");
    assert.equal((await server.ask("/empty/")).status, 404);
  });

  it("comes before 404.html, which is left for what is no page of it", async () => {
    using own = emptyDirectory();
    put(own.path, "404.html", "Not here");
    put(own.path, "index.html", "the application");
    const options: Options = { directory: own.path, single: "index.html" };
    await using server = await startSite(options);
    assert.equal((await server.ask("/a", NAVIGATION)).text, "the application");
    assert.equal((await server.ask("/a.png", NAVIGATION)).text, "Not here");
  });
});

describe("listing", () => {
  it("when it is off, directories without an index page are 404", async () => {
    await using server = await site({ listing: false });
    assert.equal((await server.ask("/docs/")).status, 404);
    assert.equal((await server.ask("/docs/page.html")).text, "a page");
    assert.equal((await server.ask("/with-index/")).text, "an index");
  });
});

describe("base", () => {
  it("serves the folder below the prefix, and nothing elsewhere", async () => {
    await using server = await site({ base: "/pre/fix" });
    assert.equal((await server.ask("/pre/fix/a.txt")).text, "a");
    assert.equal((await server.ask("/pre/fix/")).text, "<p>the application");
    for (const target of [
      "/a.txt",
      "/pre/a.txt",
      "/pre/fixa.txt",
      "/pre/fix/../a.txt",
      "/pre/fix/%2e%2e/a.txt",
      "/pre",
    ]) {
      assert.equal((await server.ask(target)).status, 404, target);
    }
  });

  it("is shown the way: from / for now, from other spellings for ever", async () => {
    await using server = await site({ base: "pre/fix/" });
    for (const [target, status, location] of [
      ["/", 302, "/pre/fix/"],
      ["/?a=b", 302, "/pre/fix/?a=b"],
      ["/pre/fix", 301, "/pre/fix/"],
      ["/pre/fix?a=b", 301, "/pre/fix/?a=b"],
      ["/%70re/fix/a.txt?x", 301, "/pre/fix/a.txt?x"],
      ["/pre%2ffix/a%20b", 301, "/pre/fix/a%20b"],
      ["/x/../pre/fix/a.txt", 301, "/pre/fix/a.txt"],
      ["/pre/fix/docs", 301, "/pre/fix/docs/"],
      ["/pre/fix/docs%2f", 301, "/pre/fix/docs/"],
    ] as const) {
      const answer = await server.ask(target);
      assert.equal(answer.status, status, target);
      assert.equal(answer.get("location"), location);
      assert.equal(new URL(location, "http://here.example/").host, "here.example");
    }
    assert.equal((await server.ask("/", { method: "DELETE" })).status, 404);
  });

  it("takes any name, encoded or not; links of a listing stay below it", async () => {
    for (const base of ["/f\u00fcr alle", "/f%C3%BCr%20alle/"]) {
      await using server = await site({ base });
      const { text } = await server.ask("/f%C3%BCr%20alle/docs/");
      const [, href] = /href="(page[^"]*)"/.exec(text)!;
      assert.equal((await server.ask(`/f%C3%BCr%20alle/docs/${href}`)).text, "a page");
      assert.equal((await server.ask("/f%c3%bcr%20alle/a.txt")).get("location"), "/f%C3%BCr%20alle/a.txt");
    }
  });

  it("leaves the log as the request was, and `path` without it to overrides", async () => {
    const paths: string[] = [];
    class Handler extends SimpleHTTPRequestHandler {
      override sendHead(): ReturnType<SimpleHTTPRequestHandler["sendHead"]> {
        paths.push(this.path);
        return super.sendHead();
      }
    }
    await using server = await site({ base: "/pre" }, Handler);
    await server.ask("/pre/a.txt?b");
    assert.deepEqual(paths, ["/a.txt?b"]);
    assert.ok(server.log[0]!.includes('"GET /pre/a.txt?b HTTP/1.1" 200'), server.log[0]);
  });

  it("leaves * of OPTIONS alone", async () => {
    await using server = await site({ base: "/pre" });
    assert.equal((await server.ask("*", { method: "OPTIONS" })).status, 204);
  });

  it(
    "is in SCRIPT_NAME and REQUEST_URI of a script, and in its redirects",
    { skip: process.platform === "win32" },
    async () => {
      using own = emptyDirectory();
      const { chmodSync } = await import("node:fs");
      const script = put(
        own.path,
        "cgi-bin/env",
        `#!/bin/sh
if [ "$QUERY_STRING" = go ]; then printf 'Location: %s/again\\n\\n' "$SCRIPT_NAME"; exit; fi
if [ "$QUERY_STRING" = out ]; then printf 'Location: /cgi-bin/env\\n\\n'; exit; fi
printf 'Content-Type: text/plain\\n\\n%s %s %s' "$SCRIPT_NAME" "$REQUEST_URI" "$PATH_INFO"
`,
      );
      chmodSync(script, 0o755);
      const options: Options = { directory: own.path, base: "/pre" };
      await using server = await startSite(options, CGIHTTPRequestHandler);
      assert.equal(
        (await server.ask("/pre/cgi-bin/env/x?y")).text,
        "/pre/cgi-bin/env /pre/cgi-bin/env/x?y /x",
      );
      assert.equal(
        (await server.ask("/pre/cgi-bin/env?go")).text,
        "/pre/cgi-bin/env /pre/cgi-bin/env?go /again",
      );
      assert.equal((await server.ask("/pre/cgi-bin/env?out")).status, 404);
      assert.equal((await server.ask("/cgi-bin/env")).status, 404);
    },
  );
});

describe("cors", () => {
  it("puts its fields on every answer: files, listings, 304, redirects, errors, refused methods", async () => {
    await using server = await site({ cors: true });
    const { fields } = await server.ask("/a.txt");
    const modified = fields.find(([name]) => name === "Last-Modified")![1];
    for (const [target, request, status] of [
      ["/a.txt", {}, 200],
      ["/docs/", {}, 200],
      ["/a.txt", { fields: { "If-Modified-Since": modified } }, 304],
      ["/docs", {}, 301],
      ["/nothing", {}, 404],
      ["/%zz", {}, 400],
      ["/a.txt", { method: "DELETE" }, 405],
      ["/a.txt", { method: "BREW" }, 501],
      ["/a.txt", { method: "OPTIONS" }, 204],
    ] as const) {
      const answer = await server.ask(target, request);
      assert.equal(answer.status, status);
      assert.equal(answer.get("access-control-allow-origin"), "*", target);
      assert.equal(answer.get("access-control-expose-headers"), "*");
      assert.equal(answer.get("cross-origin-resource-policy"), "cross-origin");
    }
  });

  it("answers a preflight with what it asks for, also for a private network (Fetch §3.3)", async () => {
    await using server = await site({ cors: true });
    const answer = await server.ask("/nothing", {
      method: "OPTIONS",
      fields: {
        Origin: "https://app.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, X-Custom",
        "Access-Control-Request-Private-Network": "true",
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.get("access-control-allow-origin"), "*");
    assert.equal(answer.get("access-control-allow-methods"), "PUT");
    assert.equal(answer.get("access-control-allow-headers"), "authorization, x-custom");
    assert.equal(answer.get("access-control-allow-private-network"), "true");
    assert.equal(answer.get("access-control-max-age"), "86400");
  });

  it("repeats nothing of a preflight that is no token", async () => {
    await using server = await site({ cors: true });
    const fields = {
      Origin: "https://app.example",
      "Access-Control-Request-Method": "P UT",
      "Access-Control-Request-Headers": "a b, c",
    };
    const answer = await server.ask("/", { method: "OPTIONS", fields });
    assert.equal(answer.status, 204);
    assert.equal(answer.get("access-control-allow-methods"), undefined);
    assert.equal(answer.get("access-control-allow-headers"), undefined);
  });

  it("leaves alone what was set otherwise, and is off by default", async () => {
    class Handler extends SimpleHTTPRequestHandler {
      override endHeaders(): void {
        this.sendHeader("Access-Control-Allow-Origin", "https://app.example");
        super.endHeaders();
      }
    }
    await using own = await site({ cors: true }, Handler);
    assert.equal((await own.ask("/a.txt")).get("access-control-allow-origin"), "https://app.example");
    await using extra = await site({
      cors: true,
      extraResponseHeaders: [["access-control-allow-origin", "null"]],
    });
    assert.equal((await extra.ask("/a.txt")).get("access-control-allow-origin"), "null");
    await using off = await site({});
    const fields = { Origin: "https://app.example", "Access-Control-Request-Method": "GET" };
    for (const method of ["GET", "OPTIONS"]) {
      const answer = await off.ask("/a.txt", { method, fields });
      assert.ok(!answer.fields.some(([name]) => /^access-control/i.test(name)));
    }
  });
});

describe("maxAge", () => {
  it("is no-cache by default: on files, listings, 304 and the way to a directory; not on errors", async () => {
    await using server = await site({});
    const modified = (await server.ask("/a.txt")).get("last-modified")!;
    for (const [target, fields, status, value] of [
      ["/a.txt", {}, 200, "no-cache"],
      ["/docs/", {}, 200, "no-cache"],
      ["/docs", {}, 301, "no-cache"],
      ["/docs%2f", {}, 301, "no-cache"],
      ["/a.txt", { "If-Modified-Since": modified }, 304, "no-cache"],
      ["/nothing", {}, 404, undefined],
    ] as const) {
      const answer = await server.ask(target, { fields });
      assert.equal(answer.status, status);
      assert.equal(answer.get("cache-control"), value, target);
    }
  });

  it("is no-cache on the ways to a prefix, too: without --base they would be for ever", async () => {
    await using server = await site({ base: "/pre", maxAge: 3600 });
    for (const target of ["/", "/pre", "/%70re/a.txt", "/pre/docs"]) {
      const answer = await server.ask(target);
      assert.ok(answer.status === 301 || answer.status === 302, target);
      assert.equal(answer.get("cache-control"), "no-cache", target);
    }
  });

  it("is max-age where a time is set (RFC 9111 §5.2.2.1)", async () => {
    await using server = await site({ maxAge: 3600 });
    assert.equal((await server.ask("/a.txt")).get("cache-control"), "max-age=3600");
    assert.equal((await server.ask("/with-index/")).get("cache-control"), "max-age=3600");
    // In each form of a file, of which some servers forget one.
    put(folder.path, "form.txt", "text ".repeat(500));
    put(folder.path, "copy.txt", "text ".repeat(500));
    put(folder.path, "copy.txt.gz", gzipSync("text ".repeat(500)));
    for (const [target, fields, status, method] of [
      ["/form.txt", { Range: "bytes=0-1" }, 206, "GET"],
      ["/form.txt", { Range: "bytes=0-1,5-6" }, 206, "GET"],
      ["/form.txt", { "If-None-Match": "*" }, 304, "GET"],
      ["/form.txt", { "Accept-Encoding": "br" }, 200, "GET"],
      ["/copy.txt", { "Accept-Encoding": "gzip" }, 200, "GET"],
      ["/copy.txt", { "Accept-Encoding": "gzip" }, 200, "HEAD"],
    ] as const) {
      const answer = await server.ask(target, { fields, method });
      assert.equal(answer.status, status);
      assert.equal(answer.get("cache-control"), "max-age=3600", JSON.stringify([target, fields]));
    }
    // What is added to a folder is to be seen.
    assert.equal((await server.ask("/docs/")).get("cache-control"), "no-cache");
    assert.equal((await server.ask("/docs")).get("cache-control"), "no-cache");
  });

  it("is private with a password: what was sent for it is not for the next client of a proxy (RFC 9111 §5.2.2.7)", async () => {
    await using server = await site({ maxAge: 3600, auth: "ada:secret" });
    const known = { Authorization: `Basic ${Buffer.from("ada:secret").toString("base64")}` };
    for (const [more, status] of [
      [{}, 200],
      [{ Range: "bytes=0-0" }, 206],
      [{ "If-None-Match": "*" }, 304],
    ] as const) {
      const answer = await server.ask("/a.txt", { fields: { ...known, ...more } });
      assert.equal(answer.status, status);
      assert.equal(answer.get("cache-control"), "private, max-age=3600");
    }
    // Kept, but never given to anybody without asking here, with the password of who asks.
    assert.equal((await server.ask("/docs/", { fields: known })).get("cache-control"), "no-cache");
  });

  it("yields to a Cache-Control of extraResponseHeaders or of endHeaders()", async () => {
    await using extra = await site({ extraResponseHeaders: [["cache-control", "no-store"]], maxAge: 5 });
    assert.equal((await extra.ask("/a.txt")).get("cache-control"), "no-store");
    class Handler extends SimpleHTTPRequestHandler {
      override endHeaders(): void {
        this.sendHeader("CACHE-CONTROL", "private");
        super.endHeaders();
      }
    }
    await using own = await site({}, Handler);
    assert.equal((await own.ask("/a.txt")).get("cache-control"), "private");
    assert.equal((await own.ask("/docs/")).get("cache-control"), "private");
  });

  it("is not on the error that takes the place of a file", async () => {
    class Handler extends SimpleHTTPRequestHandler {
      #isBroken = true;
      override endHeaders(): void {
        if (this.#isBroken) {
          this.#isBroken = false;
          throw new HTTPRequestError(503, "Not now");
        }
        super.endHeaders();
      }
    }
    await using server = await site({ maxAge: 3600 }, Handler);
    const answer = await server.ask("/a.txt");
    assert.equal(answer.status, 503);
    assert.equal(answer.get("cache-control"), undefined);
  });
});
