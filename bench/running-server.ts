// Owns one run of one server: starts it on a free port, waits for its first answer, reads its memory, ends it.

import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, openSync, readFileSync, readdirSync, readSync, statSync, truncateSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { pinned } from "./cores.ts";
import { hasEnded, lastLines, makeFolder, removeFolder, startProcess, stopProcess } from "./processes.ts";
import type { Server } from "./servers/server.ts";

/** Far above any honest start; a server that needs longer is broken. */
const START_LIMIT_MS = 10_000;

/** A burst of the fastest server writes some 30 MB. */
const LONG_LOG = 16 * 2 ** 20;

export interface RunningServer {
  readonly origin: string;
  readonly pid: number;
  /** Where the server writes; gone with it. */
  readonly scratch: string;
  /** From the start of the process to the first status line. */
  readonly firstAnswerMs: number;
  /** Resident memory of the process and its workers, in bytes. */
  memory(): number;
  hasEnded(): boolean;
  /** Empties the logs that have grown large: writing them belongs to the work, a full disk does not. */
  shortenLogs(): void;
  /** Whether the logs name this path. */
  hasLogged(path: string): boolean;
  lastWords(): string;
  stop(): Promise<void>;
}

export async function startServer(
  server: Server,
  site: string,
  core: number | undefined,
  path: string,
): Promise<RunningServer> {
  const scratch = makeFolder("server");
  const port = await freePort();
  const argv = pinned(core, server.command({ site, scratch, port }));
  const began = performance.now();
  const child = startLogged(argv, scratch);
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  try {
    await Promise.race([waitForStatusLine(child, port, path), failed]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const words = lastWords(scratch);
    await end(child, scratch);
    throw new Error(words === "" ? reason : `${reason}: ${words}`, { cause: error });
  }
  const firstAnswerMs = performance.now() - began;
  // Something of this process has answered, so it was started.
  const pid = child.pid ?? 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    pid,
    scratch,
    firstAnswerMs,
    memory: () => groupMemory(pid),
    hasEnded: () => hasEnded(child),
    shortenLogs: () => shortenLogs(scratch),
    hasLogged: (path) => logFiles(scratch).some((file) => readPart(file, "start").includes(path)),
    lastWords: () => lastWords(scratch),
    stop: () => end(child, scratch),
  };
}

/** Appending, because a log is emptied while it is written. */
function startLogged(argv: readonly string[], scratch: string): ChildProcess {
  const stdout = openSync(join(scratch, "stdout.log"), "a");
  const stderr = openSync(join(scratch, "stderr.log"), "a");
  try {
    return startProcess(argv, { stdout, stderr }, scratch);
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

async function end(child: ChildProcess, scratch: string): Promise<void> {
  await stopProcess(child);
  removeFolder(scratch);
}

/** The same way for all: ask until somebody listens. A refused attempt costs 0.1 ms, so the error is about 1 ms. */
async function waitForStatusLine(child: ChildProcess, port: number, path: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await answers(port, path, deadline))) {
    if (hasEnded(child)) throw new Error(`ended with ${child.exitCode ?? child.signalCode}`);
    if (performance.now() > deadline) throw new Error(`no answer within ${START_LIMIT_MS / 1000} s`);
    await delay(1);
  }
}

/** Whether something that looks like HTTP came back; which status it was, same-answer.ts asks. */
function answers(port: number, path: string, deadline: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(Math.max(1, deadline - performance.now()), () => finish(false));
    socket.once("error", () => finish(false));
    socket.once("close", () => finish(false));
    socket.once("connect", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    socket.once("data", (bytes: Buffer) => finish(bytes.toString("latin1").startsWith("HTTP/1.")));
  });
}

/**
 * Below the ports that systems give to clients (from 32768 on Linux): asking such a port until somebody listens can make
 * the kernel choose the same one for our end, connect it with itself, and so take it from the server.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Sums VmRSS over the process group that the server leads; pages shared by nginx's two processes count twice. */
function groupMemory(group: number): number {
  let kibibytes = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || groupOf(name) !== group) continue;
    kibibytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${name}/status`))?.[1] ?? 0);
  }
  return kibibytes * 1024;
}

/** The fields after the name, which may hold blanks: state, parent, group (proc(5)). */
function groupOf(pid: string): number {
  const stat = readText(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}

function logFiles(scratch: string): string[] {
  return readdirSync(scratch)
    .filter((name) => name.endsWith(".log"))
    .map((name) => join(scratch, name));
}

function shortenLogs(scratch: string): void {
  for (const file of logFiles(scratch)) {
    if (statSync(file).size > LONG_LOG) truncateSync(file);
  }
}

function lastWords(scratch: string): string {
  const files = logFiles(scratch).filter((file) => !file.endsWith("access.log"));
  return lastLines(files.map((file) => readPart(file, "end")).join("\n"));
}

/** A log of a hundred megabytes is as good as 64 KiB of it. */
function readPart(path: string, part: "start" | "end"): string {
  const bytes = Buffer.alloc(65_536);
  const from = part === "start" ? 0 : Math.max(0, statSync(path).size - bytes.length);
  const file = openSync(path, "r");
  const length = readSync(file, bytes, 0, bytes.length, from);
  closeSync(file);
  return bytes.toString("latin1", 0, length);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // A process of the list may have ended since.
    return "";
  }
}
