// A file name between the text that handlers pass on and the bytes that the system has.

import { realpathSync } from "node:fs";
import { sep } from "node:path";
import { bytesOfName, textOfName } from "../text/name-bytes.ts";

/**
 * What a function of `node:fs` has to be given for a name. Given the text of a name that is not UTF-8, it
 * would look for U+FFFD, which is another file.
 */
export function systemName(path: string): string | Buffer {
  return path.isWellFormed() || sep === "\\" ? path : bytesOfName(path);
}

/**
 * Where a path leads, all symbolic links followed.
 * @throws the system's error if it leads nowhere
 */
export function realPath(path: string): string {
  const name = systemName(path);
  return exactName(
    () => realpathSync.native(name),
    () => realpathSync.native(name, "buffer"),
  );
}

/** The current directory; `.` when it has been removed, which asking for its name does not survive. */
export function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return ".";
  }
}

/** A name that the system tells; as bytes where it is not UTF-8: as texts two of those may look the same. */
export function exactName(askText: () => string, askBytes: () => Uint8Array): string {
  const text = askText();
  return text.includes("\ufffd") ? textOfName(askBytes()) : text;
}
