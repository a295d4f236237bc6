// Which option a word of the command line means, and the other way round.

import { longNames, type OptionRow } from "./option-row.ts";
import { OPTION_TABLE } from "./option-table.ts";
import type { ServeOptions } from "./serve-options.ts";

/** The row of a long name. */
export function findOption(name: string): OptionRow | undefined {
  return OPTION_TABLE.find((row) => longNames(row).includes(name));
}

/** The row of a letter. */
export function findLetter(letter: string): OptionRow | undefined {
  return OPTION_TABLE.find((row) => row.short === letter);
}

/** How a person names a member of `ServeOptions` on the command line: `--bind`, `port`. */
export function nameOnCommandLine(member: keyof ServeOptions): string {
  const row = OPTION_TABLE.find((each) => "member" in each && each.member === member);
  return row === undefined ? member : `--${row.name}`;
}
