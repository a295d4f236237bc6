// File descriptors of this process: how many it may have, and whether there is one left.

import { closeSync, openSync, readFileSync } from "node:fs";
import { devNull } from "node:os";
import { systemErrorCode } from "../errors.ts";

/**
 * How many files and sockets this process may have open at once. `Infinity` where the system
 * does not say it in a file: Node raises the limit to the highest allowed when it starts, and
 * only on Linux that is often low.
 */
export function mostDescriptors(): number {
  if (process.platform !== "linux") return Infinity;
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
    return soft === null ? Infinity : Number(soft[1]);
  } catch {
    return Infinity;
  }
}

/**
 * Whether the next file or socket would fail with EMFILE or ENFILE. Node does not tell when that happens to a
 * connection: it is closed without an answer, so that the others need not wait for it.
 */
export function areDescriptorsExhausted(): boolean {
  if (process.platform === "win32") return false;
  try {
    closeSync(openSync(devNull, "r"));
    return false;
  } catch (error) {
    const code = systemErrorCode(error);
    return code === "EMFILE" || code === "ENFILE";
  }
}
