// Pipes without a system call for them: Node cannot call pipe(2), but mkfifo(1) makes pipes with names, and a
// name can be removed while the pipe stays open.

import { execFile } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { systemErrorCode } from "../errors.ts";
import { hasNoRoom } from "./no-room.ts";
import type { Pipe } from "./pipe-streams.ts";

/** How many are made by one run of mkfifo(1): enough for twelve scripts. */
const BATCH = 24;

const run = promisify(execFile);

/**
 * Each open for reading and writing, so that neither end waits for the other. Used once: what holds an old
 * one cannot write into a new one.
 */
const stock: number[] = [];
let refill: Promise<boolean> | undefined;

/** Reserved for one script. */
export interface FifoReserve {
  /** @throws the system's error */
  next(): Pipe;
  /** Gives back what was not used. */
  close(): void;
}

/** `undefined` where there are none: only Linux needs them, and can open them without a name. */
export async function reserveFifos(count: number): Promise<FifoReserve | undefined> {
  if (process.platform !== "linux") return undefined;
  while (stock.length < count) {
    refill ??= makeBatch().finally(() => (refill = undefined));
    if (!(await refill)) return undefined;
  }
  const reserved = stock.splice(-count);
  return {
    next: () => openEnds(reserved.pop()!),
    close: () => stock.push(...reserved.splice(0)),
  };
}

function openEnds(both: number): Pipe {
  let read: number | undefined;
  try {
    const path = `/proc/self/fd/${both}`;
    // The script's end must wait, as every program expects of a pipe. Ours is made not to
    // wait when it becomes a stream.
    read = openSync(path, constants.O_RDONLY);
    return { read, write: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    if (read !== undefined) closeSync(read);
    throw error;
  } finally {
    closeSync(both);
  }
}

async function makeBatch(): Promise<boolean> {
  let directory: string | undefined;
  const made: number[] = [];
  try {
    directory = await mkdtemp(join(tmpdir(), "htbin-pipes-"));
    const names = Array.from({ length: BATCH }, (_, index) => join(directory!, String(index)));
    await run("mkfifo", ["-m", "600", ...names]);
    // O_NONBLOCK is about this descriptor alone: the ends are opened anew.
    for (const name of names) made.push(openSync(name, constants.O_RDWR | constants.O_NONBLOCK));
    stock.push(...made);
    return true;
  } catch (error) {
    for (const descriptor of made) closeSync(descriptor);
    // No mkfifo, or no folder for it: scripts run all the same, only without /dev/stdout. But no
    // descriptors: that is to be said.
    if (hasNoRoom(systemErrorCode(error))) throw error;
    return false;
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}
