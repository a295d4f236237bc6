// Several ranges of a content in one body: multipart/byteranges (RFC 9110 §14.6, RFC 2046 §5.1).

import type { Readable } from "node:stream";
import { fieldLine } from "../http1/response-head.ts";
import type { ByteRange } from "./byte-range.ts";
import { type Content, MemoryContent, streamOf } from "./file-content.ts";
import { bytesOf } from "./part-of-content.ts";

/** `bytes 0-99/1234`, as Content-Range has it (RFC 9110 §14.4). */
export function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}

/** A piece of the body: text between the parts, or bytes of the content. */
type Segment = string | ByteRange;

/**
 * @param source closed with the body
 * @param mediaType of each part
 * @param boundary must not be known beforehand: whoever wrote the content could write parts of their own
 */
export function multipartByteranges(
  source: Content,
  ranges: readonly ByteRange[],
  mediaType: string,
  boundary: string,
): Content {
  const segments: Segment[] = [];
  // Also before the first part, as Apache and nginx have it (RFC 9110 §14.6): zsync reads on from the second
  // line, and asks again for ever where that is no boundary.
  const delimiter = `\r\n--${boundary}\r\n`;
  for (const range of ranges) {
    const fields =
      fieldLine("Content-Type", mediaType) + fieldLine("Content-Range", contentRange(range, source.size));
    segments.push(`${delimiter}${fields}\r\n`, range);
  }
  segments.push(`\r\n--${boundary}--\r\n`);
  if (source.bytes === undefined) return new MultipartContent(source, segments);
  const pieces = segments.map((segment) =>
    toBuffer(typeof segment === "string" ? segment : bytesOf(source, segment)!),
  );
  source.close();
  return new MemoryContent(Buffer.concat(pieces));
}

/** Strings have one character per byte. */
function toBuffer(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
}

interface PlacedSegment {
  /** Where it begins in the body. */
  readonly start: number;
  readonly end: number;
  /** Where the bytes are to be found: in `text`, or in the source from `first` on. */
  readonly text: Uint8Array | undefined;
  readonly first: number;
}

class MultipartContent implements Content {
  readonly bytes = undefined;
  readonly size: number;
  readonly #source: Content;
  readonly #segments: PlacedSegment[] = [];

  constructor(source: Content, segments: readonly Segment[]) {
    this.#source = source;
    let start = 0;
    for (const segment of segments) {
      const text = typeof segment === "string" ? toBuffer(segment) : undefined;
      const [first, length] =
        typeof segment === "string" ? [0, segment.length] : [segment.first, segment.last - segment.first + 1];
      this.#segments.push({ start, end: start + length, text, first });
      start += length;
    }
    this.size = start;
  }

  stream(): Readable {
    return streamOf(this);
  }

  /** No further than the end of a segment; nothing, and so the end, where the source has become too short. */
  read(buffer: Uint8Array, position: number): Promise<number> {
    const segment = this.#segments.find(({ end }) => position < end);
    if (segment === undefined) return Promise.resolve(0);
    const { start, end, text, first } = segment;
    const part = buffer.subarray(0, end - position);
    if (text === undefined) return this.#source.read(part, first + position - start);
    const piece = text.subarray(position - start, position - start + part.length);
    part.set(piece);
    return Promise.resolve(piece.length);
  }

  close(): void {
    this.#source.close();
  }
}
