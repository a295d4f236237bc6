// `-H NAME VALUE`, as Python has it, made one word `--header=NAME: VALUE`, because
// `parseArgs` knows one value per option.
import { findLetter, findOption } from "./find-option.ts";
import { HEADER_OPTION } from "./option-table.ts";

export type HeaderWords =
  | { readonly kind: "words"; readonly words: string[] }
  | { readonly kind: "incomplete"; readonly message: string };

// -H, -HX-Name, -qH: the letter at the end of a group of switches, with or without the field behind it.
const SHORT_HEADER = new RegExp(`^-([a-zA-Z]*?)${HEADER_OPTION.short}(.*)$`, "s");
const LONG_HEADER = `--${HEADER_OPTION.name}`;

/**
 * The words of a command line with each header option in one word. When the word behind the option holds a
 * colon it is the whole field; otherwise it is the name, and the next word the value.
 */
export function joinHeaderWords(argv: readonly string[]): HeaderWords {
  const words: string[] = [];
  let i = 0;
  while (i < argv.length) {
    const word = argv[i++] as string;
    if (word === "--") {
      words.push(word, ...argv.slice(i));
      break;
    }
    const option = headerOption(word);
    if (option === undefined) {
      words.push(word);
      if (takesNextWord(word) && i < argv.length) words.push(argv[i++] as string);
      continue;
    }
    if (option.before !== "") words.push(`-${option.before}`);
    const first = option.attached ?? argv[i++];
    if (first === undefined || isOption(first)) return incomplete();
    // "-H Name: value" without quotes is two words, of which the first ends in the colon.
    const isWhole = first.includes(":") && !(first.endsWith(":") && isValue(argv[i]));
    if (isWhole) {
      words.push(`${LONG_HEADER}=${first}`);
      continue;
    }
    const value = argv[i++];
    if (value === undefined || isOption(value)) return incomplete();
    words.push(`${LONG_HEADER}=${first.replace(/:$/, "")}:${value}`);
  }
  return { kind: "words", words };
}

/** What a word says about a header: switches before it, and the field's first part if that is in the word. */
function headerOption(word: string): { before: string; attached: string | undefined } | undefined {
  if (word === LONG_HEADER) return { before: "", attached: undefined };
  if (word.startsWith(`${LONG_HEADER}=`)) return { before: "", attached: word.slice(LONG_HEADER.length + 1) };
  const short = SHORT_HEADER.exec(word);
  if (short === null) return undefined;
  const [, before = "", attached = ""] = short;
  // In -dH the H is the value of -d.
  if (before.split("").some((letter) => findLetter(letter)?.kind === "value")) return undefined;
  return { before, attached: attached === "" ? undefined : attached };
}

/** Whether the word is an option whose value is the next word, so that this next word is not looked at. */
function takesNextWord(word: string): boolean {
  if (word.startsWith("--")) return findOption(word.slice(2))?.kind === "value";
  if (!word.startsWith("-")) return false;
  const letters = word.slice(1).split("");
  const index = letters.findIndex((letter) => findLetter(letter)?.kind === "value");
  return index !== -1 && index === letters.length - 1;
}

function isValue(word: string | undefined): boolean {
  return word !== undefined && !isOption(word);
}

/** `X-Offset -1` has a value; `X-Name -q` lacks one. */
function isOption(word: string): boolean {
  if (word.startsWith("--")) return true;
  return /^-[a-zA-Z]/.test(word) && findLetter(word.charAt(1)) !== undefined;
}

function incomplete(): HeaderWords {
  return {
    kind: "incomplete",
    message: "-H needs a name and a value, as in -H Cache-Control no-store or -H 'Cache-Control: no-store'",
  };
}
