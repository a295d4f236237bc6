// What a server holds at one moment: inside, as it tells itself, and outside, as the system sees it.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import type { InnerReading } from "./tell-reading.ts";

export interface Reading {
  /** Bytes. */
  readonly heap: number;
  readonly buffers: number;
  /** What keeps the event loop busy, without the log that may be written at that moment. */
  readonly resources: number;
  /** `undefined` where the system does not tell: no /proc. */
  readonly files: number | undefined;
  /** Children of the server, dead ones included, and whatever else runs in the folder that it serves. */
  readonly processes: number | undefined;
}

/** @param site processes that run in this folder are scripts, whoever is their parent */
export function completeReading(inner: InnerReading, pid: number, site: string): Reading {
  return {
    heap: inner.heap,
    buffers: inner.buffers,
    resources: inner.resources.length,
    files: openFiles(pid),
    processes: processesOf(pid, site),
  };
}

function openFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

function processesOf(server: number, site: string): number | undefined {
  let names: string[];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  if (names.length === 0) return undefined;
  return names.filter((name) => Number(name) !== server && (parentOf(name) === server || isIn(name, site)))
    .length;
}

/** The fields behind the name, which may hold blanks: state, parent (proc(5)). */
function parentOf(name: string): number {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It has ended since.
    return 0;
  }
}

function isIn(name: string, site: string): boolean {
  try {
    return readlinkSync(`/proc/${name}/cwd`).startsWith(site);
  } catch {
    return false;
  }
}
