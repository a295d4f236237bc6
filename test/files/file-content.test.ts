import assert from "node:assert/strict";
import { chmodSync, fstatSync, openSync, renameSync, unlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { type Content, MemoryContent, OpenFileContent } from "../../src/files/file-content.ts";
import { emptyDirectory, put } from "./tree.ts";

const TEXT = "one character per byte: \u00e4\u00ff\0";
const BYTES = Buffer.from(TEXT, "latin1");

async function readAll(content: Content, piece: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const part = Buffer.alloc(piece);
    const count = await content.read(part, at);
    if (count === 0) return Buffer.concat(pieces);
    pieces.push(part.subarray(0, count));
    at += count;
  }
}

for (const [kind, bytes] of [
  ["text", TEXT],
  ["bytes", BYTES],
] as const) {
  describe(`MemoryContent of ${kind}`, () => {
    it("is read, streamed and given as it is", async () => {
      const content = new MemoryContent(bytes);
      assert.equal(content.size, BYTES.length);
      assert.equal(content.bytes, bytes);
      assert.deepEqual(await buffer(content.stream()), BYTES);
      for (const piece of [1, 7, 100]) assert.deepEqual(await readAll(content, piece), BYTES);
      content.close();
    });
  });
}

describe("OpenFileContent", () => {
  it("is read and streamed, and stays open until it is closed", async () => {
    using directory = emptyDirectory();
    const fd = openSync(put(directory.path, "f", BYTES), "r");
    const content = new OpenFileContent(fd, BYTES.length);
    assert.equal(content.bytes, undefined);
    assert.deepEqual(await buffer(content.stream()), BYTES);
    for (const piece of [1, 7, 100]) assert.deepEqual(await readAll(content, piece), BYTES);
    assert.ok(fstatSync(fd).isFile());
    content.close();
    assert.throws(() => fstatSync(fd), { code: "EBADF" });
    content.close(); // a second time harms nobody, least of all whoever has that descriptor now
  });

  it("ends where the file ended when it was opened", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", BYTES);
    const content = new OpenFileContent(openSync(file, "r"), BYTES.length);
    put(directory.path, "f", Buffer.concat([BYTES, BYTES]));
    assert.deepEqual(await readAll(content, 100), BYTES);
    assert.deepEqual(await buffer(content.stream()), BYTES);
    content.close();
  });

  it("gives nothing more of a file that was written into since it was opened", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", BYTES);
    const content = new OpenFileContent(openSync(file, "r"), BYTES.length);
    assert.equal(await content.read(Buffer.alloc(1), 0), 1);
    put(directory.path, "f", Buffer.alloc(BYTES.length));
    utimesSync(file, 1, 1);
    await assert.rejects(content.read(Buffer.alloc(1), 1), /was changed while it was sent/);
    await assert.rejects(buffer(content.stream()), /was changed while it was sent/);
    content.close();
  });

  it("is not disturbed by a new name, another mode, or the end of its own name", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", BYTES);
    const content = new OpenFileContent(openSync(file, "r"), BYTES.length);
    renameSync(file, `${file}-2`);
    chmodSync(`${file}-2`, 0o600);
    unlinkSync(`${file}-2`);
    put(directory.path, "f", "another");
    assert.deepEqual(await readAll(content, 100), BYTES);
    content.close();
  });

  it("tells of an end that came early", async () => {
    using directory = emptyDirectory();
    const content = new OpenFileContent(openSync(put(directory.path, "f", "abc"), "r"), 10);
    assert.equal((await readAll(content, 100)).toString(), "abc");
    content.close();
  });

  it("has nothing to say where the file is empty", async () => {
    using directory = emptyDirectory();
    const content = new OpenFileContent(openSync(put(directory.path, "f", ""), "r"), 0);
    assert.deepEqual(await buffer(content.stream()), Buffer.alloc(0));
    assert.equal(await content.read(Buffer.alloc(1), 0), 0);
    content.close();
  });

  it("passes on the system's error", async () => {
    using directory = emptyDirectory();
    const content = new OpenFileContent(openSync(join(directory.path, "."), "r"), 10);
    await assert.rejects(content.read(Buffer.alloc(1), 0), { code: "EISDIR" });
    content.close();
  });
});
