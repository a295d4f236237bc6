// Starts a process for a script by the best road that this machine has. Both give the same: a process group
// of its own, nothing of the server's descriptors, and streams that a script can also open as /dev/stdin,
// /dev/stdout and /dev/stderr.

import { startByChildProcess } from "./child-process.ts";
import { loadPosixSpawn } from "./posix-spawn.ts";
import type { StartProcess } from "./started-process.ts";

/** With `child_process` in it, koffi is not loaded. */
const ROAD_VARIABLE = "HTBIN_CGI_START";

let best: Promise<StartProcess> | undefined;

/**
 * Resolves when the process runs.
 * @throws the system's error
 */
export const startProcess: StartProcess = async (start) => {
  best ??= chooseRoad();
  return (await best)(start);
};

/** Looks for the road before the first script needs it. Never rejects. */
export async function prepareStart(): Promise<void> {
  best ??= chooseRoad();
  await best;
}

/**
 * Whether a script can open its stdin as /dev/stdin where that is a pipe. A socket cannot be opened on Linux;
 * then the body is to come from a file.
 */
export async function opensPipesByName(): Promise<boolean> {
  best ??= chooseRoad();
  return process.platform !== "linux" || (await best) !== startByChildProcess;
}

async function chooseRoad(): Promise<StartProcess> {
  if (process.env[ROAD_VARIABLE] === "child_process") return startByChildProcess;
  return (await loadPosixSpawn()) ?? startByChildProcess;
}
