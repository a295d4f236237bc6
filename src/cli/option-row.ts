// What there is to say about one option of the command line, and how people see its names.

import type { ServeOptions } from "./serve-options.ts";

/** The headings of the help text, in its order. */
export const OPTION_GROUPS = [
  "Where it listens",
  "What it serves",
  "How it answers",
  "CGI scripts",
  "Limits",
  "Other",
] as const;

interface RowBase {
  /** The long name, without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Other long names, for fingers that learned them elsewhere. */
  readonly aliases?: readonly string[];
  readonly group: (typeof OPTION_GROUPS)[number];
  readonly help: string;
}

/** An option without a value: it turns its member on, or off where that is on by default. */
interface SwitchRow extends RowBase {
  readonly kind: "switch";
  readonly member: keyof ServeOptions;
}

/** An option with a value. */
interface ValueRow extends RowBase {
  readonly kind: "value";
  readonly member: keyof ServeOptions;
  /** What the help text calls the value. */
  readonly value: string;
  /**
   * The options so far with this one added, or a sentence about a text that is no value. What is wrong with
   * the value itself, `checkServeOptions` finds.
   */
  readonly add: (value: string, soFar: ServeOptions) => ServeOptions | string;
}

/** An option whose value may be left out, or follows in the same word, `--name=value`. */
interface OptionalRow extends Omit<ValueRow, "kind"> {
  readonly kind: "optional";
  /** The value where it is left out. */
  readonly without: string;
}

/** An option that is answered with a text instead of a server. */
interface AnswerRow extends RowBase {
  readonly kind: "help" | "version";
}

export type OptionRow = SwitchRow | ValueRow | OptionalRow | AnswerRow;

/** Its name for people, with what belongs behind it. */
export function withValue(row: OptionRow, names: string): string {
  if (row.kind === "value") return `${names} ${row.value}`;
  return row.kind === "optional" ? `${names}[=${row.value}]` : names;
}

/** All its names that go with two dashes, the one of the help text first. */
export function longNames(row: OptionRow): readonly string[] {
  return row.aliases === undefined ? [row.name] : [row.name, ...row.aliases];
}
