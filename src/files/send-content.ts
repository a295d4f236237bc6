// An open file copied to a client, read ahead by one piece and never by more.

import { MOST_HELD_WHEN_DRAINED } from "../server/output-queue.ts";
import type { Content } from "./file-content.ts";

/** Where the bytes go. */
export interface ContentSink {
  write(bytes: Uint8Array): void;
  /** Resolves when all that was written has left: its memory is free. @throws when the client has gone */
  drained(): Promise<void>;
}

/** Bytes. Every slow client holds two pieces: a hundred of them hold 50 MiB. */
const PIECE = 256 * 1024;
/**
 * Bytes. Measured: a sixth less work for each of them, since half as many reads are handed to another
 * thread. A megabyte gains no more.
 */
const LARGE_PIECE = 512 * 1024;
/** Only so many contents at the same time are sent in large pieces. */
const FEW = 16;

/** Buffers that have been used and are free: a new one costs more than reading the file into it. */
const free = new Map<number, Buffer[]>([
  [PIECE, []],
  [LARGE_PIECE, []],
]);
const MOST_FREE = 8;

let sendingLarge = 0;

/** Sends all of it, or as much as there is: a file can shrink while it is read. */
export async function sendContent(content: Content, sink: ContentSink): Promise<void> {
  // What is made while it is sent comes in smaller pieces anyway.
  const isLarge = content.size > PIECE && content.size !== Infinity;
  if (!isLarge || sendingLarge === FEW) return sendInPieces(content, sink, PIECE);
  sendingLarge++;
  try {
    await sendInPieces(content, sink, LARGE_PIECE);
  } finally {
    sendingLarge--;
  }
}

async function sendInPieces(content: Content, sink: ContentSink, size: number): Promise<void> {
  let reading = takeBuffer(size);
  let writing = takeBuffer(size);
  let position = 0;
  while (position < content.size) {
    const count = await content.read(reading, position);
    // Only now, so that reading this piece and sending the last one overlap.
    await sink.drained();
    if (count === 0) break;
    const bytes = reading.subarray(0, count);
    sink.write(count < MOST_HELD_WHEN_DRAINED ? Buffer.from(bytes) : bytes);
    position += count;
    [reading, writing] = [writing, reading];
  }
  await sink.drained();
  // Not after an error: the socket may still hold a piece.
  giveBack(reading);
  giveBack(writing);
}

function takeBuffer(size: number): Buffer {
  return free.get(size)!.pop() ?? Buffer.allocUnsafeSlow(size);
}

function giveBack(buffer: Buffer): void {
  const others = free.get(buffer.length)!;
  if (others.length < MOST_FREE) others.push(buffer);
}
