// What other file servers got wrong with paths, links, redirects and forms, by the numbers of their reports.

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gzipSync } from "node:zlib";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { RawClient } from "../raw-client.ts";
import {
  type Answer,
  type HandlerClass,
  openFilesBelow,
  type Site,
  startSite,
  until,
} from "./running-site.ts";
import { buildTree, emptyDirectory, put, SECRET, type Tree } from "./tree.ts";

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

const page = { fields: { Accept: "text/html" } };

/** Not sent, and the server is well. */
function isRefused(answer: Answer, target: string): void {
  assert.ok(!answer.text.includes(SECRET), target);
  assert.ok(
    answer.status === 404 || answer.status === 400 || answer.status === 301,
    `${target} ${answer.status}`,
  );
}

describe("a way out of the folder", () => {
  // CVE-2026-6414, CVE-2026-15074, CVE-2026-29087, CVE-2026-39406, CVE-2026-27585, CVE-2021-41773, CVE-2015-5638 …
  const UP = [
    "..",
    "%2e%2e",
    ".%2e",
    "%2E.",
    "%252e%252e",
    "..%00",
    "..;",
    "..%20",
    "...",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "%uff0e%uff0e",
    "%ef%bc%8e%ef%bc%8e",
  ];
  const BETWEEN = ["/", "%2f", "%2F", "\\", "%5c", "//", "/./", "%2f%2f", "%252f", "%c0%af", "%ef%bc%8f"];

  it("is none of: '..' in any spelling, with any separator, from any directory", async () => {
    for (const up of UP) {
      for (const between of BETWEEN) {
        const targets = ["/", "/sub/", "/sub/deep/", "/nothing/", "/link-in-dir/"].flatMap((from) =>
          ["outside/secret.txt", "www-private/secret.txt", "secret.txt"].map(
            (to) => from + `${up}${between}`.repeat(3) + to,
          ),
        );
        for (const target of targets) isRefused(await site.ask(target), target);
      }
    }
  });

  it("is none of: the folder's name and more, an absolute path, a drive, a share, a stream", async () => {
    for (const target of [
      "/../www-private/secret.txt",
      "/%2e%2e/www-private/secret.txt",
      "/-private/secret.txt",
      "/..-private/secret.txt",
      `/${tree.outside}/secret.txt`,
      `//${tree.outside}/secret.txt`,
      `/%2f${tree.outside.slice(1)}/secret.txt`,
      `/c:${tree.outside}/secret.txt`,
      `/\\\\localhost${tree.outside}/secret.txt`,
      `/file://${tree.outside}/secret.txt`,
      "/.env::$DATA",
      "/.env%20",
      "/.env.",
    ])
      isRefused(await site.ask(target), target);
    // What names the root of another server is the path alone (RFC 9112 §3.2.2).
    isRefused(await site.ask(`http://localhost${tree.outside}/secret.txt`), "absolute-form");
  });

  it("is none of the spellings of a hidden name: guard and files go by the same path (@fastify/static, hono)", async () => {
    for (const target of [
      "/.env",
      "//.env",
      "/%2eenv",
      "/./.env",
      "/sub/../.env",
      "/sub%2f..%2f.env",
      "/sub/%2e%2e/%2eenv",
      "/%2f.env",
      "/.git/config",
      "/.git%2fconfig",
      "/.git//config",
      "/x/..//.git/./config",
      "/sub//.htpasswd",
      "/sub%2f.htpasswd",
      "/link-in-dir/.htpasswd",
      "/link-root/.env",
      "/link-root/link-root/.git/config",
      "/.well-known/.secret",
      "/.well-known/../.env",
      "/.well-known%2f..%2f.env",
    ]) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await site.ask(target, { method });
        assert.equal(answer.status, 404, target);
        assert.ok(!answer.text.includes(SECRET));
      }
    }
  });
});

describe("a link that leads out", () => {
  const folder = emptyDirectory();
  const outside = emptyDirectory();
  const root = join(folder.path, "www");
  after(() => {
    folder[Symbol.dispose]();
    outside[Symbol.dispose]();
  });

  // miniserve 0.30, dufs #670, static-web-server #630, @fastify/static (listing), live-server.
  it("is refused in every place: directory, file, index page, copy, 404.html, page of an application, listing, archive", async () => {
    const text = "text ".repeat(500);
    put(outside.path, "secret.txt", SECRET);
    put(outside.path, "index.html", SECRET);
    put(outside.path, "below/secret.txt", SECRET);
    for (const [suffix, bytes] of [
      ["br", brotliCompressSync(SECRET)],
      ["gz", gzipSync(SECRET)],
      ["zst", Buffer.from(SECRET)],
    ] as const)
      writeFileSync(join(outside.path, `copy.${suffix}`), bytes);
    put(root, "copied/a.txt", text);
    for (const suffix of ["br", "gz", "zst"])
      symlinkSync(join(outside.path, `copy.${suffix}`), join(root, `copied/a.txt.${suffix}`));
    for (const [from, to] of [
      ["to-file", "secret.txt"],
      ["to-directory", "."],
      ["404.html", "secret.txt"],
      ["application.html", "secret.txt"],
    ] as const)
      symlinkSync(join(outside.path, to), join(root, from));
    mkdirSync(join(root, "indexed"));
    symlinkSync(join(outside.path, "index.html"), join(root, "indexed/index.html"));
    mkdirSync(join(root, "inner"));
    symlinkSync("../to-directory/below", join(root, "inner/way"));
    class Application extends SimpleHTTPRequestHandler {
      override single = "application.html";
    }
    for (const Base of [SimpleHTTPRequestHandler, Application] satisfies HandlerClass[]) {
      await using server = await startSite({ directory: root }, Base);
      for (const target of [
        "/to-file",
        "/to-directory",
        "/to-directory/",
        "/to-directory/secret.txt",
        "/to-directory/below/",
        "/to-directory/nothing",
        "/inner/way",
        "/inner/way/",
        "/inner/way/secret.txt",
        "/indexed/",
        "/404.html",
        "/application.html",
        "/no-such-page",
      ])
        for (const request of [{}, page, { method: "HEAD" }, { fields: { Range: "bytes=0-3" } }]) {
          const answer = await server.ask(target, request);
          assert.equal(answer.status, 404, target);
          assert.ok(!answer.text.includes(SECRET), target);
        }
      for (const coding of ["br", "gzip", "zstd"]) {
        const fields = { "Accept-Encoding": coding, "Cache-Control": "no-cache" };
        const answer = await server.ask("/copied/a.txt", { fields });
        assert.equal(answer.status, 200);
        if (coding === "br") assert.equal(brotliDecompressSync(answer.body).toString(), text);
        assert.ok(!answer.text.includes(SECRET));
      }
      for (const accept of ["text/html", "application/json", "text/plain"]) {
        const { text: listing } = await server.ask("/", { fields: { Accept: accept } });
        assert.match(listing, /copied/);
        assert.doesNotMatch(listing, /to-file|to-directory|404\.html|application\.html/);
      }
      const tar = await server.ask("/?archive=tar");
      assert.ok(tar.body.includes("copied/a.txt") && !tar.body.includes(SECRET));
      assert.ok(!tar.body.includes("secret.txt") && !tar.body.includes("a.txt.br"));
    }
    await until(() => openFilesBelow(folder.path) <= 0 && openFilesBelow(outside.path) <= 0, "all closed");
  });
});

describe("a redirect", () => {
  // python #87389 and #132826, serve #449, http-server CVE-2019-10775, send CVE-2024-43799, serve-static CVE-2024-43800, serve #393.
  it("leads to the same host, keeps the query, is one field, and shows no page", async () => {
    class Prefixed extends SimpleHTTPRequestHandler {
      override base = "/docs";
    }
    await using prefixed = await startSite({ directory: tree.root }, Prefixed);
    const up = [
      "",
      "/",
      "//",
      "/\\",
      "\\",
      "%5c",
      "%2f",
      "%2f%2f",
      "%0a",
      "%0d%0aX:%20y",
      "%0c",
      "%09",
      "@",
      ":",
    ];
    let redirects = 0;
    for (const [server, prefix] of [
      [site, ""],
      [prefixed, "/docs"],
    ] as const) {
      for (const first of up) {
        for (const target of [
          `${prefix}/${first}evil.example/..%2f..%2f..%2f${prefix.slice(1)}/sub`,
          `${prefix}/${first}evil.example/../../sub?q=//x&<script>`,
          `${prefix}/${first}evil.example/%2e%2e/sub%2f`,
          `${first === "\\" ? "/" : ""}${first}${prefix}/sub`,
        ]) {
          if (!target.startsWith("/")) continue;
          const answer = await server.ask(target);
          assert.ok([200, 301, 302, 400, 404].includes(answer.status), `${target} ${answer.status}`);
          const location = answer.get("location");
          if (location === undefined) continue;
          redirects++;
          const url = new URL(location, "http://here.example/a/b");
          assert.equal(url.host, "here.example", `${target} → ${location}`);
          assert.match(location, /^\/[^/\\]/);
          assert.equal(answer.body.length, 0);
          assert.equal(answer.get("x"), undefined);
          if (target.includes("?")) assert.ok(location.endsWith("?q=//x&<script>"), location);
        }
      }
    }
    assert.ok(redirects > 40, `${redirects} redirects: nothing is proved without them`);
  });

  it("to the slash of a directory is refused where a control character stands in the target (CVE-2019-10775)", async () => {
    for (const character of "\0\u0001\b\t\v\f\u001b\u007f")
      assert.equal((await site.ask(`/sub?${character}`)).status, 400);
    assert.equal((await site.ask("/sub")).status, 301);
  });
});

describe("an error page", () => {
  it("shows neither the target, nor the field that was wrong, nor a stack (http-server)", async () => {
    const evil = "<script>alert(1)</script>";
    for (const [target, request] of [
      [`/${evil}`, {}],
      [`/%3Cscript%3Ealert(1)%3C/script%3E`, page],
      [`/%zz${evil}`, page],
      [`/sub/?archive=${evil}`, {}],
      ["/a.txt", { fields: { Range: `bytes=99-${evil}`, "If-Match": `"${evil}"` } }],
      ["/a.txt", { method: "POST" }],
    ] as const) {
      const { text, status } = await site.ask(target, request);
      assert.ok(status >= 400, target);
      assert.doesNotMatch(text, /<script>alert|\n\s+at |node:|\/src\//);
      assert.ok(!text.includes(tree.base));
    }
  });

  it("with status 404 says Vary: Accept in both its forms, the folder's own and the short one", async () => {
    using own = emptyDirectory();
    put(own.path, "404.html", "not here");
    await using server = await startSite({ directory: own.path });
    for (const method of ["GET", "HEAD"])
      for (const fields of [{}, { Accept: "*/*" }, { Accept: "text/html" }]) {
        const answer = await server.ask("/nothing", { method, fields });
        assert.deepEqual([answer.status, answer.get("vary")], [404, "Accept"]);
      }
    assert.equal((await server.ask("/nothing", { method: "POST" })).get("vary"), undefined);
  });
});

describe("a target that is malformed", () => {
  // sirv #54 (`GET /%`), node-static CVE-2025-11149 (`%00`), serve-handler (`%E0%A4%A`), miniserve 0.12.
  it("is 400, and harms no request behind it", async () => {
    for (const target of [
      "/%",
      "/%0",
      "/%00",
      "/a%00.txt",
      "/%zz",
      "/%E0%A4%A",
      "/%c",
      "/%%",
      "/%u0041",
      "/a.txt%",
    ]) {
      for (const method of ["GET", "HEAD"])
        assert.equal((await site.ask(target, { method })).status, 400, target);
    }
    assert.equal((await site.ask("/a.txt")).status, 200);
  });

  it(
    "or long costs little: 60 KiB of what is decoded, resolved, split or refused, and the next one is answered",
    {
      timeout: 30_000,
    },
    async () => {
      class Application extends SimpleHTTPRequestHandler {
        override single = "a.txt";
      }
      await using server = await startSite({ directory: tree.root }, Application);
      const pieces = [
        "a/",
        "../",
        "%2e%2e%2f",
        "%ff",
        "\u00ff",
        "\u00ff/",
        "%f0",
        "%00",
        "%",
        "link-root/",
        "//",
        "/./",
        "?",
        "&",
      ];
      for (const piece of pieces) {
        const long = `/${piece.repeat(Math.floor(60_000 / piece.length))}x`;
        for (let i = 0; i < 20; i++) assert.ok((await server.ask(long, page)).status < 500, piece);
      }
      const names = [
        "Accept",
        "Accept-Encoding",
        "If-None-Match",
        "If-Match",
        "If-Modified-Since",
        "If-Range",
        "Range",
      ];
      for (const value of [",", ";", "a,", "a;q=", '"', 'W/"a",', "1", "bytes=", "0-0,", "-", " ,"]) {
        const long = value.repeat(Math.floor(60_000 / value.length));
        for (const name of names) {
          const { status } = await server.ask("/sub/b.txt", {
            fields: { [name]: long, Range: `bytes=${long}` },
          });
          assert.ok(status < 500 && status !== 304, `${name}: ${value}`);
        }
      }
      assert.equal((await server.ask("/a.txt")).text, "a.txt");
    },
  );
});

describe("a range of a file that has other forms", () => {
  const text = "text that shrinks ".repeat(300);
  let server: Site;
  const folder = emptyDirectory();
  before(async () => {
    put(folder.path, "copied.txt", text);
    writeFileSync(join(folder.path, "copied.txt.br"), brotliCompressSync(text));
    put(folder.path, "made.txt", text);
    server = await startSite({ directory: folder.path });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  // serve (gzip of a part), caddy #7250, static-web-server #722 (the length of another form), http-server.
  it("is one of the form that is sent: its length, its tag, its bytes", async () => {
    for (const target of ["/copied.txt", "/made.txt"]) {
      for (const coding of [undefined, "br"]) {
        const accept = coding === undefined ? {} : { "Accept-Encoding": coding };
        const whole = await server.ask(target, { fields: accept });
        assert.equal(whole.get("content-encoding"), coding);
        assert.equal(Number(whole.get("content-length")), whole.body.length);
        assert.equal(whole.get("vary"), "Accept-Encoding");
        const part = await server.ask(target, { fields: { ...accept, Range: "bytes=3-9" } });
        assert.equal(part.status, 206);
        assert.equal(part.get("content-encoding"), coding);
        assert.equal(part.get("content-range"), `bytes 3-9/${whole.body.length}`);
        assert.equal(part.get("content-length"), "7");
        assert.equal(part.get("vary"), "Accept-Encoding");
        assert.deepEqual(part.body, whole.body.subarray(3, 10));
        const beyond = await server.ask(target, {
          fields: { ...accept, Range: `bytes=${whole.body.length}-` },
        });
        assert.equal(beyond.get("content-range"), `bytes */${whole.body.length}`);
      }
      const tags = await Promise.all(
        [{}, { "Accept-Encoding": "br" }, { "Accept-Encoding": "gzip" }].map(async (fields) =>
          (await server.ask(target, { fields })).get("etag"),
        ),
      );
      assert.equal(new Set(tags).size, 3, String(tags));
    }
  });

  // sirv, @fastify/static #595, http-server: by substring, without weights, or a coding that nobody has made.
  it("or the whole goes out as it is for codings that are refused, unknown, or only look like ours", async () => {
    for (const value of [
      "br;q=0",
      "brotli",
      "xbr",
      "br-x",
      "gzip;q=0, br;q=0.000",
      "deflate",
      "compress",
      "x",
      "identity",
    ])
      for (const target of ["/copied.txt", "/made.txt"]) {
        const answer = await server.ask(target, { fields: { "Accept-Encoding": value } });
        assert.equal(answer.get("content-encoding"), undefined, value);
        assert.equal(answer.text, text);
        assert.equal(answer.get("vary"), "Accept-Encoding");
      }
  });
});

describe("fields for pages of other origins", () => {
  it("never allow credentials to every origin: serve sends that pair, which browsers refuse", async () => {
    class Open extends SimpleHTTPRequestHandler {
      override cors = true;
    }
    await using server = await startSite({ directory: tree.root }, Open);
    for (const request of [
      { fields: { Origin: "https://app.example" } },
      {
        method: "OPTIONS",
        fields: { Origin: "https://app.example", "Access-Control-Request-Method": "PUT" },
      },
    ]) {
      const answer = await server.ask("/a.txt", request);
      assert.equal(answer.get("access-control-allow-origin"), "*");
      assert.equal(answer.get("access-control-allow-credentials"), undefined);
    }
  });
});

describe("a request for many things at once", () => {
  // oven-sh/bun #29181, serve-handler #235: every way to end a response, each with a file open.
  it("leaves no file open, however it ends: 200, 206, 304, 404, 412, 416, HEAD, a reset", async () => {
    put(tree.root, "large.bin", Buffer.alloc(400_000, 1));
    const heads = [
      "",
      "Range: bytes=0-9\r\n",
      "Range: bytes=0-1,5-9,300000-300009\r\n",
      "Range: bytes=999999-\r\n",
      "If-None-Match: *\r\n",
      'If-Match: "x"\r\n',
      "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT\r\n",
      "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
      "Accept-Encoding: br, gzip, zstd\r\n",
    ];
    for (const method of ["GET", "HEAD"]) {
      for (const head of heads) {
        const request = `${method} /large.bin HTTP/1.1\r\nHost: a\r\n${head}\r\n`;
        using client = await RawClient.connect(site.port);
        client.send(request.repeat(3));
        for (const each of await client.responses(3, [method, method, method])) assert.ok(each.isComplete);
        const other = await RawClient.connect(site.port);
        other.send(request);
        await other.untilText("HTTP/1.1 ");
        other.reset();
      }
    }
    await until(() => openFilesBelow(tree.base) <= 0, "all files closed");
  });
});
