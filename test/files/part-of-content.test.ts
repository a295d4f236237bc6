import assert from "node:assert/strict";
import { fstatSync, openSync, truncateSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { type Content, MemoryContent, OpenFileContent } from "../../src/files/file-content.ts";
import { partOfContent } from "../../src/files/part-of-content.ts";
import { emptyDirectory, put } from "./tree.ts";

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const RANGE = { first: 1_000, last: 250_999 };
const PART = BYTES.subarray(1_000, 251_000);

const UNREAD = { bytes: undefined, stream: () => assert.fail("not streamed"), close() {} };

async function readAll(content: Content, piece: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const part = Buffer.alloc(piece, 0xff);
    const count = await content.read(part, at);
    if (count === 0) return Buffer.concat(pieces);
    assert.ok(
      part.subarray(count).every((byte) => byte === 0xff),
      "nothing is written behind what was read",
    );
    pieces.push(part.subarray(0, count));
    at += count;
  }
}

describe("partOfContent", () => {
  for (const [kind, bytes] of [
    ["text", BYTES.toString("latin1")],
    ["bytes", BYTES],
  ] as const) {
    it(`of ${kind} in memory is in memory`, async () => {
      const part = partOfContent(new MemoryContent(bytes), RANGE);
      assert.equal(part.size, PART.length);
      assert.equal(typeof part.bytes, typeof bytes);
      assert.deepEqual(await buffer(part.stream()), PART);
      assert.deepEqual(await readAll(part, 100_000), PART);
    });
  }

  it("of an open file is read and streamed, and ends where the range ends", async () => {
    using directory = emptyDirectory();
    const fd = openSync(put(directory.path, "f", BYTES), "r");
    const part = partOfContent(new OpenFileContent(fd, BYTES.length), RANGE);
    assert.equal(part.size, PART.length);
    assert.equal(part.bytes, undefined);
    assert.deepEqual(await buffer(part.stream()), PART);
    for (const piece of [70_000, 1_000_000]) assert.deepEqual(await readAll(part, piece), PART);
    part.close();
    assert.throws(() => fstatSync(fd), { code: "EBADF" });
  });

  it("is one byte, the first and the last", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", BYTES);
    for (const at of [0, BYTES.length - 1]) {
      const part = partOfContent(new OpenFileContent(openSync(file, "r"), BYTES.length), {
        first: at,
        last: at,
      });
      assert.deepEqual(await readAll(part, 10), BYTES.subarray(at, at + 1));
      part.close();
    }
  });

  it("ends early where the file has become shorter", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", BYTES);
    const part = partOfContent(new OpenFileContent(openSync(file, "r"), BYTES.length), RANGE);
    truncateSync(file, 2_000);
    assert.deepEqual(await readAll(part, 100_000), BYTES.subarray(1_000, 2_000));
    assert.equal((await buffer(part.stream())).length, 1_000);
    part.close();
  });

  it("harms nobody with a reading that is under way when the client goes and the file is closed", async () => {
    let readings = 0;
    const slow: Content = {
      ...UNREAD,
      size: 1_000_000,
      async read(target) {
        if (readings++ === 0) return target.length;
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error("EBADF");
      },
    };
    const destination = new Writable({
      write: (_chunk, _encoding, callback) => callback(new Error("the client has gone")),
    });
    const stream = partOfContent(slow, { first: 0, last: 999_999 }).stream();
    const closed = new Promise((resolve) => stream.once("close", resolve));
    await assert.rejects(pipeline(stream, destination), /gone/);
    await closed;
    assert.ok(readings <= 2);
  });

  it("passes on an error of the disk", async () => {
    const broken: Content = {
      ...UNREAD,
      size: 10,
      read: () => Promise.reject(new Error("EIO")),
    };
    const part = partOfContent(broken, { first: 1, last: 2 });
    await assert.rejects(part.read(Buffer.alloc(1), 0), /EIO/);
    await assert.rejects(buffer(part.stream()), /EIO/);
  });
});
