import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import {
  centralRecord,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipMember,
  type ZipSums,
} from "../../src/files/zip-records.ts";
import { emptyDirectory } from "./tree.ts";

const run = promisify(execFile);
const GIB = 2 ** 30;

const MEMBER: ZipMember = {
  name: Buffer.from("files/ä.txt"),
  modified: new Date(2026, 10, 21, 13, 14, 15),
  mode: 0o100640,
  isDeflated: false,
  isStreamed: false,
  isLarge: false,
  offset: 0,
};

function sumsOf(content: Buffer): ZipSums {
  return { crc32: crc32(content), packedSize: content.length, size: content.length };
}

function without(program: string): string | false {
  return spawnSync(program, ["--help"]).error === undefined ? false : `${program} is not installed`;
}

const INFO = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
small = [each for each in archive.infolist() if each.file_size < 2**20]
print(json.dumps([
    [[each.filename, each.header_offset, each.compress_size, each.file_size] for each in archive.infolist()],
    [archive.read(each).decode() for each in small],
]))
`;

describe("the records of a zip file", () => {
  it("have the fields where the description puts them (APPNOTE.TXT §4.3.7)", () => {
    const header = localHeader(MEMBER, { crc32: 0x01020304, packedSize: 5, size: 7 });
    assert.equal(header.readUInt32LE(0), 0x04034b50);
    assert.equal(header.readUInt16LE(4), 20);
    assert.equal(header.readUInt16LE(6), 0x0800, "names are UTF-8, nothing follows the content");
    assert.equal(header.readUInt16LE(8), 0);
    assert.equal(header.readUInt16LE(10), (13 << 11) | (14 << 5) | 7);
    assert.equal(header.readUInt16LE(12), (46 << 9) | (11 << 5) | 21);
    assert.equal(header.readUInt32LE(14), 0x01020304);
    assert.deepEqual([header.readUInt32LE(18), header.readUInt32LE(22)], [5, 7]);
    assert.equal(header.readUInt16LE(26), MEMBER.name.length);
    assert.deepEqual(header.subarray(30, 30 + MEMBER.name.length), MEMBER.name);
    const extra = header.subarray(30 + MEMBER.name.length);
    assert.equal(extra.length, header.readUInt16LE(28));
    assert.equal(extra.readUInt32LE(5), MEMBER.modified.getTime() / 1000, "in UTC");
  });

  it("say that sums follow where they were not known before (§4.4.4)", () => {
    const streamed = { ...MEMBER, isStreamed: true, isDeflated: true };
    const header = localHeader(streamed);
    assert.equal(header.readUInt16LE(6), 0x0808);
    assert.equal(header.readUInt16LE(8), 8);
    assert.deepEqual(
      [14, 18, 22].map((at) => header.readUInt32LE(at)),
      [0, 0, 0],
    );
    const sums = { crc32: 1, packedSize: 2, size: 3 };
    assert.deepEqual(dataDescriptor(streamed, sums), Buffer.from("504b0708010000000200000003000000", "hex"));
    assert.equal(centralRecord(streamed, sums).readUInt16LE(8), 0x0808);
  });

  it("use eight bytes for what four cannot hold, in the header as well as behind the content (§4.3.9.2)", () => {
    const large = { ...MEMBER, isStreamed: true, isLarge: true };
    const header = localHeader(large);
    assert.equal(header.readUInt16LE(4), 45);
    assert.deepEqual([header.readUInt32LE(18), header.readUInt32LE(22)], [0xffff_ffff, 0xffff_ffff]);
    const extra = header.subarray(30 + MEMBER.name.length + 9);
    assert.deepEqual([extra.readUInt16LE(0), extra.readUInt16LE(2), extra.length], [1, 16, 20]);
    const descriptor = dataDescriptor(large, { crc32: 1, packedSize: 5 * GIB, size: 6 * GIB });
    assert.equal(descriptor.readBigUInt64LE(8), BigInt(5 * GIB));
    assert.equal(descriptor.readBigUInt64LE(16), BigInt(6 * GIB));
  });

  it("count with two bytes up to 65 534, and with eight from there on (§4.4.1.4)", () => {
    assert.equal(endRecords(0xfffe, 0, 0).length, 22);
    const many = endRecords(0xffff, 10, 20);
    assert.equal(many.length, 56 + 20 + 22);
    assert.deepEqual([many.readBigUInt64LE(24), many.readBigUInt64LE(32)], [65_535n, 65_535n]);
    assert.equal(many.readBigUInt64LE(56 + 8), 30n, "where these records begin");
    assert.equal(many.readUInt16LE(76 + 10), 0xffff);
  });

  for (const [program, args] of [
    ["python3", ["-c", INFO]],
    ["unzip", ["-l"]],
    ["7z", ["l", "-bd"]],
  ] as const) {
    it(`lead ${program} to what is behind 4 GiB`, { skip: without(program) }, async () => {
      using directory = emptyDirectory();
      const file = join(directory.path, "sparse.zip");
      const near = Buffer.from("near");
      const far = Buffer.from("far");
      // Where its zeros are, nothing is written: the file takes no room on the disk.
      const large = { ...MEMBER, name: Buffer.from("large"), isLarge: true, offset: 5 * GIB };
      const largeSums = { crc32: 0, packedSize: 6 * GIB, size: 6 * GIB };
      const behind = { ...MEMBER, name: Buffer.from("behind"), offset: 12 * GIB };
      const records = [
        centralRecord(MEMBER, sumsOf(near)),
        centralRecord(large, largeSums),
        centralRecord(behind, sumsOf(far)),
      ];
      const central = Buffer.concat(records);
      const fd = openSync(file, "w");
      for (const [bytes, position] of [
        [Buffer.concat([localHeader(MEMBER, sumsOf(near)), near]), 0],
        [localHeader(large, largeSums), large.offset],
        [Buffer.concat([localHeader(behind, sumsOf(far)), far]), behind.offset],
        [Buffer.concat([central, endRecords(3, 13 * GIB, central.length)]), 13 * GIB],
      ] as const) {
        writeSync(fd, bytes, 0, bytes.length, position);
      }
      closeSync(fd);
      const { stdout } = await run(program, [...args, file], { env: { ...process.env, PYTHONUTF8: "1" } });
      if (program === "python3") {
        assert.deepEqual(JSON.parse(stdout), [
          [
            ["files/ä.txt", 0, 4, 4],
            ["large", 5 * GIB, 6 * GIB, 6 * GIB],
            ["behind", 12 * GIB, 3, 3],
          ],
          ["near", "far"],
        ]);
      } else {
        assert.match(stdout, new RegExp(`${6 * GIB}.*large`));
        assert.match(stdout, /\b3\b.*behind/);
      }
    });
  }
});
