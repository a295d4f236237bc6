// An unexpected error as one log entry.

import { makeVisible } from "../text/visible.ts";

/**
 * The stack of an error, each frame on its line. Messages often quote what a client sent: their control
 * characters, line ends too, are made visible.
 */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return text
    .split(/\n(?= {4}at )/)
    .map(makeVisible)
    .join("\n");
}
