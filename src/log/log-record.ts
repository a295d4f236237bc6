// A message of several lines: the first says what happened, the others are what there is to know about it.

import { makeVisible } from "../text/visible.ts";
import { formatMessage } from "./format-message.ts";

/**
 * An argument of a log message. As text it is its lines; a log indents all but the first, so
 * that none passes for an entry.
 */
export class LogRecord {
  readonly lines: readonly [first: string, ...others: string[]];

  constructor(first: string, others: readonly string[] = []) {
    this.lines = [first, ...others];
  }

  toString(): string {
    return this.lines.join("\n");
  }
}

/**
 * A log message as it is shown: control characters as text, and each further line of a
 * record in a line of its own.
 */
export function visibleMessage(format: string, args: readonly unknown[]): string {
  const record = args.find((arg) => arg instanceof LogRecord);
  if (record === undefined) return makeVisible(formatMessage(format, args));
  const [first, ...others] = record.lines;
  const head = formatMessage(
    format,
    args.map((arg) => (arg === record ? first : arg)),
  );
  return [head, ...others].map(makeVisible).join("\n    ");
}
