// The beginning of a script's output, held back for a moment: an answer that is complete by then
// can be sent with its length.

import type { BodyPiece } from "./run-script.ts";

/** What is held back at most: beyond it the body is worth chunks, and is wanted by the client. */
const LARGEST_HELD = 64 * 1024;

export interface GatheredOutput {
  readonly pieces: readonly Uint8Array[];
  /** The bytes of `pieces`. */
  readonly size: number;
  /**
   * The next piece, which may be on its way; of kind `end` if `pieces` are all there is. `undefined` where it
   * was not asked for: the last of `pieces` may be lent.
   */
  readonly next: BodyPiece | Promise<BodyPiece> | undefined;
}

/**
 * Most scripts print a page and end within a moment of their first byte. Whoever prints bit by bit is held
 * back by that moment once, and never again.
 * @param time in milliseconds, from now
 */
export async function gatherOutput(next: () => Promise<BodyPiece>, time: number): Promise<GatheredOutput> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), time);
  });
  try {
    for (;;) {
      const coming = next();
      const piece = await Promise.race([coming, late]);
      if (piece === undefined) return { pieces, size, next: coming };
      if (piece.kind !== "bytes") return { pieces, size, next: piece };
      pieces.push(piece.bytes);
      size += piece.bytes.length;
      if (size >= LARGEST_HELD) return { pieces, size, next: undefined };
    }
  } finally {
    clearTimeout(timer);
  }
}
