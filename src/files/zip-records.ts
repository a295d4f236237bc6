// The records of a zip file as bytes (APPNOTE.TXT 6.3.10 §4.3), with Zip64 where four bytes are not enough.

/** What is known of a member before its content is. */
export interface ZipMember {
  /** UTF-8, with `/` at the end of a directory. */
  readonly name: Uint8Array;
  readonly modified: Date;
  /** As the system has it: type and permissions. */
  readonly mode: number;
  readonly isDeflated: boolean;
  /** Its sizes and its checksum stand behind its content, because they were not known before. */
  readonly isStreamed: boolean;
  /** Its sizes have eight bytes. */
  readonly isLarge: boolean;
  /** Where its local header is. */
  readonly offset: number;
}

export interface ZipSums {
  readonly crc32: number;
  /** Bytes in the zip file. */
  readonly packedSize: number;
  readonly size: number;
}

const UNKNOWN: ZipSums = { crc32: 0, packedSize: 0, size: 0 };

/** Says in four or two bytes that the number is elsewhere. */
const SEE_ZIP64 = 0xffff_ffff;
const SEE_ZIP64_COUNT = 0xffff;

/** Deflate, folders and UTF-8 names; Zip64 (§4.4.3.2). */
const VERSION = 20;
const VERSION_ZIP64 = 45;
/** Made on Unix, so that there are permissions, by 6.3 of the description (§4.4.2). */
const MADE_BY = (3 << 8) | 63;

const SIZES_FOLLOW = 1 << 3;
const IS_UTF8 = 1 << 11;

/** What stands before the content (§4.3.7). @param sums `undefined` if they follow it */
export function localHeader(member: ZipMember, sums: ZipSums = UNKNOWN): Buffer {
  const extra = member.isLarge ? TIME_LENGTH + 20 : TIME_LENGTH;
  const record = Buffer.alloc(30 + member.name.length + extra);
  record.writeUInt32LE(0x04034b50, 0);
  record.writeUInt16LE(member.isLarge ? VERSION_ZIP64 : VERSION, 4);
  writeCommon(record, 6, member, sums);
  record.writeUInt16LE(extra, 28);
  record.set(member.name, 30);
  const at = writeTime(record, 30 + member.name.length, member.modified);
  // Here both sizes are there, or none (§4.5.3).
  if (member.isLarge) writeZip64(record, at, [sums.size, sums.packedSize]);
  return record;
}

/** What stands behind the content of a streamed member (§4.3.9). */
export function dataDescriptor(member: ZipMember, sums: ZipSums): Buffer {
  const record = Buffer.alloc(member.isLarge ? 24 : 16);
  record.writeUInt32LE(0x08074b50, 0);
  record.writeUInt32LE(sums.crc32, 4);
  if (member.isLarge) {
    writeEightBytes(record, 8, sums.packedSize);
    writeEightBytes(record, 16, sums.size);
  } else {
    record.writeUInt32LE(sums.packedSize, 8);
    record.writeUInt32LE(sums.size, 12);
  }
  return record;
}

/** What the directory at the end says of a member (§4.3.12). */
export function centralRecord(member: ZipMember, sums: ZipSums): Buffer {
  const isFar = member.offset >= SEE_ZIP64;
  const beyond = [...(member.isLarge ? [sums.size, sums.packedSize] : []), ...(isFar ? [member.offset] : [])];
  const extra = TIME_LENGTH + (beyond.length === 0 ? 0 : 4 + 8 * beyond.length);
  const record = Buffer.alloc(46 + member.name.length + extra);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(MADE_BY, 4);
  record.writeUInt16LE(beyond.length === 0 ? VERSION : VERSION_ZIP64, 6);
  writeCommon(record, 8, member, sums);
  record.writeUInt16LE(extra, 30);
  record.writeUInt16LE(member.mode, 40);
  record.writeUInt32LE(isFar ? SEE_ZIP64 : member.offset, 42);
  record.set(member.name, 46);
  const at = writeTime(record, 46 + member.name.length, member.modified);
  if (beyond.length > 0) writeZip64(record, at, beyond);
  return record;
}

/**
 * What stands behind the directory (§4.3.14 to §4.3.16).
 * @param offset where the directory begins
 * @param size bytes of it
 */
export function endRecords(count: number, offset: number, size: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, SEE_ZIP64_COUNT), 8);
  end.writeUInt16LE(Math.min(count, SEE_ZIP64_COUNT), 10);
  end.writeUInt32LE(Math.min(size, SEE_ZIP64), 12);
  end.writeUInt32LE(Math.min(offset, SEE_ZIP64), 16);
  if (count < SEE_ZIP64_COUNT && size < SEE_ZIP64 && offset < SEE_ZIP64) return end;

  const large = Buffer.alloc(56 + 20);
  large.writeUInt32LE(0x06064b50, 0);
  // Of what follows these twelve bytes.
  writeEightBytes(large, 4, 56 - 12);
  large.writeUInt16LE(MADE_BY, 12);
  large.writeUInt16LE(VERSION_ZIP64, 14);
  writeEightBytes(large, 24, count);
  writeEightBytes(large, 32, count);
  writeEightBytes(large, 40, size);
  writeEightBytes(large, 48, offset);
  // Where those 56 bytes are.
  large.writeUInt32LE(0x07064b50, 56);
  writeEightBytes(large, 56 + 8, offset + size);
  large.writeUInt32LE(1, 56 + 16);
  return Buffer.concat([large, end]);
}

/** The fields that the local header and the central record share, in this order. */
function writeCommon(record: Buffer, at: number, member: ZipMember, sums: ZipSums): void {
  record.writeUInt16LE(IS_UTF8 | (member.isStreamed ? SIZES_FOLLOW : 0), at);
  record.writeUInt16LE(member.isDeflated ? 8 : 0, at + 2);
  record.writeUInt16LE(dosTime(member.modified), at + 4);
  record.writeUInt16LE(dosDate(member.modified), at + 6);
  record.writeUInt32LE(sums.crc32, at + 8);
  record.writeUInt32LE(member.isLarge ? SEE_ZIP64 : sums.packedSize, at + 12);
  record.writeUInt32LE(member.isLarge ? SEE_ZIP64 : sums.size, at + 16);
  record.writeUInt16LE(member.name.length, at + 20);
}

/** In local time, two seconds exact (§4.4.6): who unpacks without a look at the extra field expects that. */
function dosTime(date: Date): number {
  return (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
}

function dosDate(date: Date): number {
  return ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
}

const TIME_LENGTH = 9;

/** Info-ZIP's field for the time in UTC, with the modification alone. @returns where it ends */
function writeTime(record: Buffer, at: number, modified: Date): number {
  record.writeUInt16LE(0x5455, at);
  record.writeUInt16LE(TIME_LENGTH - 4, at + 2);
  record.writeUInt8(1, at + 4);
  record.writeInt32LE(Math.floor(modified.getTime() / 1000), at + 5);
  return at + TIME_LENGTH;
}

/** The numbers that are too large for their place (§4.5.3). */
function writeZip64(record: Buffer, at: number, numbers: readonly number[]): void {
  record.writeUInt16LE(1, at);
  record.writeUInt16LE(8 * numbers.length, at + 2);
  for (const [index, number] of numbers.entries()) writeEightBytes(record, at + 4 + 8 * index, number);
}

function writeEightBytes(record: Buffer, at: number, number: number): void {
  record.writeBigUInt64LE(BigInt(number), at);
}
