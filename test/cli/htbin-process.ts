// Runs the real program, bin/htbin.js, in a process of its own, and real clients against it.

import { execFile, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";

export const PROGRAM = join(import.meta.dirname, "..", "..", "..", "bin", "htbin.js");

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** For root only: the user to run as. */
  readonly uid?: number;
  /** How many files and sockets it may have open; needs a shell. */
  readonly descriptors?: number;
  /** A program, with its arguments, that starts it. */
  readonly before?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A started `htbin`. Disposing of it kills it. */
class HtbinProcess implements AsyncDisposable {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = "";
  stderr = "";
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], options: StartOptions = {}) {
    const env = { ...process.env, ...options.env };
    if (options.env?.["PORT"] === undefined) delete env["PORT"];
    // Tests that run under nohup are no reason to ignore a SIGHUP.
    delete env["_"];
    const words = [...(options.before ?? []), process.execPath, PROGRAM, ...args];
    const { descriptors } = options;
    if (descriptors !== undefined) words.unshift("sh", "-c", `ulimit -n ${descriptors}; exec "$0" "$@"`);
    this.child = spawn(words[0]!, words.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env,
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    });
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.#closed = once(this.child, "close");
  }

  /** Resolves when the program has ended and all its output is here. */
  async ended(): Promise<Ended> {
    await this.#closed;
    const { exitCode: code, signalCode: signal } = this.child;
    return { code, signal, stdout: this.stdout, stderr: this.stderr };
  }

  /** Resolves when its output holds the text. */
  async says(stream: "stdout" | "stderr", text: string | RegExp): Promise<void> {
    const found = (): boolean =>
      typeof text === "string" ? this[stream].includes(text) : text.test(this[stream]);
    while (!found()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`htbin ended before it said ${text}\n${this.stdout}${this.stderr}`);
      }
      await Promise.race([once(this.child[stream], "data"), this.#closed]);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.#closed;
  }
}

export interface RunningHtbin extends HtbinProcess {
  readonly port: number;
  readonly url: string;
}

/** Starts `htbin 0 …` and waits for its first line; from there come port and URL. */
export async function startHtbin(args: readonly string[], options: StartOptions = {}): Promise<RunningHtbin> {
  const program = new HtbinProcess(args, options);
  await program.says("stdout", "\n");
  const [, port = "0", url = ""] = / port (\d+) \((\S+)\) \.\.\.\n/.exec(program.stdout) ?? [];
  return Object.assign(program, { port: Number(port), url });
}

/** Runs `htbin` to its end. */
export function runHtbin(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return new HtbinProcess(args, options).ended();
}

export interface CurlAnswer {
  readonly version: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Asks with the real curl. */
export function curl(...args: string[]): Promise<CurlAnswer> {
  return new Promise((resolve, reject) => {
    const words = ["--silent", "--show-error", "--noproxy", "*", "--max-time", "20", "--include", ...args];
    execFile("curl", words, { encoding: "latin1" }, (error, stdout) => {
      if (error !== null) {
        reject(new Error(error.message, { cause: error }));
        return;
      }
      const end = stdout.indexOf("\r\n\r\n");
      const [statusLine = "", ...lines] = stdout.slice(0, end).split("\r\n");
      const [version = "", status] = statusLine.split(" ");
      const headers = new Headers(lines.map((line): [string, string] => splitLine(line)));
      resolve({ version, status: Number(status), headers, body: stdout.slice(end + 4) });
    });
  });
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** A client that has asked for `path` and reads nothing until it is resumed. */
export async function pausedDownload(port: number, path: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  // The answer has begun: something can be read.
  await once(socket, "readable");
  return socket;
}

/** Whether the port takes connections. */
export async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
