// The state of a file, asked once for all requests of a batch, and never later than that.

import assert from "node:assert/strict";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { isInsideInBatch, statInBatch } from "../../src/files/stat-in-batch.ts";
import { parseResponses } from "../raw-client.ts";
import { makeFed } from "../handler/fed.ts";
import { emptyDirectory, put } from "./tree.ts";

describe("statInBatch", () => {
  it("asks once for a batch, again for the next one, and always outside of one", () => {
    using temporary = emptyDirectory();
    const directory = temporary.path;
    const file = put(directory, "file", "12345");
    assert.equal(statInBatch(file, 7)?.size, 5);
    writeFileSync(file, "123");
    assert.equal(statInBatch(file, 7)?.size, 5);
    assert.equal(statInBatch(file, 0)?.size, 3);
    assert.equal(statInBatch(file, 8)?.size, 3);
    rmSync(file);
    assert.equal(statInBatch(file, 9), undefined);
  });
});

/** Requests on connections of their own, all of them there in the same turn of the event loop. @returns the bodies */
async function askTogether(
  Handler: new (...args: ConstructorParameters<typeof SimpleHTTPRequestHandler>) => SimpleHTTPRequestHandler,
  inputs: readonly string[],
): Promise<string[][]> {
  const feds = inputs.map(() => makeFed(Handler));
  const runs = feds.map(({ handler }) => handler.run());
  for (const [i, { socket }] of feds.entries()) socket.push(Buffer.from(inputs[i]!, "latin1"));
  await nextTurn();
  await nextTurn();
  for (const { socket } of feds) socket.push(null);
  await Promise.all(runs);
  return feds.map(({ socket }) =>
    parseResponses(Buffer.from(socket.output, "latin1")).map(({ body }) => body.toString()),
  );
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe("a batch of requests for a file that is kept in memory", () => {
  /** A file of "old" in memory: the clock is put ahead, so that the file counts as settled. */
  async function cachedFile(
    t: TestContext,
  ): Promise<{ file: string; Handler: typeof SimpleHTTPRequestHandler }> {
    const temporary = emptyDirectory();
    t.after(() => temporary[Symbol.dispose]());
    const directory = temporary.path;
    const file = put(directory, "f", "old");
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
    class Handler extends SimpleHTTPRequestHandler {
      override directory = directory;
      override logMessage(): void {}
    }
    assert.deepEqual(await askTogether(Handler, [get("/f")]), [["old"]]);
    return { file, Handler };
  }

  it("asks the system once for all of them", async (t) => {
    const { Handler } = await cachedFile(t);
    const batches: number[] = [];
    class Noting extends Handler {
      override guessType(path: string): string {
        batches.push(this.request.batch);
        return super.guessType(path);
      }
    }
    assert.deepEqual(await askTogether(Noting, [get("/f"), get("/f") + get("/f")]), [
      ["old"],
      ["old", "old"],
    ]);
    assert.deepEqual(batches, [batches[0], batches[0], batches[0]]);
    assert.notEqual(batches[0], 0);
  });

  it("sends what an override of do_GET has just written", async (t) => {
    const { file, Handler } = await cachedFile(t);
    class Writing extends Handler {
      override do_GET(): void | Promise<void> {
        if (this.path.endsWith("?write")) writeFileSync(file, "new");
        return super.do_GET();
      }
    }
    assert.deepEqual(await askTogether(Writing, [get("/f"), get("/f?write"), get("/f")]), [
      ["old"],
      ["new"],
      ["new"],
    ]);
  });

  it("sends what the request before it on the same connection has written", async (t) => {
    const { file, Handler } = await cachedFile(t);
    class Putting extends Handler {
      do_PUT(): void {
        writeFileSync(file, "new");
        this.sendResponse(204);
        this.endHeaders();
      }
    }
    const put = "PUT /f HTTP/1.1\r\nHost: a\r\n\r\n";
    assert.deepEqual(await askTogether(Putting, [get("/f"), put + get("/f")]), [["old"], ["", "new"]]);
  });
});

describe(
  "isInsideInBatch",
  { skip: process.platform === "win32" ? "no symbolic links without rights" : false },
  () => {
    it("holds for what is in the root, at any depth, and through links that stay in it", () => {
      using folder = emptyDirectory();
      const root = folder.path;
      put(root, "a/b/c/d/e/f", "");
      symlinkSync("b", join(root, "a/to-b"));
      for (const path of [
        "",
        "/",
        "/a",
        "/a/",
        "/a/b/c",
        "/a/b/c/d",
        "/a/b/c/d/e",
        "/a/to-b/c",
        "/a/../a/b",
      ]) {
        assert.ok(isInsideInBatch(root + path, root, 0), path);
        assert.ok(isInsideInBatch(root + path, `${root}/`, 0) || path === "", path);
      }
      assert.ok(isInsideInBatch("/tmp", "/", 0));
    });

    it("does not hold beside it, above it, and behind a link that leads out, at any depth", () => {
      using folder = emptyDirectory();
      const root = join(folder.path, "www");
      put(root, "a/b/c/d/e/f", "");
      put(folder.path, "www-private/x", "");
      put(folder.path, "outside/b/c/d/x", "");
      symlinkSync("../outside", join(root, "out"));
      symlinkSync("../../../../../outside", join(root, "a/b/c/d/out"));
      for (const path of [
        "/..",
        "/a/../..",
        "/../www-private",
        "-private",
        "/out",
        "/out/b",
        "/out/b/c/d",
        "/a/b/c/d/out",
      ]) {
        assert.ok(!isInsideInBatch(root + path, root, 0), path);
      }
    });

    it("throws what the system says of what is not there", () => {
      using folder = emptyDirectory();
      assert.throws(() => isInsideInBatch(join(folder.path, "nothing"), folder.path, 0), { code: "ENOENT" });
    });
  },
);
