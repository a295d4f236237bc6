// Starts a server under test, asks it what it holds, and ends it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { Leak } from "./leaks.ts";
import { completeReading, type Reading } from "./reading.ts";
import type { ServerName } from "./requests.ts";
import type { InnerReading } from "./tell-reading.ts";

const root = join(import.meta.dirname, "..", "..");

/** Milliseconds for a server to start, or to answer a question. */
const PATIENCE = 20_000;

/** Milliseconds for a server to end when nothing is left to do for it. */
const END_PATIENCE = 5_000;

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  reading(): Promise<Reading>;
  /** Asks it to end as Ctrl-C would. @returns its exit code; `undefined` if it had to be killed */
  stop(): Promise<number | null | undefined>;
  /** All that it has written to stderr. */
  log(): string;
}

/** @param logFile where its stderr goes */
export async function startServer(
  name: ServerName,
  site: string,
  logFile: string,
  leaks: readonly Leak[],
): Promise<RunningServer> {
  const program =
    name === "command"
      ? [join(root, "bin", "htbin.js"), "0", site, "--bind", "127.0.0.1", "--cgi"]
      : [join(root, "build", "soak", "faulty-server.js"), site, ...leaks];
  const preloaded = join(root, "build", "soak", "tell-reading.js");
  const stderr = openSync(logFile, "w");
  const child = spawn(process.execPath, ["--expose-gc", "--import", preloaded, ...program], {
    cwd: root,
    stdio: ["ignore", "pipe", stderr, "ipc"],
  });
  closeSync(stderr);
  const log = (): string => readFileSync(logFile, "utf8");
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return {
    port: await portOf(child, log),
    reading: async () => completeReading(await ask(child), child.pid!, site),
    stop: () => stop(child),
    log,
    [Symbol.asyncDispose]: async () => void (await stop(child)),
  };
}

async function portOf(child: ChildProcess, log: () => string): Promise<number> {
  const lines = createInterface({ input: child.stdout! });
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
  const line = await new Promise<string>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(""));
  });
  clearTimeout(timer);
  const port = / port (\d+) /.exec(line)?.[1];
  if (port === undefined) throw new Error(`The server did not start: ${log().slice(0, 500)}`);
  return Number(port);
}

async function ask(child: ChildProcess): Promise<InnerReading> {
  return await new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
    };
    const onMessage = (inner: unknown): void => {
      settle();
      resolve(inner as InnerReading);
    };
    const onExit = (): void => {
      settle();
      reject(new Error("The server has ended by itself"));
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`The server has been busy for ${PATIENCE / 1000} s and does not answer`));
    }, PATIENCE);
    child.once("message", onMessage).once("exit", onExit);
    child.send("reading");
  });
}

async function stop(child: ChildProcess): Promise<number | null | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, "exit") as Promise<[number | null]>;
  child.kill("SIGTERM");
  let isLate = false;
  const hard = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, END_PATIENCE);
  const [code] = await exit;
  clearTimeout(hard);
  return isLate ? undefined : code;
}
