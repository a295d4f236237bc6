// Owns the soak's own command line.

import { parseArgs } from "node:util";

import { LEAKS, type Leak } from "./leaks.ts";

export interface Options {
  readonly requests: number;
  readonly seconds: number;
  readonly seed: number;
  /** What the server under test is made to do wrong, so that the soak can be seen to notice. */
  readonly plant: readonly Leak[];
  readonly help: boolean;
}

export const HELP = `npm run soak -- [options]

Sends many requests to two servers, breaks half of them off, and fails if anything is left behind.

  --requests N   how many in all (default 100000)
  --seconds N    stop sending after this time (default 600)
  --seed N       which requests, and where they are broken off (default 1)
  --plant LEAK   to see it fail: give the first server ${LEAKS.join(", ")}; or several, with commas
  -h, --help     this text

It ends with 1 when something has grown, was logged too often or was answered wrongly, and with 2 for a wrong option.
`;

/** Throws an error whose message is one sentence for the user. */
export function parseOptions(args: readonly string[]): Options {
  const values = parse(args);
  return {
    requests: count("--requests", values.requests, 100_000),
    seconds: count("--seconds", values.seconds, 600),
    seed: count("--seed", values.seed, 1),
    plant: (values.plant ?? "")
      .split(",")
      .filter((name) => name !== "")
      .map(leak),
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        requests: { type: "string" },
        seconds: { type: "string" },
        seed: { type: "string" },
        plant: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    // Node says more than we need: how to pass a positional argument that begins with a dash.
    const [sentence = ""] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new Error(`${sentence}; "npm run soak -- --help" lists the options.`, { cause: error });
  }
}

function count(name: string, text: string | undefined, byDefault: number): number {
  if (text === undefined) return byDefault;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new Error(`${name} takes a whole number from 1 to 9999999, not "${text}".`);
  return Number(text);
}

function leak(name: string): Leak {
  const found = LEAKS.find((each) => each === name);
  if (found === undefined) throw new Error(`--plant takes ${LEAKS.join(", ")}, not "${name}".`);
  return found;
}
