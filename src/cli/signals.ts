// What Ctrl-C and SIGTERM do: the first lets running requests end, a second one ends the process at once.

/**
 * npm passes a signal on to what it runs, and a terminal sends Ctrl-C to the whole group: under `npm start` one key
 * press arrives twice within a few milliseconds. No finger is that fast.
 */
const ECHO_MS = 50;

// 128 + the signal's number: what a shell reports for a process that the signal killed.
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

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

/** Ctrl-C and SIGTERM, caught from now on. */
export interface StopSignals {
  /** Resolves on the first signal; a second one ends the process. */
  readonly first: Promise<void>;
  /** From now on signals change nothing: the process is about to exit with a code of its own. */
  ignore(): void;
}

/** Catches the signals. To be called before anybody is told that the server is ready, and may send one. */
export function catchStopSignals(): StopSignals {
  let first: Received | undefined;
  let isIgnoring = false;
  let resolveFirst: () => void;

  const receive = (signal: StopSignal): void => {
    if (isIgnoring) return;
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
  process.on("SIGINT", receive);
  process.on("SIGTERM", receive);
  return {
    first: new Promise((resolve) => {
      resolveFirst = resolve;
    }),
    ignore: () => {
      isIgnoring = true;
    },
  };
}
