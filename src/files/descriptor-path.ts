// What is open, as a path: Linux has one for each descriptor, where /proc is mounted.

import { existsSync, readlinkSync } from "node:fs";
import { textOfName } from "../text/name-bytes.ts";

/** Whether `descriptorPath()` leads anywhere. */
export const HAS_DESCRIPTOR_PATHS: boolean = process.platform === "linux" && hasDescriptorPaths();

/** Leads to what is open, wherever its name leads by now. */
export function descriptorPath(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/**
 * The real path of what is open. Of what has been removed meanwhile, with ` (deleted)` behind it.
 * @throws the system's error if it is longer than a path can be
 */
export function pathOfDescriptor(fd: number): string {
  const link = descriptorPath(fd);
  return exactName(
    () => readlinkSync(link),
    () => readlinkSync(link, "buffer"),
  );
}

/**
 * A name that the system tells, asked for again as bytes where it is not UTF-8: as texts two of those may
 * look the same.
 */
export function exactName(askText: () => string, askBytes: () => Uint8Array): string {
  const text = askText();
  return text.includes("\ufffd") ? textOfName(askBytes()) : text;
}

/** Node's permission model (`node --permission`) throws for what it does not allow to read. */
function hasDescriptorPaths(): boolean {
  try {
    return existsSync("/proc/self/fd");
  } catch {
    return false;
  }
}
