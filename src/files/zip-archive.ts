// A zip file made while it is sent.

import { pipeline, Readable } from "node:stream";
import { crc32, createDeflateRaw, deflateRawSync } from "node:zlib";
import { type ArchiveEntry, bytesOf, within } from "./archive-entries.ts";
import {
  centralRecord,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipMember,
  type ZipSums,
} from "./zip-records.ts";

/** What a second compression only costs time. */
const COMPRESSED =
  /\.(7z|aac|apk|avif|br|bz2|docx|epub|flac|gif|gz|heic|jar|jpe?g|lz4|m4[av]|mkv|mov|mp[34]|odt|og[ag]|opus|pdf|png|pptx|rar|tgz|webm|webp|woff2?|xlsx|xz|zip|zst)$/i;

/** The fastest: a browser on the same network waits for the compression, not for the wire. */
const LEVEL = 1;

/** What DOS could say of a year: 1980 to 2107; and what its later additions can, which is less. */
const EARLIEST = new Date(Date.UTC(1980, 0, 2));
const LATEST = new Date(0x7fff_ffff * 1000);

/** Bytes: compressed in one go, in a tenth of a millisecond. Another thread would take twice as long. */
const SMALL = 16 * 1024;

/** Bytes: from here on sizes have eight. Less than four can hold, as compression can make a file larger. */
const LARGE = 0xf000_0000;

/** Entries as a zip file, with Zip64 where needed. It asks for an entry when the last one has been sent. */
export async function* zipArchive(entries: AsyncGenerator<ArchiveEntry>): AsyncGenerator<Buffer, void> {
  const directory = new CentralDirectory();
  let offset = 0;
  for await (const entry of entries) {
    const member = describe(entry, offset);
    const sums = { crc32: 0, packedSize: 0, size: 0 };
    for await (const piece of (member.isStreamed ? streamed : inOnePiece)(entry, member, sums)) {
      offset += piece.length;
      yield piece;
    }
    directory.add(member, sums);
  }
  yield* directory.pieces;
  yield endRecords(directory.count, offset, directory.size);
}

/** Counted while the content passes. */
type Counted = { -readonly [Key in keyof ZipSums]: ZipSums[Key] };

function describe(entry: ArchiveEntry, offset: number): ZipMember {
  const size = entry.file?.size ?? 0;
  return {
    name: Buffer.from(entry.path, "utf8"),
    modified: within(EARLIEST, entry.modified, LATEST),
    mode: (entry.file === undefined ? 0o040000 : 0o100000) | entry.mode,
    isDeflated: size > 0 && !COMPRESSED.test(entry.path),
    isStreamed: size > SMALL,
    isLarge: size >= LARGE,
    offset,
  };
}

async function* inOnePiece(
  entry: ArchiveEntry,
  member: ZipMember,
  sums: Counted,
): AsyncGenerator<Buffer, void> {
  const pieces: Buffer[] = [];
  for await (const piece of counted(bytesOf(entry), sums)) pieces.push(piece);
  const content = Buffer.concat(pieces);
  const packed = member.isDeflated ? deflateRawSync(content, { level: LEVEL }) : content;
  sums.packedSize = packed.length;
  yield localHeader(member, sums);
  yield packed;
}

async function* streamed(
  entry: ArchiveEntry,
  member: ZipMember,
  sums: Counted,
): AsyncGenerator<Buffer, void> {
  yield localHeader(member);
  const content = counted(bytesOf(entry), sums);
  for await (const piece of member.isDeflated ? deflated(content) : content) {
    sums.packedSize += piece.length;
    yield piece;
  }
  yield dataDescriptor(member, sums);
}

async function* counted(pieces: AsyncGenerator<Buffer>, sums: Counted): AsyncGenerator<Buffer, void> {
  for await (const piece of pieces) {
    sums.crc32 = crc32(piece, sums.crc32);
    sums.size += piece.length;
    yield piece;
  }
}

async function* deflated(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, void> {
  const deflate = createDeflateRaw({ level: LEVEL });
  // It destroys each when the other fails or is left; what has gone wrong, the loop below is told.
  pipeline(Readable.from(pieces, { objectMode: false }), deflate, () => {});
  for await (const piece of deflate) yield piece as Buffer;
}

/** Records that are joined: a hundred thousand small buffers would keep the collector of garbage busy. */
const JOINED = 512;

/** What is said of all members at the end: some hundred bytes for each are all that is kept of them. */
class CentralDirectory {
  count = 0;
  /** Bytes. */
  size = 0;
  readonly #joined: Buffer[] = [];
  #records: Buffer[] = [];

  add(member: ZipMember, sums: ZipSums): void {
    const record = centralRecord(member, sums);
    this.#records.push(record);
    this.count++;
    this.size += record.length;
    if (this.#records.length === JOINED) this.#join();
  }

  get pieces(): readonly Buffer[] {
    this.#join();
    return this.#joined;
  }

  #join(): void {
    this.#joined.push(Buffer.concat(this.#records));
    this.#records = [];
  }
}
