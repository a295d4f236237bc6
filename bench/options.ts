// Owns the bench's own command line.

import { parseArgs } from "node:util";

export interface Options {
  readonly only: readonly string[];
  readonly check: boolean;
  readonly help: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly node: string;
  readonly htbin: string | undefined;
}

export const HELP = `npm run bench -- [options]

Measures htbin beside other servers on this machine and prints one table.

  --only ROW[,ROW]   only these rows: 1k, 100k, 256m, cgi-c, cgi-python, start, memory
  --check            only ask whether all servers answer with the same bytes
  --quick            2 rounds of 1 second: to see that it works, not to quote
  --rounds N         rounds per row (default 5)
  --seconds N        length of one burst, whole seconds (default 3)
  --json FILE        write every single value to FILE, too
  --node PATH        run htbin and the Node peers under this Node
  --htbin FILE       measure another htbin.js than this project's
  -h, --help         this text

It ends with 1 when htbin does not start, answers wrongly or fails under load, and with 2 for a wrong option.
`;

/** Throws an error whose message is one sentence for the user. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  return {
    only: (values.only ?? "").split(",").filter((name) => name !== ""),
    check: values.check ?? false,
    help: values.help ?? false,
    rounds: count("--rounds", values.rounds, values.quick ? 2 : 5),
    seconds: count("--seconds", values.seconds, values.quick ? 1 : 3),
    json: values.json,
    node: values.node ?? process.execPath,
    htbin: values.htbin,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        check: { type: "boolean" },
        quick: { type: "boolean" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        json: { type: "string" },
        node: { type: "string" },
        htbin: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // Node says more than we need: how to pass a positional argument that begins with a dash.
    const [sentence = ""] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new Error(`${sentence}; "npm run bench -- --help" lists the options.`, { cause: error });
  }
}

function count(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  if (!/^[1-9]\d{0,2}$/.test(text))
    throw new Error(`${name} takes a whole number from 1 to 999, not "${text}".`);
  return Number(text);
}
