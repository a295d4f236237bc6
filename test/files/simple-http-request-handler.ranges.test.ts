// Ranges on a real server: from memory and from disk, through overrides, and of files that change while they are sent.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync, renameSync, truncateSync, unlinkSync } from "node:fs";
import type { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { after, before, describe, it } from "node:test";
import type { Content } from "../../src/files/file-content.ts";
import type { Body } from "../../src/files/representation-sender.ts";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { exchange, parseResponses, RawClient } from "../raw-client.ts";
import { parseParts } from "./parts.ts";
import { type Answer, openFilesBelow, type Site, startSite, until } from "./running-site.ts";
import { emptyDirectory, put, putSparse } from "./tree.ts";

const directory = emptyDirectory();
let site: Site;
const LETTERS = "abcdefghij";

before(async () => {
  put(directory.path, "ten.txt", LETTERS);
  put(directory.path, "empty.txt", "");
  put(directory.path, "big.bin", LETTERS.repeat(100_000));
  site = await startSite({ directory: directory.path });
});
after(async () => {
  await site[Symbol.asyncDispose]();
  directory[Symbol.dispose]();
});

const ask = (range: string, target = "/ten.txt", method = "GET"): Promise<Answer> =>
  site.ask(target, { method, fields: { Range: range } });

describe("a range (RFC 9110 §14)", () => {
  it("is 206 with Content-Range, and the fields of the whole", async () => {
    const [whole, part] = [await site.ask("/ten.txt"), await ask("bytes=2-4")];
    assert.deepEqual([part.status, part.text], [206, "cde"]);
    assert.equal(part.get("content-range"), "bytes 2-4/10");
    assert.equal(part.get("content-length"), "3");
    for (const name of ["content-type", "last-modified", "accept-ranges"])
      assert.equal(part.get(name), whole.get(name));
  });

  it("is a suffix, an open end, the first and the last byte", async () => {
    const answers = await Promise.all(
      ["bytes=-3", "bytes=-30", "bytes=8-", "bytes=0-0", "bytes=9-9", "bytes=0-"].map((range) => ask(range)),
    );
    assert.deepEqual(
      answers.map((answer) => `${answer.status} ${answer.text}`),
      ["206 hij", "206 abcdefghij", "206 ij", "206 a", "206 j", "206 abcdefghij"],
    );
  });

  it("that is not there is 416, and the length is told", async () => {
    for (const range of ["bytes=10-", "bytes=-0", "bytes=10-20,30-"]) {
      const answer = await ask(range);
      assert.deepEqual([answer.status, answer.get("content-range")], [416, "bytes */10"]);
    }
    assert.equal((await ask("bytes=0-0", "/empty.txt")).get("content-range"), "bytes */0");
  });

  it("is ignored where it is malformed, of another unit, or for HEAD, a listing, an error", async () => {
    for (const range of ["bytes=", "bytes=a", "lines=0-1", "bytes=4-2", "bytes=0-1;x", "0-1"])
      assert.deepEqual([(await ask(range)).status, (await ask(range)).text], [200, LETTERS]);
    const head = await ask("bytes=0-1", "/ten.txt", "HEAD");
    assert.deepEqual(
      [head.status, head.get("content-length"), head.get("content-range")],
      [200, "10", undefined],
    );
    assert.equal((await ask("bytes=100-", "/ten.txt", "HEAD")).status, 200);
    assert.equal((await ask("bytes=0-1", "/")).status, 200);
    assert.equal((await ask("bytes=0-1", "/nothing")).status, 404);
  });

  it("is offered with every file: Accept-Ranges", async () => {
    for (const target of ["/ten.txt", "/empty.txt", "/big.bin"]) {
      for (const method of ["GET", "HEAD"])
        assert.equal((await site.ask(target, { method })).get("accept-ranges"), "bytes");
    }
  });

  it("is read on HTTP/1.0, too", async () => {
    const [answer] = parseResponses(
      await exchange(site.port, "GET /ten.txt HTTP/1.0\r\nRange: bytes=1-2\r\n\r\n"),
    );
    assert.deepEqual([answer!.status, answer!.body.toString()], [206, "bc"]);
  });

  it("leaves the connection open for the next request, also after 304, 412 and 416", async () => {
    using client = await RawClient.connect(site.port);
    const fields = [
      "Range: bytes=0-1",
      "Range: bytes=0-1,4-5",
      "Range: bytes=99-",
      "If-None-Match: *",
      'If-Match: "x"',
    ];
    for (const field of fields) client.send(`GET /ten.txt HTTP/1.1\r\nHost: x\r\n${field}\r\n\r\n`);
    client.send("GET /ten.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const answers = await client.responses(6);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [206, 206, 416, 304, 412, 200],
    );
    assert.ok(answers.every(({ isComplete }) => isComplete));
  });
});

describe("several ranges (RFC 9110 §15.3.7.2)", () => {
  it("are multipart/byteranges, in the order of the request, with no Content-Range of its own", async () => {
    for (const target of ["/ten.txt", "/big.bin"]) {
      const size = target === "/ten.txt" ? 10 : 1_000_000;
      const answer = await ask("bytes=-1, 0-1, 4-5", target);
      assert.equal(answer.status, 206);
      assert.equal(answer.get("content-range"), undefined);
      const type = (await site.ask(target)).get("content-type");
      assert.deepEqual(parseParts(answer.body, answer.get("content-type")!), [
        { type, range: `bytes ${size - 1}-${size - 1}/${size}`, body: "j" },
        { type, range: `bytes 0-1/${size}`, body: "ab" },
        { type, range: `bytes 4-5/${size}`, body: "ef" },
      ]);
    }
  });

  it("are one range where they overlap, adjoin, or only one of them is there", async () => {
    for (const range of ["bytes=0-3,2-5", "bytes=0-2,3-5", "bytes=0-5,50-60"]) {
      const answer = await ask(range);
      assert.deepEqual(
        [answer.status, answer.get("content-range"), answer.text],
        [206, "bytes 0-5/10", "abcdef"],
      );
    }
  });

  it("are the whole where they are too many and too small", async () => {
    const tiny = Array.from({ length: 200 }, (_, i) => `${2 * i}-${2 * i}`).join(",");
    put(directory.path, "thousand.txt", LETTERS.repeat(100));
    assert.equal((await ask(`bytes=${tiny}`, "/thousand.txt")).status, 200);
    assert.equal((await ask(`bytes=${tiny}`, "/big.bin")).status, 206);
    assert.equal((await ask(`bytes=${"0-,".repeat(5000)}`, "/big.bin")).status, 200);
  });

  it("have a boundary that nobody can know beforehand", async () => {
    const boundaries = new Set<string>();
    for (let i = 0; i < 20; i++) boundaries.add((await ask("bytes=0-0,2-2")).get("content-type")!);
    assert.equal(boundaries.size, 20);
  });

  it("of a large file are read from disk, piece by piece", async () => {
    const bytes = Buffer.from(LETTERS.repeat(100_000));
    const answer = await ask("bytes=300000-999999,5-200004", "/big.bin");
    const parts = parseParts(answer.body, answer.get("content-type")!);
    assert.ok(parts[0]!.body === bytes.toString("latin1", 300_000));
    assert.ok(parts[1]!.body === bytes.toString("latin1", 5, 200_005));
    assert.ok(openFilesBelow(directory.path) <= 0);
  });
});

describe("an override", () => {
  const parts = async (Handler: typeof SimpleHTTPRequestHandler): Promise<string[]> => {
    await using other = await startSite({ directory: directory.path }, Handler);
    const answers: string[] = [];
    for (const target of ["/ten.txt", "/big.bin"]) {
      for (const range of ["bytes=2-4", "bytes=0-0,2-2"]) {
        const answer = await other.ask(target, { fields: { Range: range } });
        answers.push(answer.text.replace(/--[\w-]{36}/g, "--b"));
      }
    }
    assert.ok(openFilesBelow(directory.path) <= 0);
    return answers;
  };

  it("of copyFile gets exactly the bytes of the range, as a stream and with its size", async () => {
    const seen: string[] = [];
    class Copies extends SimpleHTTPRequestHandler {
      override async copyFile(source: Content, destination: Writable = this.wfile): Promise<void> {
        const whole = await text(source.stream());
        assert.equal(source.size, whole.length);
        seen.push(whole.replace(/--[\w-]{36}/g, "--b"));
        await pipeline(source.stream(), destination, { end: false });
      }
    }
    assert.deepEqual(await parts(Copies), seen);
    assert.equal(seen[0], "cde");
    assert.match(seen[1]!, /^\r\n--b\r\n[^]*\r\n\r\na\r\n--b\r\n[^]*\r\n\r\nc\r\n--b--\r\n$/);
    assert.equal(seen[2], "cde");
  });

  it("of copyFile that passes its own stream on sends them, too", async () => {
    class Passes extends SimpleHTTPRequestHandler {
      override copyFile(source: Content): Promise<void> {
        return super.copyFile(source, this.wfile);
      }
    }
    assert.deepEqual(await parts(Passes), await parts(SimpleHTTPRequestHandler));
  });

  it("of sendHead gets a body that do_GET would send, and may close it", async () => {
    const sizes: (number | undefined)[] = [];
    class Looks extends SimpleHTTPRequestHandler {
      override sendHead(): Body | Promise<Body> {
        const body = super.sendHead() as Body;
        sizes.push(body?.size);
        return body;
      }
    }
    const sent = await parts(Looks);
    assert.deepEqual(sizes, [3, sizes[1], 3, sizes[3]]);
    assert.equal(sent[0], "cde");
  });
});

const SIZE = 64 * 1024 * 1024;

describe("a file that changes while ranges of it are sent", () => {
  async function beginDownload(port: number, range: string): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send(`GET /large HTTP/1.1\r\nHost: x\r\nRange: ${range}\r\n\r\n`);
    await client.untilText("\r\n\r\n");
    client.socket.pause();
    return client;
  }

  for (const [what, range] of [
    ["one range", `bytes=1000-${SIZE - 1001}`],
    ["several ranges", `bytes=1000-${SIZE / 2},${SIZE / 2 + 1000}-`],
  ] as const) {
    it(`ends visibly broken when it shrinks: ${what}`, async () => {
      using here = emptyDirectory();
      const file = putSparse(here.path, "large", SIZE);
      await using other = await startSite({ directory: here.path });
      using client = await beginDownload(other.port, range);
      truncateSync(file, 100_000);
      client.socket.resume();
      await client.until(() => client.hasEnded || client.isClosed);
      const [answer] = parseResponses(client.bytes);
      assert.equal(answer!.status, 206);
      assert.ok(!answer!.isComplete && answer!.body.length < SIZE / 2);
      await until(() => other.log.some((line) => line.includes("response cut")), "a word in the log");
      assert.ok(openFilesBelow(here.path) <= 0);
    });

    it(`is sent as it was when it grows, is replaced or removed: ${what}`, async () => {
      using here = emptyDirectory();
      const file = putSparse(here.path, "large", SIZE);
      const before = readFileSync(file);
      await using other = await startSite({ directory: here.path });
      const changes = [
        (): void => appendFileSync(file, "more"),
        (): void => renameSync(put(here.path, "new", "new"), file),
        (): void => unlinkSync(file),
      ];
      for (const change of changes) {
        renameSync(put(here.path, "fresh", before), file);
        using client = await beginDownload(other.port, range);
        const head = client.bytes.indexOf("\r\n\r\n") + 4;
        const length = Number(/Content-Length: (\d+)/.exec(client.text.slice(0, head))![1]);
        change();
        client.socket.resume();
        await client.until(() => client.received >= head + length);
        const body = client.bytes.subarray(head);
        if (what === "one range") assert.ok(body.equals(before.subarray(1000, SIZE - 1000)));
        else {
          const type = /Content-Type: (.*)\r\n/.exec(client.bytes.toString("latin1", 0, head))![1]!;
          const [first, second] = parseParts(body, type);
          assert.ok(first!.body === before.toString("latin1", 1000, SIZE / 2 + 1));
          assert.ok(second!.body === before.toString("latin1", SIZE / 2 + 1000));
        }
      }
      await until(() => openFilesBelow(here.path) <= 0, "the files are closed");
    });
  }

  it("is closed when the client of a range goes", async () => {
    using here = emptyDirectory();
    putSparse(here.path, "large", SIZE);
    await using other = await startSite({ directory: here.path });
    for (let i = 0; i < 20; i++) {
      const client = await beginDownload(other.port, i % 2 === 0 ? "bytes=5-" : "bytes=5-600000,700000-");
      if (i % 4 < 2) client.reset();
      else client.socket.destroy();
    }
    await until(() => openFilesBelow(here.path) <= 0, "all files closed");
    assert.ok(!other.log.some((line) => line.startsWith("handleError")));
  });
});
