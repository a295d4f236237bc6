// An entry about the server itself: what went wrong, with the stack for whoever repairs it.

import { describeError } from "./describe-error.ts";
import { LINE_FORMATS, type LogFormat } from "./log-format.ts";

/**
 * @param what the beginning of a sentence: `Exception while …`
 * @param remote the address of the client, where there is one
 */
export function errorEntry(format: LogFormat, what: string, error: unknown, remote?: string): string {
  if (format !== "json") return `${what}: ${describeError(error)}\n`;
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return LINE_FORMATS.json.message({
    time: Date.now(),
    remote,
    level: "error",
    message: `${what}: ${stack}`,
  });
}
