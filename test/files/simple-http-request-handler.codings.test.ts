// Codings over the wire: what is sent, decoded, is the file; and every field says what it should.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { canCompress } from "../../src/files/compressor.ts";
import type { Content } from "../../src/files/file-content.ts";
import type { Body } from "../../src/files/representation-sender.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { decode } from "./decode.ts";
import {
  type Answer,
  type HandlerClass,
  openFilesBelow,
  type Settings,
  type Site,
  startSite,
} from "./running-site.ts";
import { emptyDirectory, put } from "./tree.ts";

const TEXT = "Some text that shrinks: what repeats itself repeats itself.\n".repeat(2000);

interface Served extends AsyncDisposable {
  readonly site: Site;
  readonly root: string;
}

async function serve(settings: Settings = {}, Base?: HandlerClass): Promise<Served> {
  const directory = emptyDirectory();
  put(directory.path, "a.txt", TEXT);
  const site = await startSite({ directory: directory.path, ...settings }, Base);
  return {
    site,
    root: directory.path,
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

const accepting = (coding: string, more: Readonly<Record<string, string>> = {}) => ({
  fields: { "Accept-Encoding": coding, ...more },
});

/** The body without its coding. */
function decoded(answer: Answer): string {
  return decode(answer.body, answer.get("content-encoding")).toString();
}

/** Longer than a file takes to be old enough for the cache. */
const SETTLED = 2_700;

/** The fields that are not of the moment. */
function lastingFields(answer: Answer): [string, string][] {
  // While a file is young, its tag changes with its age.
  const lasting = answer.fields.filter(([name]) => name !== "Date" && name !== "ETag");
  return lasting.map(([name, value]) => [name, value]);
}

describe("a file that shrinks", () => {
  for (const coding of ["br", "gzip", "zstd"] as const) {
    const skip = canCompress(coding) ? false : `Node ${process.version} has no ${coding}`;
    it(`is compressed with ${coding} for who accepts that`, { skip }, async () => {
      await using here = await serve();
      const answer = await here.site.ask("/a.txt", accepting(coding));
      assert.equal(answer.status, 200);
      assert.equal(answer.get("content-encoding"), coding);
      assert.equal(answer.get("content-type"), "text/plain; charset=utf-8");
      assert.equal(answer.get("content-length"), String(answer.body.length));
      assert.equal(answer.get("vary"), "Accept-Encoding");
      assert.equal(decoded(answer), TEXT);
      assert.ok(answer.body.length < TEXT.length / 10);
    });
  }

  const choices: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["identity;q=0", undefined],
    ["*;q=0", undefined],
    ["deflate, compress", undefined],
    ["gzip;q=0, deflate", undefined],
    ["gzip, deflate, br", "br"],
    ["br;q=0.1, gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["*", "br"],
    ["gzip;q=0.5, identity", undefined],
    ["identity;q=0, gzip;q=0.001", "gzip"],
  ];
  for (const [field, coding] of choices) {
    it(`goes out ${coding === undefined ? "as it is" : `as ${coding}`} for ${JSON.stringify(field) ?? "no field"}, and says Vary`, async () => {
      await using here = await serve();
      const answer = await here.site.ask("/a.txt", field === undefined ? {} : accepting(field));
      assert.equal(answer.status, 200);
      assert.equal(answer.get("content-encoding"), coding);
      assert.equal(answer.get("vary"), "Accept-Encoding");
      assert.equal(decoded(answer), TEXT);
    });
  }

  it("has the same head for HEAD as for GET, in each form, before and after it is kept in memory", async () => {
    await using here = await serve();
    for (let round = 0; round < 2; round++) {
      for (const coding of ["br", "gzip", "identity"]) {
        const head = await here.site.ask("/a.txt", { method: "HEAD", ...accepting(coding) });
        const get = await here.site.ask("/a.txt", accepting(coding));
        assert.deepEqual(lastingFields(head), lastingFields(get), coding);
        assert.equal(head.body.length, 0);
      }
      if (round === 0) await delay(SETTLED);
    }
    assert.ok(openFilesBelow(here.root) <= 0);
  });

  it("has the same bytes when they come from memory", async () => {
    await using here = await serve();
    put(here.root, "large.json", JSON.stringify(Array.from({ length: 50_000 }, (_, i) => `entry ${i}`)));
    await delay(SETTLED);
    for (const name of ["/a.txt", "/large.json"]) {
      const [first, second] = [
        await here.site.ask(name, accepting("br")),
        await here.site.ask(name, accepting("br")),
      ];
      assert.equal(decoded(first), readFileSync(join(here.root, name), "utf8"));
      assert.deepEqual(second.body, first.body);
      assert.deepEqual(lastingFields(second), lastingFields(first));
    }
  });

  it("is right for a hundred who ask at the same time", async () => {
    await using here = await serve();
    await delay(SETTLED);
    const codings = ["br", "gzip", "identity", "br;q=0.5, gzip"];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => here.site.ask("/a.txt", accepting(codings[i % 4]!))),
    );
    for (const answer of answers) assert.equal(decoded(answer), TEXT);
    assert.ok(openFilesBelow(here.root) <= 0);
  });

  it("is 304 without its body, and says Vary, in each form", async () => {
    await using here = await serve();
    for (const coding of ["br", "gzip", "identity"]) {
      const whole = await here.site.ask("/a.txt", accepting(coding));
      const since = { "If-Modified-Since": whole.get("last-modified")! };
      const kept = await here.site.ask("/a.txt", accepting(coding, since));
      assert.equal(kept.status, 304);
      assert.equal(kept.get("vary"), "Accept-Encoding");
      assert.equal(kept.get("content-encoding"), undefined);
      assert.equal(kept.body.length, 0);
    }
    assert.ok(openFilesBelow(here.root) <= 0);
  });

  it("stands beside fields of Vary that were asked for", async () => {
    await using here = await serve({ extraResponseHeaders: [["vary", "Origin"]] });
    assert.equal((await here.site.ask("/a.txt", accepting("gzip"))).get("vary"), "Accept-Encoding, Origin");
    const since = { "If-Modified-Since": new Date().toUTCString() };
    const kept = await here.site.ask("/a.txt", accepting("gzip", since));
    assert.equal(kept.status, 304);
    assert.equal(kept.get("vary"), "Accept-Encoding, Origin");
  });

  it("is compressed as an index page, too", async () => {
    await using here = await serve();
    put(here.root, "index.html", TEXT);
    const answer = await here.site.ask("/", accepting("gzip"));
    assert.equal(answer.get("content-encoding"), "gzip");
    assert.equal(answer.get("content-type"), "text/html; charset=utf-8");
    assert.equal(decoded(answer), TEXT);
  });

  it("is sent as it is where it is too small or too large, and says Vary, as a copy could lie beside it", async () => {
    await using here = await serve();
    put(here.root, "small.txt", "x".repeat(1023));
    put(here.root, "large.txt", "x".repeat(4 * 2 ** 20 + 1));
    for (const name of ["/small.txt", "/large.txt"]) {
      const answer = await here.site.ask(name, accepting("gzip"));
      assert.equal(answer.get("content-encoding"), undefined);
      assert.equal(answer.get("vary"), "Accept-Encoding");
      assert.deepEqual(answer.body, readFileSync(join(here.root, name)));
      put(here.root, `${name}.gz`, gzipSync(readFileSync(join(here.root, name))));
      assert.equal((await here.site.ask(name, accepting("gzip"))).get("content-encoding"), "gzip");
    }
  });

  it("holds up nobody while it is compressed: a small file that is asked for later comes first", async () => {
    await using here = await serve();
    put(here.root, "slow.txt", randomBytes(2 * 2 ** 20 - 100).toString("hex"));
    put(here.root, "small.txt", "small");
    const ended: string[] = [];
    const ask = async (name: string): Promise<void> => {
      await here.site.ask(name, accepting("br"));
      ended.push(name);
    };
    await Promise.all([ask("/slow.txt"), ask("/small.txt")]);
    assert.deepEqual(ended, ["/small.txt", "/slow.txt"]);
  });

  it("that becomes shorter while it waits is 500, and no file stays open", async () => {
    let shorten = (): void => {};
    class Late extends SimpleHTTPRequestHandler {
      override guessType(path: string): string {
        shorten();
        return super.guessType(path);
      }
    }
    await using here = await serve({}, Late);
    // Too large for the cache: it is open when its type is asked for.
    const file = put(here.root, "large.txt", "x".repeat(300_000));
    shorten = () => truncateSync(file, 1000);
    const answer = await here.site.ask("/large.txt", accepting("gzip"));
    assert.equal(answer.status, 500);
    assert.equal(answer.get("content-encoding"), undefined);
    assert.ok(openFilesBelow(here.root) <= 0);
    shorten = () => {};
    assert.equal(decoded(await here.site.ask("/large.txt", accepting("gzip"))), "x".repeat(1000));
  });

  it("that grows while it waits is sent as it was", async () => {
    let grow = (): void => {};
    class Late extends SimpleHTTPRequestHandler {
      override guessType(path: string): string {
        grow();
        return super.guessType(path);
      }
    }
    await using here = await serve({}, Late);
    const file = put(here.root, "large.txt", "x".repeat(300_000));
    grow = () => appendFileSync(file, "more");
    assert.equal(decoded(await here.site.ask("/large.txt", accepting("gzip"))), "x".repeat(300_000));
  });
});

describe("a file that is never compressed", () => {
  const never: readonly (readonly [name: string, type: string])[] = [
    ["a.png", "image/png"],
    ["a.zip", "application/zip"],
    ["a.woff2", "font/woff2"],
    ["a.bin", "application/octet-stream"],
  ];
  for (const [name, type] of never) {
    it(`such as ${name} goes out as it is, without Vary`, async () => {
      await using here = await serve();
      put(here.root, name, TEXT);
      const answer = await here.site.ask(`/${name}`, accepting("br, gzip"));
      assert.equal(answer.get("content-type"), type);
      assert.equal(answer.get("content-encoding"), undefined);
      assert.equal(answer.get("vary"), undefined);
      assert.equal(answer.text, TEXT);
    });
  }

  it("is any file with compress = false, copies beside it or not", async () => {
    await using here = await serve({ compress: false });
    put(here.root, "a.txt.gz", gzipSync(TEXT));
    const answer = await here.site.ask("/a.txt", accepting("br, gzip"));
    assert.equal(answer.get("content-encoding"), undefined);
    assert.equal(answer.get("vary"), undefined);
    assert.equal(answer.text, TEXT);
  });

  it("is any file for an override of copyFile, which wants to see its bytes", async () => {
    const seen: number[] = [];
    await using here = await serve(
      {},
      class extends SimpleHTTPRequestHandler {
        override copyFile(source: Content): Promise<void> {
          seen.push(source.size);
          return super.copyFile(source);
        }
      },
    );
    put(here.root, "a.txt.gz", gzipSync(TEXT));
    const answer = await here.site.ask("/a.txt", accepting("br, gzip"));
    assert.equal(answer.get("content-encoding"), undefined);
    assert.equal(answer.text, TEXT);
    assert.deepEqual(seen, [TEXT.length]);
  });

  it("is none of those that an override of sendHead or guessType sends on", async () => {
    await using here = await serve(
      {},
      class extends SimpleHTTPRequestHandler {
        override sendHead(): Body | Promise<Body> {
          this.path = "/a.data";
          return super.sendHead();
        }
        override guessType(): string {
          return "text/x-data";
        }
      },
    );
    put(here.root, "a.data", TEXT);
    const answer = await here.site.ask("/", accepting("gzip"));
    assert.equal(answer.get("content-encoding"), "gzip");
    assert.equal(answer.get("content-type"), "text/x-data");
    assert.equal(decoded(answer), TEXT);
  });
});

describe("an override of translatePath that chooses the directory for each request", () => {
  it("gets the files of that directory, coded as well", async () => {
    using other = emptyDirectory();
    put(other.path, "b.txt", TEXT);
    put(other.path, "c.txt", TEXT);
    put(other.path, "c.txt.gz", gzipSync("the copy"));
    await using here = await serve(
      {},
      class extends SimpleHTTPRequestHandler {
        override translatePath(path: string): string {
          this.directory = other.path;
          return super.translatePath(path);
        }
      },
    );
    assert.equal(decoded(await here.site.ask("/b.txt", accepting("gzip"))), TEXT);
    assert.equal(decoded(await here.site.ask("/c.txt", accepting("gzip"))), "the copy");
  });
});

describe("a precompressed copy", () => {
  /** Other text than that of the file, so that it shows which was sent. */
  const COPY = "the copy";

  it("is sent to who accepts it, with the type of the file and times of its own", async () => {
    await using here = await serve();
    const file = put(here.root, "a.html.br", brotliCompressSync(COPY));
    put(here.root, "a.html", TEXT);
    utimesSync(join(here.root, "a.html"), 1_600_000_000, 1_600_000_000);
    utimesSync(file, 1_600_000_060, 1_600_000_060);
    const answer = await here.site.ask("/a.html", accepting("gzip, br"));
    assert.equal(answer.get("content-encoding"), "br");
    assert.equal(answer.get("content-type"), "text/html; charset=utf-8");
    assert.equal(answer.get("content-length"), String(statSync(file).size));
    assert.equal(answer.get("vary"), "Accept-Encoding");
    assert.equal(answer.get("last-modified"), new Date(1_600_000_060_000).toUTCString());
    assert.equal(decoded(answer), COPY);
    const head = await here.site.ask("/a.html", { method: "HEAD", ...accepting("gzip, br") });
    assert.deepEqual(lastingFields(head), lastingFields(answer));
    assert.equal((await here.site.ask("/a.html")).text, TEXT);
    assert.ok(openFilesBelow(here.root) <= 0);
  });

  it("goes before what would be compressed here, unless the client likes that better", async () => {
    await using here = await serve();
    put(here.root, "a.txt.gz", gzipSync(COPY));
    assert.equal(decoded(await here.site.ask("/a.txt", accepting("br, gzip"))), COPY);
    const better = await here.site.ask("/a.txt", accepting("br, gzip;q=0.9"));
    assert.equal(better.get("content-encoding"), "br");
    assert.equal(decoded(better), TEXT);
  });

  it("is not sent when it is older than the file, or a link", async () => {
    await using here = await serve();
    const copy = put(here.root, "a.txt.gz", gzipSync(COPY));
    utimesSync(copy, 1_600_000_000, 1_600_000_000);
    assert.equal(decoded(await here.site.ask("/a.txt", accepting("gzip"))), TEXT);
    unlinkSync(copy);
    renameSync(put(here.root, "b", gzipSync(COPY)), join(here.root, "b.gz"));
    symlinkSync("b.gz", copy);
    assert.equal(decoded(await here.site.ask("/a.txt", accepting("gzip"))), TEXT);
  });

  it("of a file that is not there is not found; by its own name it is a file like any other", async () => {
    await using here = await serve();
    put(here.root, "gone.txt.gz", gzipSync(COPY));
    assert.equal((await here.site.ask("/gone.txt", accepting("gzip"))).status, 404);
    const answer = await here.site.ask("/gone.txt.gz", accepting("gzip"));
    assert.equal(answer.get("content-type"), "application/gzip");
    assert.equal(answer.get("content-encoding"), undefined);
    assert.equal(answer.get("vary"), undefined);
  });

  it("follows the rule for dot files: that of the file", async () => {
    await using here = await serve();
    put(here.root, ".env.txt", TEXT);
    put(here.root, ".env.txt.gz", gzipSync(COPY));
    put(here.root, ".well-known/a.txt", TEXT);
    put(here.root, ".well-known/a.txt.gz", gzipSync(COPY));
    assert.equal((await here.site.ask("/.env.txt", accepting("gzip"))).status, 404);
    assert.equal(decoded(await here.site.ask("/.well-known/a.txt", accepting("gzip"))), COPY);
    await using dotted = await startSite({ directory: here.root, dotfiles: true });
    assert.equal(decoded(await dotted.ask("/.env.txt", accepting("gzip"))), COPY);
  });

  it("of another version of the file is never sent: both change between requests, in every order", async () => {
    await using here = await serve();
    const file = join(here.root, "a.txt");
    const copy = `${file}.gz`;
    let time = 1_600_000_000;
    for (let round = 0; round < 60; round++) {
      const text = `${round} ${TEXT}`;
      writeFileSync(file, text);
      utimesSync(file, ++time, time);
      if (round % 3 === 0) {
        writeFileSync(copy, gzipSync(text));
        // Every other time it looks older than what it was made of.
        const made = round % 2 === 0 ? time : time - 1;
        utimesSync(copy, made, made);
      }
      if (round % 5 === 0) unlinkSync(copy);
      for (const coding of ["gzip", "br", "identity"]) {
        assert.equal(decoded(await here.site.ask("/a.txt", accepting(coding))), text, `${round} ${coding}`);
      }
    }
  });
});

describe("types of packed files", () => {
  it("an .svgz is an image with a coding; .tar.gz and .tgz are files to be saved", async () => {
    await using here = await serve();
    for (const name of ["a.svgz", "a.SVGZ", "a.tar.gz", "a.tgz", "a.js.gz"])
      put(here.root, name, gzipSync(TEXT));
    for (const name of ["/a.svgz", "/a.SVGZ"]) {
      const image = await here.site.ask(name, accepting("br"));
      assert.equal(image.get("content-type"), "image/svg+xml");
      assert.equal(image.get("content-encoding"), "gzip", "never coded twice");
      assert.equal(image.get("vary"), undefined);
      assert.equal(decoded(image), TEXT);
    }
    for (const name of ["/a.tar.gz", "/a.tgz", "/a.js.gz"]) {
      const file = await here.site.ask(name, accepting("br, gzip"));
      assert.equal(file.get("content-type"), "application/gzip");
      assert.equal(file.get("content-encoding"), undefined);
    }
  });

  it("every answer with a file says nosniff", async () => {
    await using here = await serve();
    put(here.root, "a", "<script>alert(1)</script>");
    for (const target of ["/a.txt", "/a"]) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await here.site.ask(target, { method });
        assert.equal(answer.get("x-content-type-options"), "nosniff");
      }
    }
  });

  it("extensionsMap has the last word, without a charset of ours", async () => {
    await using here = await serve({
      extensionsMap: { ".txt": "text/plain", ".gz": "text/x-own", "": "text/x-unknown" },
    });
    put(here.root, "a.gz", TEXT);
    put(here.root, "a.unheard-of", TEXT);
    assert.equal((await here.site.ask("/a.txt")).get("content-type"), "text/plain");
    assert.equal((await here.site.ask("/a.gz")).get("content-type"), "text/x-own");
    const unknown = await here.site.ask("/a.unheard-of", accepting("gzip"));
    assert.equal(unknown.get("content-type"), "text/x-unknown");
    assert.equal(unknown.get("content-encoding"), "gzip");
  });
});

describe("curl", () => {
  it("--compressed saves the file as it is on disk", async (t) => {
    await using here = await serve();
    const url = `http://127.0.0.1:${here.site.port}/a.txt`;
    const curl = promisify(execFile);
    const options = { maxBuffer: 2 ** 24 };
    const answered = await curl("curl", ["--silent", "--compressed", "--include", url], options).catch(
      (error: Error & { code?: unknown }) => {
        if (error.code !== "ENOENT") throw error;
        return undefined;
      },
    );
    if (answered === undefined) return t.skip("curl is not installed");
    const [head = "", body] = answered.stdout.split("\r\n\r\n");
    assert.match(head, /^Content-Encoding: (?:br|zstd|gzip)\r?$/m);
    assert.equal(body, TEXT);
    const plain = await curl("curl", ["--silent", "--include", url], options);
    assert.doesNotMatch(plain.stdout, /^Content-Encoding/m);
  });
});
