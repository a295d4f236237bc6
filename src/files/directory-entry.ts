// One entry of a directory, as a visitor may know it.

import { percentEncodeSegment } from "../text/percent-coding.ts";

export interface DirectoryEntry {
  /**
   * As the system has it; bytes that are not UTF-8 are lone surrogates (`systemName` gives
   * them back, a page shows U+FFFD).
   */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  /** Bytes; `undefined` for a directory. */
  readonly size: number | undefined;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** Where an entry is, relative to its directory: exact to the byte. */
export function hrefOf(entry: DirectoryEntry): string {
  return percentEncodeSegment(entry.name) + (entry.isDirectory ? "/" : "");
}
