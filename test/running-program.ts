// Starts a program that should become a server, for the tests of packaging and scripts: its first line of output,
// all it says on stderr, and an end that leaves no process behind.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface RunningProgram extends AsyncDisposable {
  /** The first line on stdout; empty when the program ended without one. */
  readonly firstLine: string;
  /** What it has said on stderr so far. */
  stderr(): string;
  /** SIGTERM to the program and all that it started; resolves with the exit code of the program. */
  stop(): Promise<number | null>;
}

/** npm hands its own settings to what it starts; a program started for a test must not find those of the test run. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("npm_") && name !== "INIT_CWD",
  );
  return Object.fromEntries(kept);
}

export async function startProgram(command: string, args: string[], cwd: string): Promise<RunningProgram> {
  // Its own process group: npm and npx put shells in between, and a signal must reach the server behind them.
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exit = once(child, "exit") as Promise<[number | null]>;

  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // Nobody is left.
    }
  };
  const stop = async (): Promise<number | null> => {
    signalAll("SIGTERM");
    const hard = setTimeout(() => signalAll("SIGKILL"), 15_000);
    const [code] = await exit;
    clearTimeout(hard);
    signalAll("SIGKILL");
    return code;
  };

  const lines = createInterface({ input: child.stdout });
  const firstLine = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(""));
    child.once("error", reject);
  });
  return { firstLine, stderr: () => stderr, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** The registry could not be asked: npm's own names for that. */
export function isOffline(stderr: string): boolean {
  return /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/.test(
    stderr,
  );
}

const BANNER = /^Serving HTTP on (\S+) port (\d+) \((http:\/\/\S+:\d+\/)\) \.\.\.$/;

/** The URL in the first line, which has exactly this form. */
export function urlOf(program: RunningProgram): string {
  const match = BANNER.exec(program.firstLine);
  if (!match)
    throw new Error(`not the first line of htbin: ${JSON.stringify(program.firstLine)}\n${program.stderr()}`);
  return match[3]!;
}
