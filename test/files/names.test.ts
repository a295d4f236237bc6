// Names as a file system really has them: each is listed, and its own link fetches that very file.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { startSite } from "./running-site.ts";
import { DIFFICULT_NAMES, emptyDirectory } from "./tree.ts";

const linux = { skip: process.platform === "linux" ? false : "only Linux has names of any bytes" };

/** A name of any bytes but `/` and NUL; neither `.` nor `..`, nor hidden, nor an index page. */
const anyName = fc
  .uint8Array({ minLength: 1, maxLength: 255 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x25 : byte))))
  .filter((name) => name[0] !== 0x2e && !["index.html", "index.htm"].includes(name.toString()));

function pathOf(directory: string, name: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), name]);
}

function linksOf(page: string): string[] {
  return [...page.matchAll(/href="((?!\.\.\/|[?#])[^"]*)"/g)].map(([, href]) => href!);
}

describe("a name of any bytes", linux, () => {
  it("is listed with a link that fetches that very file", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyName, { minLength: 1, maxLength: 6, comparator: (a, b) => a.equals(b) }),
        async (names) => {
          using folder = emptyDirectory();
          for (const name of names) writeFileSync(pathOf(folder.path, name), name);
          await using site = await startSite({ directory: folder.path });
          const links = linksOf((await site.ask("/")).text);
          const fetched = new Set<string>();
          for (const link of links) {
            const answer = await site.ask(`/${link}`);
            assert.equal(answer.status, 200, link);
            fetched.add(answer.body.toString("hex"));
          }
          assert.deepEqual(fetched, new Set(names.map((name) => name.toString("hex"))));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("of a directory leads to its listing, with and without the slash", async () => {
    using folder = emptyDirectory();
    for (const name of [Buffer.from([0xff, 0x20, 0x3f]), Buffer.alloc(255, 0xe4), Buffer.from("a\n%2f#")]) {
      mkdirSync(pathOf(folder.path, name));
      writeFileSync(Buffer.concat([pathOf(folder.path, name), Buffer.from("/\u00e4.txt")]), name);
    }
    await using site = await startSite({ directory: folder.path });
    const links = linksOf((await site.ask("/")).text);
    assert.equal(links.length, 3);
    for (const link of links) {
      const [file] = linksOf((await site.ask(`/${link}`)).text);
      assert.equal((await site.ask(`/${link}${file}`)).status, 200);
      assert.equal((await site.ask(`/${link.slice(0, -1)}`)).get("location"), `/${link}`);
    }
  });

  it("is not mixed up with the one that has U+FFFD for it, in memory neither", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
    using folder = emptyDirectory();
    writeFileSync(pathOf(folder.path, Buffer.from([0xff])), "byte");
    writeFileSync(join(folder.path, "\ufffd"), "character");
    await using site = await startSite({ directory: folder.path });
    for (let i = 0; i < 2; i++) {
      assert.equal((await site.ask("/%ff")).text, "byte");
      assert.equal((await site.ask("/%EF%BF%BD")).text, "character");
      assert.equal((await site.ask("/%fe")).status, 404);
    }
  });

  it("may be what translatePath() of an override returns", async () => {
    using folder = emptyDirectory();
    writeFileSync(pathOf(folder.path, Buffer.from([0xe4])), "by an override");
    class Renamed extends SimpleHTTPRequestHandler {
      override translatePath(path: string): string {
        return super.translatePath(path).replace("latin-1", "\udce4");
      }
    }
    await using site = await startSite({ directory: folder.path }, Renamed);
    assert.equal((await site.ask("/latin-1")).text, "by an override");
  });

  it("of a link outside is refused as any other", async () => {
    using folder = emptyDirectory();
    using outside = emptyDirectory();
    const { symlinkSync } = await import("node:fs");
    writeFileSync(join(outside.path, "secret"), "secret");
    symlinkSync(outside.path, pathOf(folder.path, Buffer.from([0xff])));
    await using site = await startSite({ directory: folder.path });
    assert.equal((await site.ask("/%ff/secret")).status, 404);
    assert.equal((await site.ask("/%ff/")).status, 404);
    assert.deepEqual(linksOf((await site.ask("/")).text), []);
  });
});

describe("a difficult name of text", () => {
  it("is fetched by its own link", async () => {
    using folder = emptyDirectory();
    for (const [name] of DIFFICULT_NAMES) writeFileSync(join(folder.path, name.slice(0, 255)), name);
    await using site = await startSite({ directory: folder.path });
    const links = linksOf((await site.ask("/")).text);
    assert.equal(links.length, DIFFICULT_NAMES.length);
    const texts = new Set<string>();
    for (const link of links) texts.add((await site.ask(`/${link}`)).text);
    assert.deepEqual(texts, new Set(DIFFICULT_NAMES.map(([name]) => name)));
  });
});
