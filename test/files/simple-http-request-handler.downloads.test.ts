// Large files, many clients, and clients that go away.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { RawClient } from "../raw-client.ts";
import { openFilesBelow, startSite, until } from "./running-site.ts";
import { emptyDirectory, put, putSparse } from "./tree.ts";

const run = promisify(execFile);
const MIB = 1024 * 1024;

describe("large files", () => {
  it("arrive identical, two at once, in little memory", async () => {
    using directory = emptyDirectory();
    using downloads = emptyDirectory();
    const file = putSparse(directory.path, "large.bin", 64 * MIB);
    await using site = await startSite({ directory: directory.path });
    const memory = (): number => process.memoryUsage().external + process.memoryUsage().arrayBuffers;
    const before = memory();
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, memory() - before)), 5);
    const url = `http://127.0.0.1:${site.port}/large.bin`;
    const names = ["one", "two"].map((name) => join(downloads.path, name));
    await Promise.all(names.map((name) => run("curl", ["-sSf", "--max-time", "60", "-o", name, url])));
    clearInterval(sampling);
    for (const name of names) await run("cmp", [file, name]);
    assert.ok(most < 16 * MIB, `${Math.round(most / MIB)} MiB`);
  });

  it("wait for a slow client, and cost no memory meanwhile", async () => {
    using directory = emptyDirectory();
    putSparse(directory.path, "large.bin", 64 * MIB);
    await using site = await startSite({ directory: directory.path });
    const child = spawn("curl", [
      "-sSf",
      "--limit-rate",
      "1M",
      "-o",
      "/dev/null",
      `http://127.0.0.1:${site.port}/large.bin`,
    ]);
    await until(() => openFilesBelow(directory.path) !== 0, "the file is open");
    const before = process.memoryUsage().arrayBuffers;
    // Others are served as if nothing was.
    put(directory.path, "small", "small");
    for (let i = 0; i < 50; i++) assert.equal((await site.ask("/small")).text, "small");
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * MIB);
    child.kill();
    await once(child, "exit");
    await until(() => openFilesBelow(directory.path) <= 0, "the file is closed");
  });

  it("do not mix, however slowly their clients read", { timeout: 60_000 }, async () => {
    using directory = emptyDirectory();
    // A little more than whole pieces: the small rest is what a socket may hold longest.
    const size = 8 * MIB + 3000;
    const letters = "abcdefgh".split("");
    for (const letter of letters) put(directory.path, letter, letter.repeat(size));
    await using site = await startSite({ directory: directory.path });
    await Promise.all(
      letters.map(async (letter, i) => {
        for (let round = 0; round < 2; round++) {
          using client = await RawClient.connect(site.port);
          client.send(`GET /${letter} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
          await client.untilText("\r\n\r\n");
          // Each reads in starts of its own: the others' data goes out in between.
          client.socket.on("data", () => {
            client.socket.pause();
            setTimeout(() => client.socket.resume(), (i * 7 + round) % 5);
          });
          await client.until(() => client.hasEnded || client.isClosed);
          const body = client.bytes.subarray(client.bytes.indexOf("\r\n\r\n") + 4);
          assert.equal(body.length, size);
          assert.ok(
            body.every((byte) => byte === letter.charCodeAt(0)),
            `foreign bytes in ${letter}`,
          );
        }
      }),
    );
  });

  it("hold no more than two pieces for a client that never reads, which is gone at writeTime", async () => {
    using directory = emptyDirectory();
    putSparse(directory.path, "gigabyte.bin", 1024 * MIB);
    let most = 0;
    class Watched extends SimpleHTTPRequestHandler {
      protected override writeBody(chunk: string | Uint8Array): void {
        super.writeBody(chunk);
        most = Math.max(most, this.request.socket.writableLength);
      }
    }
    await using site = await startSite({ directory: directory.path }, Watched, { writeTime: 500 });
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(site.port)));
    const before = process.memoryUsage().arrayBuffers;
    for (const client of clients) {
      client.socket.pause();
      client.send("GET /gigabyte.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    await until(() => openFilesBelow(directory.path) !== 0, "files are open");
    const held = process.memoryUsage().arrayBuffers - before;
    assert.ok(held < clients.length * MIB, `${held} bytes for ${clients.length} clients`);
    await until(() => site.log.length === clients.length, "all are gone");
    assert.ok(openFilesBelow(directory.path) <= 0);
    assert.ok(most > 0 && most <= 512 * 1024, `${most} bytes in a socket`);
    for (const client of clients) client.socket.destroy();
  });

  it("arrive whole at a client that has ended its own side (RFC 9112 §9.6)", async () => {
    using directory = emptyDirectory();
    putSparse(directory.path, "large.bin", 100 * MIB);
    put(directory.path, "small", "small");
    await using site = await startSite({ directory: directory.path });
    for (const [name, size] of [
      ["small", 5],
      ["large.bin", 100 * MIB],
    ] as const) {
      using client = await RawClient.connect(site.port);
      client.send(`GET /${name} HTTP/1.1\r\nHost: x\r\n\r\n`).end();
      await client.until(() => client.hasEnded, "the end", 30_000);
      const head = client.bytes.indexOf("\r\n\r\n") + 4;
      assert.equal(client.received - head, size);
      assert.equal(client.errorCode, undefined);
    }
  });

  it("are not read for HEAD", async () => {
    using directory = emptyDirectory();
    truncateSync(put(directory.path, "huge.bin", ""), 2 ** 40);
    await using site = await startSite({ directory: directory.path });
    const answer = await site.ask("/huge.bin", { method: "HEAD" });
    assert.equal(answer.get("content-length"), String(2 ** 40));
  });
});

describe("file descriptors", () => {
  it("are closed after aborted downloads, 304s, HEADs and errors", async () => {
    using directory = emptyDirectory();
    putSparse(directory.path, "large.bin", 64 * MIB);
    put(directory.path, "small.txt", "small");
    await using site = await startSite({ directory: directory.path });
    const abort = async (i: number): Promise<void> => {
      const client = await RawClient.connect(site.port);
      client.send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
      // At every moment: before the answer, within its head, within its body; in order and by a reset.
      if (i % 3 !== 0) await client.untilText("HTTP/1.1 200");
      if (i % 2 === 0) client.reset();
      else client.socket.destroy();
    };
    for (let i = 0; i < 200; i += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, k) => abort(i + k)));
    }
    const fields = { "If-Modified-Since": new Date().toUTCString() };
    for (let i = 0; i < 50; i++) {
      assert.equal((await site.ask("/large.bin", { fields })).status, 304);
      assert.equal((await site.ask("/large.bin", { method: "HEAD" })).status, 200);
      assert.equal((await site.ask("/small.txt", { fields })).status, 304);
      assert.equal((await site.ask("/nothing")).status, 404);
      assert.equal((await site.ask("/large.bin", { method: "POST" })).status, 405);
    }
    await until(() => openFilesBelow(directory.path) <= 0, "all files closed");
    // A client that goes is no error of the server.
    assert.ok(!site.log.some((line) => line.startsWith("handleError")));
    assert.equal(
      (await site.ask("/small.txt")).text,
      readFileSync(join(directory.path, "small.txt"), "utf8"),
    );
  });
});
