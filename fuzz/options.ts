// The fuzzer's own command line.

import { parseArgs } from "node:util";

const PEERS = ["llhttp", "python"] as const;

export interface Options {
  readonly help: boolean;
  readonly seed: number;
  readonly from: number;
  readonly cases: number;
  readonly seconds: number;
  readonly only: readonly string[];
  /** Inputs to judge instead of made ones. */
  readonly files: readonly string[];
}

export const HELP = `npm run fuzz -- [options] [FILE…]

Sends generated and mutated requests to htbin, to node:http (llhttp) and to CPython's http.server, and compares what each
makes of them: which requests, with which method, target, fields and body. FILE: an input like those in fuzz/seeds/; what
all three make of it is printed.

  --seed N           the same seed makes the same cases (default: another one each time)
  --cases N          how many (default 100000)
  --seconds N        stop after so many seconds, whatever --cases says
  --from N           the number of the first case (default 0)
  --only PEER[,PEER] compare with these only: ${PEERS.join(", ")}
  -h, --help         this text

CPython is asked about one case in ten, unless it is the only one. It ends with 1 when there is a difference that
fuzz/known-differences.ts does not explain, and with 2 for a wrong option, or a case that never ends.
`;

/** @throws {Error} whose message is one sentence for the user */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const only = (values.only ?? PEERS.join()).split(",").filter((name) => name !== "");
  const unknown = only.find((name) => !PEERS.some((peer) => peer === name));
  if (unknown !== undefined) throw new Error(`--only takes ${PEERS.join(" and ")}, not "${unknown}".`);
  return {
    help: values.help ?? false,
    seed: number("--seed", values.seed) ?? Date.now() % 1_000_000,
    from: number("--from", values.from) ?? 0,
    cases: number("--cases", values.cases) ?? (values.seconds === undefined ? 100_000 : Infinity),
    seconds: number("--seconds", values.seconds) ?? Infinity,
    only,
    files: positionals,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: "string" },
        from: { type: "string" },
        cases: { type: "string" },
        seconds: { type: "string" },
        only: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    const [sentence = ""] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new Error(`${sentence}; "npm run fuzz -- --help" lists the options.`, { cause: error });
  }
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} takes a whole number, not "${text}".`);
  return Number(text);
}
