// What the words of a command line ask for: a server, a text, or a correction.
import { parseArgs, type ParseArgsConfig } from "node:util";

import { makeVisible } from "../text/visible.ts";
import { checkServeOptions } from "./check-serve-options.ts";
import { adviceOnForeignOption } from "./foreign-options.ts";
import { joinHeaderWords } from "./header-words.ts";
import { helpText } from "./help.ts";
import { meantByWord } from "./meant-word.ts";
import { nearestWord } from "../text/nearest-word.ts";
import { findOption, nameOnCommandLine } from "./find-option.ts";
import { OPTION_RULES } from "./option-rules.ts";
import { longNames } from "./option-row.ts";
import { OPTION_TABLE } from "./option-table.ts";
import type { ServeOptions } from "./serve-options.ts";
import { versionText } from "./version.ts";

export type CommandLine =
  | { readonly kind: "serve"; readonly options: ServeOptions }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version"; readonly text: string }
  /** One sentence that says what to do; exit code 2. */
  | { readonly kind: "usage"; readonly message: string };

/** Reads a command line. The options hold what was said and nothing else: `serve()` has the defaults. */
export function parseCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): CommandLine {
  const joined = joinHeaderWords(argv);
  if (joined.kind === "incomplete") return usage(joined.message);
  // Not strict: its sentences speak of "positional arguments" and of the `--` trick; ours are below.
  const { tokens } = parseArgs({
    args: joined.words,
    options: PARSE_ARGS_OPTIONS,
    strict: false,
    tokens: true,
  });

  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const row = findOption(token.name);
    if (row?.kind === "help") return { kind: "help", text: helpText() };
    if (row?.kind === "version") return { kind: "version", text: versionText() };
  }

  let options: ServeOptions = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const added = addOption(options, token, joined.words[token.index] ?? "");
    if (typeof added === "string") return usage(added);
    options = added;
  }

  const complete = addPort(addPositionals(options, positionals), env["PORT"]);
  if (typeof complete === "string") return usage(complete);
  const problem = checkServeOptions(complete, nameOnCommandLine);
  return problem === undefined ? { kind: "serve", options: complete } : usage(problem);
}

const PARSE_ARGS_OPTIONS: NonNullable<ParseArgsConfig["options"]> = Object.fromEntries(
  OPTION_TABLE.flatMap((row) => {
    const type = row.kind === "value" ? ("string" as const) : ("boolean" as const);
    return longNames(row).map((name) =>
      name === row.name && row.short !== undefined ? [name, { type, short: row.short }] : [name, { type }],
    );
  }),
);

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** The options with one more, or what is wrong with it. */
function addOption(options: ServeOptions, token: OptionToken, word: string): ServeOptions | string {
  const row = findOption(token.name);
  // "-d=site" would be the folder "=site", and "-s=app.html" nine letters.
  if ((row?.kind === "value" || row?.kind === "optional") && word.startsWith(`-${row.short}=`))
    return `-${row.short} is written without =; write --${row.name}=${makeVisible(word.slice(3))}`;
  switch (row?.kind) {
    case undefined:
      return unknownOption(token, word);
    case "switch":
      if (token.value !== undefined) return `${token.rawName} takes no value; write ${token.rawName} alone`;
      return { ...options, [row.member]: OPTION_RULES[row.member].isOnByDefault !== true };
    case "value": {
      const { value } = token;
      // "-d -q": a forgotten value, not a folder named "-q". Who means it writes --directory=-q.
      if (value === undefined || (token.inlineValue !== true && /^-(?!\d)/.test(value))) {
        return `${token.rawName} needs a value; write ${token.rawName} ${row.value}`;
      }
      if (row.member === "protocol" && /^\d+$/.test(value)) {
        return `${token.rawName} is the protocol; the port is a word of its own, as in htbin ${value}`;
      }
      return row.add(value, options);
    }
    case "optional":
      return row.add(token.value ?? row.without, options);
    case "help":
    case "version":
      return options;
    default:
      return row satisfies never;
  }
}

function unknownOption(token: OptionToken, word: string): string {
  if (/^-\d+$/.test(word)) return `port ${word} is out of range; choose 1 to 65535, or 0 for any free one`;
  const names = OPTION_TABLE.flatMap(longNames);
  // "-quiet" reads as five letters; the person wrote a word.
  const written = word.startsWith("--") ? token.name : word.slice(1);
  const meant = written.length > 1 ? nearestWord(written, names) : undefined;
  const advice =
    // "-c10" and "-P=8080" are a letter with its value.
    adviceOnForeignOption(/^-?[\w?](?![a-z])/i.test(written) ? token.name : written) ??
    (meant === undefined ? "htbin --help lists them all" : `did you mean --${meant}?`);
  const shown = written.length > 1 ? `${word.startsWith("--") ? "--" : "-"}${written}` : token.rawName;
  return `there is no option ${makeVisible(shown)}; ${advice}`;
}

/** The words `[port] [directory]`, in either order: all digits is a port, anything else a folder. */
function addPositionals(options: ServeOptions, words: readonly string[]): ServeOptions | string {
  let { port, directory } = options;
  for (const word of words) {
    if (word === "") return "an empty word is neither a port nor a folder; leave it out";
    if (/^\d+$/.test(word)) {
      if (port !== undefined) {
        return `${port} and ${word} are two ports; give one, and write a folder of digits as ./${word}`;
      }
      port = Number(word);
    } else {
      if (directory !== undefined) {
        const meant = meantByWord(directory) ?? meantByWord(word);
        const note = meant === undefined ? "" : ` (${meant})`;
        return `"${makeVisible(directory)}" and "${makeVisible(word)}" are two folders; give one${note}`;
      }
      directory = word;
    }
  }
  return { ...options, ...(port !== undefined && { port }), ...(directory !== undefined && { directory }) };
}

/** `PORT` of the environment, where hosts and containers put it, when the command line names no port. */
function addPort(options: ServeOptions | string, fromEnvironment: string | undefined): ServeOptions | string {
  if (typeof options === "string" || options.port !== undefined || options.unix !== undefined) return options;
  if (fromEnvironment === undefined || fromEnvironment === "") return options;
  if (/^\d+$/.test(fromEnvironment) && Number(fromEnvironment) <= 65535) {
    return { ...options, port: Number(fromEnvironment) };
  }
  return `the environment says PORT="${makeVisible(fromEnvironment)}"; make it a number from 0 to 65535, or unset it`;
}

/** A sentence ends with a full stop, unless it is a question. */
function usage(problem: string): CommandLine {
  return { kind: "usage", message: problem.endsWith("?") ? problem : `${problem}.` };
}
