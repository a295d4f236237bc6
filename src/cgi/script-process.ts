// One running script: its pipes, its end, and the end of all that it started (RFC 3875 §3.4, §7.2).

import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { systemErrorCode } from "../errors.ts";
import { removeItem } from "../remove-item.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { ScriptOutput } from "./script-output.ts";
import { startProcess } from "./start-process.ts";
import type { ProcessEnd, ProcessStart, StartedProcess, StartProcess } from "./started-process.ts";

export interface ScriptStart extends ProcessStart {
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly killGrace: number;
  /** One line of stderr, without its line end, not yet made visible. */
  readonly onStderrLine: (line: string) => void;
  /** There will be no more lines. */
  readonly onStderrEnd?: (() => void) | undefined;
}

export type ScriptRead =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "end" }
  /** Nothing came within the time. */
  | { readonly kind: "silent" };

/**
 * How long stdout may be quiet after the script itself has ended, if something that it left in the background
 * holds the pipe open: `sleep 100 &` must not hold the answer for 100 s.
 */
const QUIET_AFTER_EXIT = 1_000;

/** How often a group that was told to end is looked at until it has. */
const GROUP_WATCH = 50;

/**
 * What is left to scripts and their children between SIGTERM and SIGKILL when the server ends:
 * nobody can wait for them longer.
 */
const EXIT_GRACE = 200;

/**
 * Milliseconds between the attempts to start a file that somebody writes at this moment: an editor saves it,
 * or another process is just being started and has not let go of the descriptor that wrote it.
 */
const WAITS_FOR_WRITER = [10, 20, 40, 80, 160];

/** What strerror(3) says to setpriv(1) and sh(1), which run without a language of their own. */
const TEXT_FILE_BUSY = "Text file busy";

/**
 * Scripts that have not ended, or whose group has not, though told to. Each has a group of its own, so Ctrl-C
 * does not reach them, nor does our end.
 */
const running: ScriptProcess[] = [];
let isExitWatched = false;

function watchExit(): void {
  if (isExitWatched) return;
  isExitWatched = true;
  process.once("exit", () => {
    if (running.length === 0) return;
    for (const script of running) script.end();
    // No timer runs any more, and a script that ignores SIGTERM would stay for ever.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EXIT_GRACE);
    for (const script of running) script.kill();
  });
}

/**
 * Starts a script; resolves when it runs. One that is being written gets a third of a second to be whole.
 * @throws the system's error
 */
export async function startScript(
  start: ScriptStart,
  road: StartProcess = startProcess,
): Promise<ScriptProcess> {
  const script = new ScriptProcess(await startWhole(start, road), start);
  watchExit();
  running.push(script);
  return script;
}

async function startWhole(start: ScriptStart, road: StartProcess): Promise<StartedProcess> {
  for (const wait of WAITS_FOR_WRITER) {
    try {
      return await road(start);
    } catch (error) {
      if (systemErrorCode(error) !== "ETXTBSY") throw error;
      await delay(wait);
    }
  }
  return road(start);
}

export class ScriptProcess {
  readonly pid: number;
  /** `undefined` for a request without a body. A script need not read it, and may close its end. */
  readonly stdin: Writable | undefined;
  /** How the script itself ended; what it left in the background does not count. */
  readonly exited: Promise<ProcessEnd>;

  readonly #stdout: ScriptOutput;
  readonly #stderr: ScriptOutput;
  readonly #killGrace: number;
  #exit: ProcessEnd | undefined;
  #kill: NodeJS.Timeout | undefined;
  #isEnding = false;
  #endsAt = 0;
  #isHushed = false;
  #refusal: string | undefined;
  /** Called when there may be something to read, or nothing more to wait for. */
  #wake: (() => void) | undefined;
  /** Ends the time that stderr has after the script's end. */
  #stderrTime: NodeJS.Timeout | undefined;
  #onStderrEnd: (() => void) | undefined;

  constructor(started: StartedProcess, start: ScriptStart) {
    this.pid = started.pid;
    this.#killGrace = start.killGrace;
    this.stdin = started.stdin;
    // EPIPE, or ECONNRESET: the script has closed stdin, or is gone. Its answer is on stdout.
    this.stdin?.on("error", () => {});
    this.#stdout = started.stdout;
    this.#stderr = started.stderr;
    this.#stdout.onChange = () => this.#wake?.();
    this.#drainStderr(start, started.refusal);
    this.exited = new Promise((resolve) => {
      started.onEnded = (exit) => {
        this.#exit = exit;
        clearTimeout(this.#kill);
        // What is left of the body has no reader, unless in the background, and that one would wait for ever.
        this.stdin?.destroy();
        if (this.#isEnding) this.#watchGroup();
        else removeItem(running, this);
        this.#stdout.noteExit();
        this.#stderr.noteExit();
        // A process left in the background may hold stderr for days; its descriptor is ours.
        if (!this.#stderr.hasEnded) {
          this.#stderrTime = setTimeout(() => this.#stderr.destroy(), QUIET_AFTER_EXIT).unref();
        }
        resolve(exit);
        this.#wake?.();
      };
    });
  }

  /**
   * The next bytes of stdout, within `limit` milliseconds. One call at a time; nothing is read
   * ahead of it beyond a buffer.
   */
  async read(limit: number): Promise<ScriptRead> {
    const deadline = performance.now() + limit;
    for (;;) {
      const bytes = this.#stdout.read();
      if (bytes !== null) return { kind: "bytes", bytes };
      if (this.#stdout.hasEnded) return { kind: "end" };
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
  #drainStderr({ onStderrLine, onStderrEnd }: ScriptStart, refusal: RegExp | undefined): void {
    const stderr = this.#stderr;
    const lines = new LineSplitter((line) => {
      if (refusal?.test(line) === true) this.#refusal = line;
      else if (!this.#isHushed) onStderrLine(line);
    });
    let hasEnded = false;
    stderr.onChange = () => {
      for (let bytes = stderr.read(); bytes !== null; bytes = stderr.read()) lines.push(bytes);
      if (hasEnded || !stderr.hasEnded) return;
      hasEnded = true;
      // A timer that runs on would hold all of the run for a second: long enough to be taken for long-lived
      // by the collector of garbage.
      clearTimeout(this.#stderrTime);
      lines.end();
      onStderrEnd?.();
      this.#onStderrEnd?.();
    };
  }

  /**
   * After the end of a process that printed nothing: the error number of a program that was to
   * start the script and could not.
   */
  async startError({ code }: ProcessEnd): Promise<"ENOENT" | "EACCES" | "ETXTBSY" | undefined> {
    if (code !== 126 && code !== 127) return undefined;
    if (!this.#stderr.hasEnded) await new Promise<void>((resolve) => (this.#onStderrEnd = resolve));
    if (this.#refusal === undefined) return undefined;
    if (code === 127) return "ENOENT";
    return this.#refusal.endsWith(TEXT_FILE_BUSY) ? "ETXTBSY" : "EACCES";
  }

  /** The client has left: ends the script, and keeps from the log what it says about that. */
  abandon(): void {
    this.#isHushed = true;
    this.end();
  }

  /** Nobody wants the output any more: SIGTERM to the script and all it has started; later SIGKILL. */
  end(): void {
    this.#tellToEnd();
    // Behind the signal: a script that is stopped while it writes has nothing to complain of.
    this.#stdout.destroy();
    // stdin is closed when the script has ended. One that lives on after SIGTERM would take an end of file
    // for the end of the body, and store half an upload as a whole one.
  }

  #tellToEnd(): void {
    if (this.#isEnding || this.#exit !== undefined) return;
    this.#isEnding = true;
    this.#endsAt = performance.now() + this.#killGrace;
    this.#signal("SIGTERM");
    this.#kill = setTimeout(() => this.kill(), this.#killGrace);
  }

  /** SIGKILL to all that `end()` has told. */
  kill(): void {
    this.#signal("SIGKILL");
  }

  /**
   * The script has ended and been reaped, so its number may be given to another process; but not as
   * long as its group has a member. That is why the group is looked at before it is killed, and
   * every few moments until then.
   */
  #watchGroup(): void {
    const isGone = process.platform === "win32" || !this.#signal(0);
    if (!isGone && performance.now() < this.#endsAt) {
      setTimeout(() => this.#watchGroup(), GROUP_WATCH);
      return;
    }
    if (!isGone) this.kill();
    removeItem(running, this);
  }

  /** Whether there was anybody to get it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      // Windows has no groups.
      return process.kill(process.platform === "win32" ? this.pid : -this.pid, signal);
    } catch (error) {
      // ESRCH: all are gone. EPERM: what is left runs as somebody else, by its own doing.
      if (systemErrorCode(error) === "ESRCH" || systemErrorCode(error) === "EPERM") return false;
      throw error;
    }
  }
}
