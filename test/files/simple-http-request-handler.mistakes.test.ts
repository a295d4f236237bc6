// Overrides with the mistakes that the compiler lets pass: each costs its own answer at most, and never the process.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import type { Content } from "../../src/files/file-content.ts";
import type { Body } from "../../src/files/representation-sender.ts";
import { RawClient } from "../raw-client.ts";
import { type HandlerClass, openFilesBelow, startSite, type Site, until } from "./running-site.ts";
import { emptyDirectory, put, putSparse } from "./tree.ts";

const SIZE = 3_000_000;
const folder = emptyDirectory();
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);

before(() => {
  put(folder.path, "a.txt", "a".repeat(2000));
  put(folder.path, "sub/b.txt", "b");
  putSparse(folder.path, "large.bin", SIZE);
  process.on("unhandledRejection", note);
});
after(() => {
  process.off("unhandledRejection", note);
  folder[Symbol.dispose]();
});

const serve = (Base: HandlerClass): Promise<Site> => startSite({ directory: folder.path }, Base);

/** As a handler writes it that has forgotten `return`: void methods may return anything. */
function unreturned(Base: HandlerClass): HandlerClass {
  return class extends Base {
    override do_GET(): void {
      void super.do_GET();
    }
    override do_HEAD(): void {
      void super.do_HEAD();
    }
  };
}

describe("an override that does not return what super.do_GET() returns", () => {
  for (const Base of [SimpleHTTPRequestHandler, CGIHTTPRequestHandler]) {
    it(`sends everything all the same: ${Base.name}`, async () => {
      await using site = await serve(unreturned(Base));
      assert.equal((await site.ask("/a.txt")).body.length, 2000);
      assert.equal((await site.ask("/large.bin")).body.length, SIZE);
      assert.equal((await site.ask("/large.bin", { fields: { Range: "bytes=1-2000000" } })).status, 206);
      assert.match((await site.ask("/sub/")).text, /b\.txt/);
      assert.equal((await site.ask("/sub/", { method: "HEAD" })).status, 200);
      assert.equal((await site.ask("/sub/?archive=zip")).status, 200);
      const coded = await site.ask("/a.txt", { fields: { "Accept-Encoding": "gzip" } });
      assert.equal(coded.get("content-encoding"), "gzip");
      assert.deepEqual(unhandled, []);
    });
  }

  it("answers the next request of the connection when it is over, and not before", async () => {
    await using site = await serve(unreturned(SimpleHTTPRequestHandler));
    using client = await RawClient.connect(site.port);
    client.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    const [first, second] = await client.responses(2);
    assert.equal(first!.body.length, SIZE);
    assert.equal(second!.body.length, 2000);
  });

  it("costs nothing but its answer when the client goes", async () => {
    await using site = await serve(unreturned(SimpleHTTPRequestHandler));
    const client = await RawClient.connect(site.port);
    client.send("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.untilText("200 OK");
    client.reset();
    await until(() => openFilesBelow(folder.path) <= 0, "all files closed");
    assert.equal((await site.ask("/a.txt")).status, 200);
    assert.deepEqual(unhandled, []);
  });

  it("costs its answer when it calls twice, or throws behind the call", async () => {
    class Twice extends SimpleHTTPRequestHandler {
      override do_GET(): void {
        void super.do_GET();
        void super.do_GET();
      }
    }
    class Throws extends SimpleHTTPRequestHandler {
      override do_GET(): void {
        void super.do_GET();
        throw new Error("a mistake in an override");
      }
    }
    for (const Base of [Twice, Throws]) {
      await using site = await serve(Base);
      for (const target of ["/large.bin", "/sub/", "/a.txt"]) {
        using client = await RawClient.connect(site.port);
        client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        if (!client.isClosed) await once(client.socket, "close");
      }
      await until(() => openFilesBelow(folder.path) <= 0, "all files closed");
    }
    assert.deepEqual(unhandled, []);
  });
});

it("an override that fails while super.do_GET() still runs closes the connection, so that no next answer is written into", async () => {
  class Fails extends SimpleHTTPRequestHandler {
    override do_GET(): void {
      const sent = super.do_GET();
      if (sent instanceof Promise) throw new Error("a mistake in an override");
    }
  }
  await using site = await serve(Fails);
  using client = await RawClient.connect(site.port);
  client.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
  const text = await client.untilEnd();
  assert.match(text, /^HTTP\/1\.1 500 .*\r\n(?:.*\r\n)*?Connection: close\r\n/);
  assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1);
  assert.deepEqual(unhandled, []);
});

it("an override of translatePath() that returns no text is told to the log, and 500", async () => {
  for (const nothing of [undefined, Promise.resolve("/etc/hostname"), 7]) {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override translatePath(): string {
          return nothing as unknown as string;
        }
      },
    );
    assert.equal((await site.ask("/a.txt")).status, 500);
    assert.match(site.log.join("\n"), /handleError: TypeError/);
  }
});

it("an override that returns undefined for a type, or a text for a body, is told to the log in words", async () => {
  const nothing = undefined as unknown as string;
  const text = "<p>mine" as unknown as Content;
  const bytes = Buffer.from("mine") as unknown as Content;
  const mistakes = [
    [
      class extends SimpleHTTPRequestHandler {
        override guessType() {
          return nothing;
        }
      },
      /guessType\(\) returned undefined, and has to return a text/,
    ],
    [
      class extends SimpleHTTPRequestHandler {
        override sendHead() {
          return text;
        }
      },
      /sendHead\(\) or listDirectory\(\) returned a value of type string/,
    ],
    [
      class extends SimpleHTTPRequestHandler {
        override sendHead() {
          return Promise.resolve(bytes);
        }
      },
      /returned a value of type object, .* wfile/,
    ],
  ] as const;
  for (const [Handler, words] of mistakes) {
    for (const method of ["GET", "HEAD"]) {
      await using site = await serve(Handler);
      assert.equal((await site.ask("/a.txt", { method })).status, 500);
      assert.match(site.log.join("\n"), words);
    }
  }
});

it("an interim response before a file or a listing has none of the fields that are theirs", async () => {
  await using site = await serve(
    class extends SimpleHTTPRequestHandler {
      override async listDirectory(path: string): Promise<Body> {
        this.sendResponseOnly(103);
        this.sendHeader("Link", "</style.css>; rel=preload");
        this.endHeaders();
        return super.listDirectory(path);
      }
    },
  );
  using client = await RawClient.connect(site.port);
  client.send("GET /sub/ HTTP/1.1\r\nHost: a\r\n\r\n");
  const text = await client.untilText("</html>");
  const [interim, final] = text.split("\r\n\r\n");
  assert.equal(interim, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload");
  assert.match(final!, /^HTTP\/1\.1 200 OK\r\n[^]*Cache-Control: no-cache/);
});

it("an override that cuts a prefix off the path redirects to no other host", async () => {
  await using site = await serve(
    class extends SimpleHTTPRequestHandler {
      override sendHead(): Body | Promise<Body> {
        this.path = this.path.slice("/app".length);
        return super.sendHead();
      }
    },
  );
  for (const target of [
    "/app//evil.example/%2e%2e/sub",
    "/app//evil.example/..%2fsub%2f",
    "/app/\\evil.example/../sub",
  ]) {
    const location = (await site.ask(target)).get("location") ?? assert.fail(target);
    assert.equal(new URL(location, "http://here.example/").host, "here.example", location);
  }
});
