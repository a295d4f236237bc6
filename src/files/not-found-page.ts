// The folder's own page for what is not there: 404.html.

import { closeSync, readSync } from "node:fs";
import { type MayOpen, openContained } from "./open-contained.ts";

/** A larger one would be no page, and would be read while all others wait. */
const LARGEST = 1024 * 1024;

/**
 * What the file `404.html` of a folder holds; `undefined` if there is none that may be sent.
 * @param root as of `openContained`, and so is `mayOpen`
 */
export function readNotFoundPage(
  path: string,
  root: string | undefined,
  mayOpen?: MayOpen,
): Uint8Array | undefined {
  try {
    const opened = openContained(path, root, mayOpen);
    if (typeof opened === "string") return undefined;
    try {
      if (opened.stats.size > LARGEST) return undefined;
      const bytes = Buffer.allocUnsafe(opened.stats.size);
      return bytes.subarray(0, readSync(opened.fd, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(opened.fd);
    }
  } catch {
    return undefined;
  }
}
