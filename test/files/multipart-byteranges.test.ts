import assert from "node:assert/strict";
import { fstatSync, openSync, truncateSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Content, MemoryContent, OpenFileContent } from "../../src/files/file-content.ts";
import { contentRange, multipartByteranges } from "../../src/files/multipart-byteranges.ts";
import { parseParts } from "./parts.ts";
import { emptyDirectory, put } from "./tree.ts";

const TEXT = "0123456789";
const RANGES = [
  { first: 8, last: 9 },
  { first: 0, last: 0 },
];
// As RFC 9110 §15.3.7.2 shows it, behind one of the line ends that §14.6 allows.
const BODY =
  "\r\n--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89" +
  "\r\n--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n0\r\n--b--\r\n";

async function readAll(content: Content, piece: number): Promise<string> {
  let text = "";
  for (;;) {
    const part = Buffer.alloc(piece);
    const count = await content.read(part, text.length);
    if (count === 0) return text;
    text += part.toString("latin1", 0, count);
  }
}

describe("multipartByteranges", () => {
  for (const bytes of [TEXT, Buffer.from(TEXT)]) {
    it(`puts parts of ${typeof bytes === "string" ? "text" : "bytes"} in memory together`, async () => {
      const content = multipartByteranges(new MemoryContent(bytes), RANGES, "text/plain", "b");
      assert.equal(content.size, BODY.length);
      assert.equal(Buffer.from(content.bytes!).toString(), BODY);
      assert.equal((await buffer(content.stream())).toString(), BODY);
    });
  }

  it("reads and streams parts of an open file, and closes it", async () => {
    using directory = emptyDirectory();
    const fd = openSync(put(directory.path, "f", TEXT), "r");
    const content = multipartByteranges(new OpenFileContent(fd, 10), RANGES, "text/plain", "b");
    assert.equal(content.size, BODY.length);
    assert.equal((await buffer(content.stream())).toString(), BODY);
    for (const piece of [1, 7, 1000]) assert.equal(await readAll(content, piece), BODY);
    content.close();
    assert.throws(() => fstatSync(fd), { code: "EBADF" });
  });

  it("ends where the file has become too short, and goes on to no other part", async () => {
    using directory = emptyDirectory();
    const file = put(directory.path, "f", TEXT);
    const content = multipartByteranges(
      new OpenFileContent(openSync(file, "r"), 10),
      RANGES,
      "text/plain",
      "b",
    );
    truncateSync(file, 9);
    assert.equal(await readAll(content, 1000), BODY.slice(0, BODY.indexOf("89") + 1));
    content.close();
  });

  it("refuses a type that would end its field line", () =>
    assert.throws(
      () => multipartByteranges(new MemoryContent(TEXT), RANGES, "text/plain\r\nX: y", "b"),
      /Invalid character/,
    ));

  it("is read by a parser of MIME as what was asked for, whatever the bytes are", async () => {
    const range = fc
      .tuple(fc.nat(99), fc.nat(99))
      .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
    const content = fc.uint8Array({ minLength: 100, maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(content, fc.array(range, { minLength: 2, maxLength: 5 }), async (bytes, ranges) => {
        const multipart = multipartByteranges(new MemoryContent(bytes), ranges, "a/b", "never-in-it");
        assert.deepEqual(
          parseParts(
            Buffer.from(multipart.bytes as Uint8Array),
            "multipart/byteranges; boundary=never-in-it",
          ),
          ranges.map(({ first, last }) => ({
            type: "a/b",
            range: contentRange({ first, last }, 100),
            body: Buffer.from(bytes.subarray(first, last + 1)).toString("latin1"),
          })),
        );
      }),
    );
  });
});
