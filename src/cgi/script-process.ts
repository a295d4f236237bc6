// One running script: its pipes, its end, and the end of all that it started (RFC 3875 §3.4, §7.2).

import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

import { systemErrorCode } from "../errors.ts";
import { LineSplitter } from "./line-splitter.ts";

export interface ScriptStart {
  /** An absolute path, so that nothing is searched for and a name with a hyphen in front is no option. */
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** "The current working directory for the script SHOULD be set to the directory containing the script" (RFC 3875 §7.2). */
  readonly directory: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** Without a body stdin is at its end at once, and costs no pipe. */
  readonly hasBody: boolean;
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killGrace: number;
  /** One line of stderr, without its line end, not yet made visible. */
  readonly onStderrLine: (line: string) => void;
  /** There will be no more lines. */
  readonly onStderrEnd?: (() => void) | undefined;
}

export interface ScriptExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type ScriptRead =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "end" }
  /** Nothing came within the time. */
  | { readonly kind: "silent" };

/**
 * How long stdout may be quiet after the script itself has ended, if something that it left in the background holds the pipe
 * open: `sleep 100 &` must not hold the answer for 100 s.
 */
const QUIET_AFTER_EXIT = 1_000;

/** How often a group that was told to end is looked at until it has. */
const GROUP_WATCH = 50;

/** What is left to scripts and their children between SIGTERM and SIGKILL when the server ends: nobody can wait for them longer. */
const EXIT_GRACE = 200;

/** Scripts that have not ended, or whose group has not, though told to. Each has a session of its own, so Ctrl-C does not reach them, nor does our end. */
const running = new Set<ScriptProcess>();
let isExitWatched = false;

function watchExit(): void {
  if (isExitWatched) return;
  isExitWatched = true;
  process.once("exit", () => {
    if (running.size === 0) return;
    for (const script of running) script.end();
    // No timer runs any more, and a script that ignores SIGTERM would stay for ever.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EXIT_GRACE);
    for (const script of running) script.kill();
  });
}

/**
 * Starts a script; resolves when it runs.
 * @throws the system's error, whichever of its two ways Node chose: E2BIG and ENOMEM are thrown, ENOENT, EACCES, EAGAIN and
 * EMFILE come as an event
 */
export async function startScript(start: ScriptStart): Promise<ScriptProcess> {
  const child = spawn(start.command, start.args, {
    cwd: start.directory,
    env: start.environment,
    stdio: [start.hasBody ? "pipe" : "ignore", "pipe", "pipe"],
    // An own process group: what the script starts can be ended with it.
    detached: process.platform !== "win32",
    windowsHide: true,
    ...(start.user === undefined ? {} : { uid: start.user.uid, gid: start.user.gid }),
  });
  if (child.pid === undefined) {
    const failure = await new Promise<Error>((resolve) => child.once("error", resolve));
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
    throw failure;
  }
  const script = new ScriptProcess(child, start);
  watchExit();
  running.add(script);
  return script;
}

export class ScriptProcess {
  readonly pid: number;
  /** `undefined` for a request without a body. A script need not read it: that it closes its end is no error. */
  readonly stdin: Writable | undefined;
  /** How the script itself ended; what it left in the background does not count. */
  readonly exited: Promise<ScriptExit>;

  readonly #child: ChildProcess;
  readonly #stdout: Readable;
  readonly #killGrace: number;
  #exit: ScriptExit | undefined;
  #isEnding = false;
  #endsAt = 0;
  #isHushed = false;
  /** Called when there may be something to read, or nothing more to wait for. */
  #wake: (() => void) | undefined;

  constructor(child: ChildProcess, start: ScriptStart) {
    this.#child = child;
    this.pid = child.pid!;
    this.#killGrace = start.killGrace;
    this.stdin = child.stdin ?? undefined;
    // EPIPE, or ECONNRESET: the script has closed stdin, or is gone. Its answer is on stdout.
    this.stdin?.on("error", () => {});
    // Some errors later in its life (a failed kill) come by this event, and would end the server without a listener.
    child.on("error", () => {});
    this.#stdout = child.stdout!;
    const wake = (): void => this.#wake?.();
    // "readable" stays listened to: without it Node lets the rest of stdout flow into nothing when the process exits.
    for (const event of ["readable", "end", "close", "error"]) this.#stdout.on(event, wake);
    this.#drainStderr(child.stderr!, start);
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#exit = { code, signal };
        if (this.#isEnding) this.#watchGroup();
        else running.delete(this);
        resolve(this.#exit);
        wake();
      });
    });
  }

  /** The next bytes of stdout, within `limit` milliseconds. One call at a time; nothing is read ahead of it beyond a buffer. */
  async read(limit: number): Promise<ScriptRead> {
    const deadline = performance.now() + limit;
    for (;;) {
      const bytes = this.#stdout.read() as Buffer | null;
      if (bytes !== null) return { kind: "bytes", bytes };
      if (this.#stdout.readableEnded || this.#stdout.destroyed) return { kind: "end" };
      const reason = await this.#wait(deadline);
      if (reason === "silent") return { kind: "silent" };
      if (reason === "abandoned") this.#stdout.destroy();
    }
  }

  #wait(deadline: number): Promise<"woken" | "silent" | "abandoned"> {
    const hasExited = this.#exit !== undefined;
    const left = deadline - performance.now();
    return new Promise((resolve) => {
      const finish = (reason: "woken" | "silent" | "abandoned"): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(reason);
      };
      const isQuietFirst = hasExited && QUIET_AFTER_EXIT < left;
      const timer = setTimeout(
        () => finish(isQuietFirst ? "abandoned" : "silent"),
        Math.max(isQuietFirst ? QUIET_AFTER_EXIT : left, 0),
      );
      this.#wake = () => finish("woken");
    });
  }

  /** Always read to the end: a script whose stderr is full hangs. */
  #drainStderr(stderr: Readable, { onStderrLine, onStderrEnd }: ScriptStart): void {
    const lines = new LineSplitter((line) => {
      if (!this.#isHushed) onStderrLine(line);
    });
    stderr.on("data", (chunk: Buffer) => lines.push(chunk));
    stderr.once("close", () => {
      lines.end();
      onStderrEnd?.();
    });
    stderr.on("error", () => {});
    // A process left in the background may hold stderr for days; its descriptor is ours.
    this.#child.once("exit", () => setTimeout(() => stderr.destroy(), QUIET_AFTER_EXIT).unref());
  }

  /** The client has left: ends the script, and keeps from the log what it says about that, which is no fault of anybody's. */
  abandon(): void {
    this.#isHushed = true;
    this.end();
  }

  /** Nobody wants the output any more: SIGTERM to the script and all that it started, SIGKILL after the grace. */
  end(): void {
    this.#tellToEnd();
    // Behind the signal: a script that is stopped while it writes has nothing to complain of.
    this.#stdout.destroy();
    this.stdin?.destroy();
  }

  #tellToEnd(): void {
    if (this.#isEnding || this.#exit !== undefined) return;
    this.#isEnding = true;
    this.#endsAt = performance.now() + this.#killGrace;
    this.#signal("SIGTERM");
    const kill = setTimeout(() => this.kill(), this.#killGrace);
    this.#child.once("exit", () => clearTimeout(kill));
  }

  /** SIGKILL to all that `end()` has told. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  /**
   * The script has ended and been reaped, so its number may be given to another process; but not as long as its group has a
   * member. That is why the group is looked at before it is killed, and every few moments until then.
   */
  #watchGroup(): void {
    const isGone = process.platform === "win32" || !this.#signal(0);
    if (!isGone && performance.now() < this.#endsAt) {
      setTimeout(() => this.#watchGroup(), GROUP_WATCH);
      return;
    }
    if (!isGone) this.kill();
    running.delete(this);
  }

  /** Whether there was anybody to get it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (process.platform === "win32") return this.#child.kill(signal);
    try {
      return process.kill(-this.pid, signal);
    } catch (error) {
      // ESRCH: all are gone. EPERM: what is left runs as somebody else, by its own doing.
      if (systemErrorCode(error) === "ESRCH" || systemErrorCode(error) === "EPERM") return false;
      throw error;
    }
  }
}
