// What signals do: Ctrl-C, SIGTERM and SIGHUP let running requests end, a second one ends the process at
// once; but SIGHUP opens a log file anew, and is nothing under nohup.
import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * npm passes a signal on to what it runs, and a terminal sends Ctrl-C to the whole group: under `npm start`
 * one key press arrives twice within a few milliseconds. No finger is that fast.
 */
const ECHO_MS = 50;

// 128 + the signal's number: what a shell reports for a process that the signal killed.
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type StopSignal = keyof typeof EXIT_CODES;

interface Received {
  readonly signal: StopSignal;
  /** In milliseconds, on a clock that does not jump. */
  readonly at: number;
}

/** What to do on a signal, when `first` is the one that began the stop. */
export function decideSignal(first: Received | undefined, now: Received): "stop" | "ignore" | "exit" {
  if (first === undefined) return "stop";
  return now.signal === first.signal && now.at - first.at < ECHO_MS ? "ignore" : "exit";
}

/** Ctrl-C, SIGTERM and SIGHUP, caught from now on. */
export interface StopSignals {
  /** Resolves on the first signal; a second one ends the process. */
  readonly first: Promise<void>;
  /** From now on SIGHUP calls this, unless it comes because the terminal was closed. */
  onHangUp(reopen: () => void): void;
  /** From now on signals change nothing: the process is about to exit with a code of its own. */
  ignore(): void;
}

/** Catches the signals. To be called before anybody is told that the server is ready, and may send one. */
export function catchStopSignals(): StopSignals {
  let first: Received | undefined;
  let isIgnoring = false;
  let reopen: (() => void) | undefined;
  let resolveFirst: () => void;
  const terminals = standardTerminals();

  const receive = (signal: StopSignal): void => {
    if (isIgnoring) return;
    if (signal === "SIGHUP" && reopen !== undefined && !isTerminalClosed(terminals)) return reopen();
    if (signal === "SIGHUP" && isUnderNohup(process.env)) return;
    const now = { signal, at: performance.now() };
    switch (decideSignal(first, now)) {
      case "stop":
        first = now;
        // The terminal has just written ^C; the line begins below it.
        if (signal === "SIGINT") process.stdout.write("\nKeyboard interrupt received, exiting.\n");
        return resolveFirst();
      case "ignore":
        return;
      case "exit":
        process.exit(EXIT_CODES[signal]);
    }
  };
  process.on("exit", () => closeLost(terminals));
  for (const signal of Object.keys(EXIT_CODES) as StopSignal[]) process.on(signal, receive);
  return {
    first: new Promise((resolve) => {
      resolveFirst = resolve;
    }),
    onHangUp: (callback) => {
      reopen = callback;
    },
    ignore: () => {
      isIgnoring = true;
    },
  };
}

/**
 * Whether `nohup` has started this program. It does so with SIGHUP ignored, which Node undoes before
 * any of our code runs. What is left of it is `_`, in which bash and zsh put the program that they
 * start; others leave it as it is.
 */
export function isUnderNohup(env: Readonly<Record<string, string | undefined>>): boolean {
  return /(?:^|\/)nohup$/.test(env["_"] ?? "");
}

/** Those of the standard descriptors that are terminals. */
function standardTerminals(): number[] {
  return [0, 1, 2].filter((fd) => isatty(fd));
}

/**
 * A terminal that was closed is none any more. Who closes the window of a server wants it to end, also when
 * it has a log file. Windows has no other reason for a SIGHUP.
 */
function isTerminalClosed(terminals: readonly number[]): boolean {
  return process.platform === "win32" || terminals.some((fd) => !isatty(fd));
}

/** At the end Node gives a terminal its settings back, and aborts with a core dump if that was closed. */
function closeLost(terminals: readonly number[]): void {
  for (const fd of terminals.filter((each) => !isatty(each))) closeSync(fd);
}
