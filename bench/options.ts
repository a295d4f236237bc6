// Owns the bench's own command line.

import { parseArgs } from "node:util";

export interface Options {
  readonly only: readonly string[];
  /** Only ask whether all answer alike. */
  readonly answers: boolean;
  /** Fail for a missed target. */
  readonly check: boolean;
  readonly help: boolean;
  readonly rounds: number;
  readonly seconds: number;
  /** Seconds of load on each server before anything counts. */
  readonly warmUp: number;
  readonly json: string | undefined;
  readonly node: string;
  readonly htbin: string | undefined;
}

export const HELP = `npm run bench -- [options]

Measures htbin beside other servers on this machine and prints one table.

  --only ROW[,ROW]   only these rows: 1k, 1k-pipelined, 1k-idle, 1k-limits, 1k-10000, 304, 100k,
                     256m, gzip-changing, gzip, 256m-memory, cgi-c, cgi-python, cgi-50m,
                     cgi-memory, 1k-cgi, fastcgi-php, start, memory,
                     idle-heap, idle-memory
  --answers          only ask whether all servers answer with the same bytes
  --check            only the rows that have a target; fail when one is missed by more than noise
  --quick            2 rounds after a short warm-up: to see that it works, not to quote
  --rounds N         rounds per row (default 5, which --check needs)
  --seconds N        length of one burst, whole seconds (default 1)
  --json FILE        write every single value to FILE, too
  --node PATH        run htbin and the Node peers under this Node
  --htbin FILE       measure another htbin.js than this project's
  -h, --help         this text

It ends with 1 when htbin does not start, answers wrongly, fails under load or, with --check, misses a target,
and with 2 for a wrong option.
`;

/** See `judge` in targets.ts. */
const CHECK_ROUNDS = 5;

/** V8 takes some 200 000 requests until it compiles nothing any more. */
const WARM_UP = 4;

/** Throws an error whose message is one sentence for the user. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  const rounds = count("--rounds", values.rounds, values.quick ? 2 : CHECK_ROUNDS);
  if (values.check && rounds < CHECK_ROUNDS)
    throw new Error(`--check takes at least ${CHECK_ROUNDS} rounds; with fewer, chance decides.`);
  return {
    only: (values.only ?? "").split(",").filter((name) => name !== ""),
    answers: values.answers ?? false,
    check: values.check ?? false,
    help: values.help ?? false,
    rounds,
    seconds: count("--seconds", values.seconds, 1),
    warmUp: values.quick ? 1 : WARM_UP,
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
        answers: { type: "boolean" },
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
