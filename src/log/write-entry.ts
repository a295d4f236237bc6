// An entry on its way to a log of somebody else's making, which may fail, at once or later.

import { describeError } from "./describe-error.ts";
import { type LogDestination, stderrLog } from "./log-sink.ts";

/** Those that have failed: why is said once, not for each entry. */
const failed = new WeakSet<LogDestination>();

/** What the destination does not take goes to standard error; neither answer nor process suffers. */
export function writeEntry(log: LogDestination, entry: string): void {
  try {
    const written = log.write(entry);
    if (written instanceof Promise) written.catch((error: unknown) => rescue(log, entry, error));
  } catch (error) {
    rescue(log, entry, error);
  }
}

function rescue(log: LogDestination, entry: string, error: unknown): void {
  if (!failed.has(log)) {
    failed.add(log);
    stderrLog.write(`The log cannot be written, and goes to standard error: ${describeError(error)}\n`);
  }
  // Its own failure would be asked for once more.
  if (log !== stderrLog) stderrLog.write(entry);
}
