// An unexpected error as one log entry.

import { makeVisible } from "../text/visible.ts";

/** The stack of an error, with control characters made visible line by line: messages often quote what a client sent. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return text.split("\n").map(makeVisible).join("\n");
}
