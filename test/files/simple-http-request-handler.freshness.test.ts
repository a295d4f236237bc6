// What is on disk when a request arrives is what is sent: links that change between requests, and files that change while they are sent.
// never-stale.test.ts changes files at random.

import assert from "node:assert/strict";
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseResponses, RawClient } from "../raw-client.ts";
import { openFilesBelow, startSite, until } from "./running-site.ts";
import { emptyDirectory, put, putSparse } from "./tree.ts";

describe("a file that changes between requests", () => {
  it("is 404 as soon as it has become a link that leads outside", async () => {
    using base = emptyDirectory();
    const root = join(base.path, "www");
    put(base.path, "secret", "12345");
    await using site = await startSite({ directory: root });
    for (let i = 0; i < 20; i++) {
      const file = put(root, `f${i}`, "12345");
      assert.equal((await site.ask(`/f${i}`)).status, 200);
      rmSync(file);
      symlinkSync("../secret", file);
      assert.equal((await site.ask(`/f${i}`)).status, 404);
    }
  });
});

const SIZE = 64 * 1024 * 1024;

describe("a file that changes while it is sent", () => {
  /** Asks for a large file, and stops reading when it has begun to come. */
  async function beginDownload(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.untilText("\r\n\r\n");
    client.socket.pause();
    return client;
  }

  it("ends visibly broken when it shrinks, and says so in the log", async () => {
    using directory = emptyDirectory();
    const file = putSparse(directory.path, "large", SIZE);
    await using site = await startSite({ directory: directory.path });
    using client = await beginDownload(site.port);
    truncateSync(file, 100_000);
    client.socket.resume();
    await client.until(() => client.hasEnded || client.isClosed);
    const [answer] = parseResponses(client.bytes);
    assert.equal(answer!.get("content-length"), String(SIZE));
    assert.ok(!answer!.isComplete && answer!.body.length < SIZE);
    await until(() => site.log.some((line) => line.includes("response cut")), "a word in the log");
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("ends visibly broken when other bytes are written into it: never the beginning of one and the end of another", async () => {
    using directory = emptyDirectory();
    const file = putSparse(directory.path, "large", SIZE);
    await using site = await startSite({ directory: directory.path });
    using client = await beginDownload(site.port);
    const fd = openSync(file, "r+");
    writeSync(fd, "other bytes", SIZE - 1000);
    closeSync(fd);
    client.socket.resume();
    await client.until(() => client.hasEnded || client.isClosed);
    const [answer] = parseResponses(client.bytes);
    assert.ok(!answer!.isComplete && answer!.body.length < SIZE);
    assert.ok(!answer!.body.includes("other bytes"));
    await until(
      () => site.log.includes("response cut: the file was changed while it was sent"),
      "the reason in the log",
    );
    assert.ok(openFilesBelow(directory.path) <= 0);
  });

  it("is sent whole when it is removed or replaced, and as it was when it grows", async () => {
    using directory = emptyDirectory();
    const file = putSparse(directory.path, "large", SIZE);
    const before = readFileSync(file);
    await using site = await startSite({ directory: directory.path });
    const changes = [
      (): void => appendFileSync(file, "more"),
      (): void => renameSync(put(directory.path, "new", "new"), file),
      (): void => unlinkSync(file),
    ];
    for (const change of changes) {
      rmSync(file);
      writeFileSync(file, before);
      using client = await beginDownload(site.port);
      const end = client.bytes.indexOf("\r\n\r\n") + 4;
      change();
      client.socket.resume();
      await client.until(() => client.socket.bytesRead >= end + SIZE);
      assert.ok(client.bytes.subarray(end).equals(before));
    }
  });
});
