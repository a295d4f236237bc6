// Owns every process and every temporary folder of the bench: whatever way the bench ends, none is left behind.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Streams {
  readonly stdout: number | "pipe" | "ignore";
  readonly stderr: number | "pipe" | "ignore";
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();

/** What every process gets: nothing of ours, so that no server is slowed by what stands in a developer's shell. */
const environment = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  LANG: "C.UTF-8",
  // `serve` asks the registry for a newer version on every start.
  NO_UPDATE_CHECK: "1",
};

/** Ends everything on exit and on the signals that end us. To be called once, before anything is started. */
export function cleanUpAtExit(): void {
  process.on("exit", () => {
    for (const child of running) killGroup(child);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
}

/** Starts a program in a process group of its own, so that its workers and scripts can be ended with it. */
export function startProcess(argv: readonly string[], streams: Streams, cwd: string): ChildProcess {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    cwd,
    env: environment,
    stdio: ["ignore", streams.stdout, streams.stderr],
    detached: true,
  });
  running.add(child);
  child.once("exit", () => endGroup(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** Asks the process to end; after a second, or when it has gone, ends what is left of its group. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return endGroup(child);
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => killGroup(child), 1000);
  await gone;
  clearTimeout(timer);
  endGroup(child);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Runs a program to its end and returns what it printed; rejects with its last words when it fails. */
export async function runProcess(argv: readonly string[]): Promise<string> {
  const child = startProcess(argv, { stdout: "pipe", stderr: "pipe" }, "/");
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (bytes: Buffer) => (stdout += bytes.toString("latin1")));
  child.stderr?.on("data", (bytes: Buffer) => (stderr += bytes.toString("latin1")));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${lastLines(stderr || stdout)}`);
  return stdout;
}

/** What a program says of itself on either stream; `undefined` when it is not there. */
export function askProgram(program: string, args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 10_000,
    env: environment,
  });
  return error ? undefined : stdout + stderr;
}

/** A temporary folder that any user can enter: workers and scripts may run as another one. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `htbin-bench-${name}-`));
  folders.add(folder);
  chmodSync(folder, 0o755);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}

/** Why a program ended, in one line: its error if it names one, and otherwise the last that it said. */
export function lastLines(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => line !== "");
  const error = said.findLastIndex((line) => /^\w*Error\b/.test(line));
  return (error < 0 ? said.slice(-4) : said.slice(error, error + 1)).join(" / ").slice(0, 400);
}

function endGroup(child: ChildProcess): void {
  if (running.delete(child)) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // ESRCH: nobody of the group is left, which is what we want.
  }
}
