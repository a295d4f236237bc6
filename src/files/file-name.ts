// A file name between the text that handlers pass on and the bytes that the system has.

import { closeSync, openSync, realpathSync } from "node:fs";
import { sep } from "node:path";
import { systemErrorCode } from "../errors.ts";
import { bytesOfName } from "../text/name-bytes.ts";
import { exactName, HAS_DESCRIPTOR_PATHS, pathOfDescriptor } from "./descriptor-path.ts";

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
  if (path.length > LONG && HAS_DESCRIPTOR_PATHS) return realPathOfLong(path);
  return resolvedPath(path);
}

/**
 * Characters. The C library looks at each name on the way, each time from the top: at a depth of two thousand
 * folders that takes seconds, in which nobody is answered. Opened and asked for its name, it is found in one
 * go.
 */
const LONG = 256;

/**
 * Of `open(2)`: finds a file without opening it. Node does not tell the number, which is the same on all
 * machines that it runs on.
 */
const O_PATH = 0x20_0000;

function realPathOfLong(path: string): string {
  let fd: number;
  try {
    fd = openSync(systemName(path), O_PATH);
  } catch (error) {
    const code = systemErrorCode(error);
    // There is another way, which needs no descriptor.
    if (code === "EMFILE" || code === "ENFILE") return resolvedPath(path);
    throw error;
  }
  try {
    return pathOfDescriptor(fd);
  } finally {
    closeSync(fd);
  }
}

function resolvedPath(path: string): string {
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
