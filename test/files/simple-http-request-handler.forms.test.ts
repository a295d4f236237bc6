// The forms of a listing: a page, JSON and plain text, each while the directory is read.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { DirectoryEntry } from "../../src/files/directory-entry.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { parseResponses, RawClient } from "../raw-client.ts";
import { type Answer, openFilesBelow, startSite, type Site, until } from "./running-site.ts";
import { buildTree, DIFFICULT_NAMES, emptyDirectory, put, type Tree } from "./tree.ts";

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

const as = (type: string, path: string): Promise<Answer> => site.ask(path, { fields: { Accept: type } });

interface JsonListing {
  readonly path: string;
  readonly entries: readonly (Omit<DirectoryEntry, "isDirectory" | "isLink"> & Record<string, unknown>)[];
  readonly count: number;
  readonly size: number;
}

async function json(path: string): Promise<JsonListing> {
  const answer = await as("application/json", path);
  assert.equal(answer.status, 200);
  assert.equal(answer.get("content-type"), "application/json");
  return JSON.parse(answer.text) as JsonListing;
}

describe("a listing as JSON", () => {
  it("has the path, each entry, their number and the sum of their sizes", async () => {
    const listing = await json("/large-then-small/");
    assert.equal(listing.path, "/large-then-small/");
    assert.equal(listing.count, 4);
    assert.equal(
      listing.size,
      listing.entries.reduce((sum, entry) => sum + (entry.size ?? 0), 0),
    );
    const [folder, file] = listing.entries;
    assert.deepEqual(
      { ...folder, modified: typeof folder!.modified },
      {
        name: "zebra",
        href: "zebra/",
        kind: "directory",
        link: false,
        type: null,
        size: null,
        modified: "string",
      },
    );
    assert.deepEqual(
      { ...file, modified: new Date(file!.modified).getTime() > 0 },
      {
        name: "apple.txt",
        href: "apple.txt",
        kind: "file",
        link: false,
        type: "text/plain; charset=utf-8",
        size: 26,
        modified: true,
      },
    );
  });

  it("has every name as it is, and a reference that fetches it", async () => {
    const { entries } = await json("/names/");
    const byName = new Map(entries.map((entry) => [entry.name, entry["href"] as string]));
    for (const [name] of DIFFICULT_NAMES) {
      const href = byName.get(`${name}.txt`) ?? assert.fail(name);
      assert.equal((await site.ask(`/names/${href}`)).text, name);
    }
  });

  it("is sorted as the page is", async () => {
    const { entries } = await json("/large-then-small/?sort=size&order=desc");
    assert.deepEqual(
      entries.map((entry) => entry.name),
      ["zebra", "Banana.txt", "cherry.txt", "apple.txt"],
    );
  });

  it("of an empty folder is valid, too", async () => {
    using directory = emptyDirectory();
    await using empty = await startSite({ directory: directory.path });
    const answer = await empty.ask("/", { fields: { Accept: "application/json" } });
    assert.deepEqual(JSON.parse(answer.text), { path: "/", entries: [], count: 0, size: 0 });
  });
});

describe("a listing as plain text", () => {
  it("is a line for each entry: date, size, name", async () => {
    const answer = await as("text/plain", "/large-then-small/");
    assert.equal(answer.get("content-type"), "text/plain; charset=utf-8");
    const lines = answer.text.split("\n");
    assert.match(lines[0]!, /^\d{4}-\d\d-\d\d \d\d:\d\d {15}- {2}zebra\/$/);
    assert.match(lines[1]!, /^\d{4}-\d\d-\d\d \d\d:\d\d {14}26 {2}apple\.txt$/);
    assert.equal(lines.length, 5);
  });

  it("stays a line for each entry, whatever is in its name, and commands no terminal", async () => {
    const { text } = await as("text/plain", "/names/");
    assert.equal(text.split("\n").length, DIFFICULT_NAMES.length + 1);
    assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f]/);
  });
});

describe("the form of a listing", () => {
  it("is a page for browsers and curl, and says that it depends on Accept (RFC 9110 §12.5.5)", async () => {
    for (const answer of [
      await site.ask("/sub/"),
      await as("*/*", "/sub/"),
      await as("text/html,*/*;q=0.8", "/sub/"),
    ]) {
      assert.equal(answer.get("content-type"), "text/html; charset=utf-8");
      assert.equal(answer.get("vary"), "Accept");
      assert.equal(answer.get("x-content-type-options"), "nosniff");
    }
    assert.equal((await as("application/json", "/sub/")).get("vary"), "Accept");
  });

  it("is told by HEAD as by GET", async () => {
    for (const type of ["text/html", "application/json", "text/plain"]) {
      const fields = { Accept: type };
      const names = (answer: Answer): string[] =>
        answer.fields
          .filter(([name]) => !/^(date|transfer-encoding)$/i.test(name))
          .map((field) => field.join(": "));
      const head = await site.ask("/sub/", { method: "HEAD", fields });
      assert.deepEqual(names(head), names(await site.ask("/sub/", { fields })));
      assert.equal(head.body.length, 0);
    }
  });

  it("comes in chunks, and ends with the connection for HTTP/1.0", async () => {
    assert.equal((await site.ask("/sub/")).get("transfer-encoding"), "chunked");
    using client = await RawClient.connect(site.port);
    client.send("GET /sub/ HTTP/1.0\r\n\r\n");
    await client.until(() => client.hasEnded, "the end");
    const [answer] = parseResponses(client.text, ["GET"]);
    assert.equal(answer!.get("transfer-encoding"), undefined);
    assert.ok(answer!.body.toString().endsWith("</html>\n"));
  });
});

describe("a large directory", () => {
  it(
    "shows the top of its page before it is read, and others have their turn while it is",
    { timeout: 120_000 },
    async () => {
      using directory = emptyDirectory();
      for (let i = 0; i < 20_000; i++) put(directory.path, `${i}.txt`, "");
      put(directory.path, "below/small.txt", "small");
      await using site = await startSite({ directory: directory.path });
      using client = await RawClient.connect(site.port);
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await client.until(() => client.text.includes("</h1>"), "the top");
      assert.ok(!client.text.includes("<table"), "it was all there already: nothing is proved");
      let served = 0;
      while (!client.text.endsWith("\r\n0\r\n\r\n")) {
        assert.equal((await site.ask("/below/small.txt")).text, "small");
        served++;
      }
      assert.ok(served >= 3, `${served} answers`);
      const [answer] = parseResponses(client.text, ["GET"]);
      assert.equal(answer!.body.toString().match(/<tr\srole="row"><td/g)?.length, 20_001);
    },
  );

  it("is not read further for a client that has gone", async () => {
    using directory = emptyDirectory();
    for (let i = 0; i < 2000; i++) put(directory.path, `${i}.txt`, "");
    await using site = await startSite({ directory: directory.path });
    for (let i = 0; i < 5; i++) {
      using client = await RawClient.connect(site.port);
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await client.until(() => client.received > 0, "the beginning");
      client.reset();
    }
    assert.equal((await site.ask("/1.txt")).status, 200);
    assert.ok(!site.log.some((line) => line.startsWith("handleError")), site.log.join("\n"));
  });
});

it("a directory that nobody waits for any more is not read to its end", async () => {
  const count = 10_000;
  using directory = emptyDirectory();
  for (let i = 0; i < count; i++) put(directory.path, `${i}.txt`, "");
  let asked = 0;
  class Counting extends SimpleHTTPRequestHandler {
    // Asked of every entry that is found, to know whether one is an image.
    override guessType(path: string): string {
      asked++;
      return super.guessType(path);
    }
  }
  await using site = await startSite({ directory: directory.path }, Counting);
  using client = await RawClient.connect(site.port);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await client.until(() => client.text.includes("</h1>"), "the top");
  client.reset();
  await until(() => openFilesBelow(directory.path) <= 0, "the directory is closed");
  assert.ok(asked < count, `${asked} entries`);
});

it("an override of listDirectory() can still send a page of its own", async () => {
  class Own extends SimpleHTTPRequestHandler {
    override listDirectory(): Promise<undefined> {
      this.sendResponse(200);
      this.sendHeader("Content-Length", 3);
      this.endHeaders();
      this.wfile.write("own");
      return Promise.resolve(undefined);
    }
  }
  await using own = await startSite({ directory: tree.root }, Own);
  assert.equal((await own.ask("/sub/")).text, "own");
});
