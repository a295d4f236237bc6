// Subclasses: each step of the ladder can be replaced, and what an override throws costs one answer and no file.

import assert from "node:assert/strict";
import { join } from "node:path";
import { Transform, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, it } from "node:test";
import type { Content } from "../../src/files/file-content.ts";
import type { Body } from "../../src/files/representation-sender.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { HTTPRequestError } from "../../src/errors.ts";
import { RawClient } from "../raw-client.ts";
import { type HandlerClass, openFilesBelow, startSite, type Site, until } from "./running-site.ts";
import { buildTree, putSparse, type Tree } from "./tree.ts";

let tree: Tree;
before(async () => {
  tree = await buildTree();
  putSparse(tree.root, "large.bin", 3_000_000);
});
after(() => tree[Symbol.asyncDispose]());

const serve = (Base: HandlerClass): Promise<Site> => startSite({ directory: tree.root }, Base);

function upperCase(): Transform {
  return new Transform({
    transform: (chunk: Buffer, _, callback) => callback(null, chunk.toString().toUpperCase()),
  });
}

describe("an override", () => {
  it("of copyFile sees every body pass, and may write it itself", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override copyFile(source: Content): Promise<void> {
          return pipeline(source.stream(), upperCase(), this.wfile);
        }
      },
    );
    assert.equal((await site.ask("/a.txt")).text, "A.TXT");
    assert.equal((await site.ask("/empty.txt")).text, "");
    assert.match((await site.ask("/sub/")).text, /<TITLE>DIRECTORY LISTING/);
  });

  it("of copyFile may hand a stream of its own on", async () => {
    let seen = 0;
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override copyFile(source: Content, destination: Writable = this.wfile): Promise<void> {
          seen += source.size;
          return super.copyFile(source, destination);
        }
      },
    );
    assert.equal((await site.ask("/large.bin")).body.length, 3_000_000);
    assert.equal((await site.ask("/a.txt")).text, "a.txt");
    assert.equal(seen, 3_000_005);
  });

  it("of copyFile that writes too little ends visibly broken", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override async copyFile(): Promise<void> {
          this.wfile.write("a");
        }
      },
    );
    using client = await RawClient.connect(site.port);
    const text = await client.send("GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n").untilEnd();
    assert.match(text, /Content-Length: 5\r\n[^]*\r\n\r\na$/);
  });

  it("of translatePath decides what is served", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override translatePath(path: string): string {
          return super.translatePath(path.replace(/^\/base\//, "/"));
        }
      },
    );
    assert.equal((await site.ask("/base/a.txt")).text, "a.txt");
    assert.match((await site.ask("/base/sub/")).text, /listing for \/base\/sub\//);
    assert.equal((await site.ask("/base/sub")).get("location"), "/base/sub/");
    assert.equal((await site.ask("/base/link-out")).status, 404);
  });

  it("of translatePath leads out of the directory only where links may, too", async () => {
    class Elsewhere extends SimpleHTTPRequestHandler {
      override translatePath(): string {
        return join(tree.outside, "secret.txt");
      }
    }
    await using site = await serve(Elsewhere);
    assert.equal((await site.ask("/")).status, 404);
    await using loose = await startSite({ directory: tree.root, followSymlinks: true }, Elsewhere);
    assert.equal((await loose.ask("/")).status, 200);
  });

  it("of translatePath may refuse, or fail, or give what is no path", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override translatePath(path: string): string {
          if (path === "/teapot") throw new HTTPRequestError(418, "No coffee");
          if (path === "/nul") return join(tree.root, "a\0b");
          throw new Error("the inside of the server");
        }
      },
    );
    assert.equal((await site.ask("/teapot")).status, 418);
    assert.equal((await site.ask("/nul")).status, 404);
    const answer = await site.ask("/other");
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /inside/);
  });

  it("of listDirectory may refuse, or send a page of its own, for HEAD as well", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override async listDirectory(path: string): Promise<Body> {
          if (path.endsWith("deep/")) {
            this.sendError(403, "No listings");
            return undefined;
          }
          this.sendResponse(200);
          this.sendHeader("Content-Length", 4);
          this.endHeaders();
          this.wfile.write("mine");
          return undefined;
        }
      },
    );
    assert.equal((await site.ask("/sub/deep/")).status, 403);
    assert.equal((await site.ask("/sub/")).text, "mine");
    const head = await site.ask("/sub/", { method: "HEAD" });
    assert.equal(head.get("content-length"), "4");
    assert.equal((await site.ask("/indexed/")).text, "indexed/index.html");
  });

  it("of sendHead rewrites the path: single-page apps", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override sendHead(): Body | Promise<Body> {
          if (!this.path.includes(".")) this.path = "/indexed/index.html";
          return super.sendHead();
        }
      },
    );
    assert.equal((await site.ask("/some/view")).text, "indexed/index.html");
    assert.equal((await site.ask("/a.txt")).text, "a.txt");
  });

  it("of guessType says the type", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override guessType(path: string): string {
          return path.endsWith("data") ? "x/data" : super.guessType(path);
        }
      },
    );
    assert.equal((await site.ask("/data")).get("content-type"), "x/data");
    assert.equal((await site.ask("/a.txt")).get("content-type"), "text/plain; charset=utf-8");
  });

  it("of endHeaders adds a field to every answer", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        override endHeaders(): void {
          this.sendHeader("Access-Control-Allow-Origin", "*");
          super.endHeaders();
        }
      },
    );
    for (const target of ["/a.txt", "/sub/", "/sub", "/nothing", "/%zz", "/large.bin"]) {
      for (const method of ["GET", "HEAD", "OPTIONS", "POST", "FOO"]) {
        const answer = await site.ask(target, { method });
        assert.equal(answer.get("access-control-allow-origin"), "*", `${method} ${target}`);
      }
    }
  });

  it("may add a method", async () => {
    await using site = await serve(
      class extends SimpleHTTPRequestHandler {
        async do_POST(): Promise<void> {
          let size = 0;
          for await (const chunk of this.rfile) size += (chunk as Buffer).length;
          this.sendResponse(200);
          this.endHeaders();
          this.wfile.write(`${size} bytes`);
        }
      },
    );
    const response = await fetch(`http://127.0.0.1:${site.port}/upload`, { method: "POST", body: "hello" });
    assert.equal(await response.text(), "5 bytes");
  });

  it("that throws after the file was opened leaves it closed", async () => {
    const fail = (): never => {
      throw new Error("a mistake in an override");
    };
    class BadType extends SimpleHTTPRequestHandler {
      override guessType = fail;
    }
    class BadDate extends SimpleHTTPRequestHandler {
      override dateTimeString(timestamp?: number): string {
        return timestamp === undefined ? super.dateTimeString() : fail();
      }
    }
    class BadEnd extends SimpleHTTPRequestHandler {
      override endHeaders(): void {
        if (this.hasResponseHeader("last-modified")) fail();
        super.endHeaders();
      }
    }
    class BadCopy extends SimpleHTTPRequestHandler {
      override copyFile = fail;
    }
    for (const Base of [BadType, BadDate, BadEnd]) {
      await using site = await serve(Base);
      for (const method of ["GET", "HEAD"]) {
        assert.equal((await site.ask("/large.bin", { method })).status, 500, Base.name);
      }
    }
    await using site = await serve(BadCopy);
    using client = await RawClient.connect(site.port);
    await client.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n").untilEnd();
    assert.match(client.text, /Content-Length: 3000000\r\n[^]*\r\n\r\n$/);
    await until(() => openFilesBelow(tree.base) <= 0, "all files closed");
  });
});
