// Owns htbin with a limit taken away, to see what it costs: a program with `serve()`, because no user wants such an option.

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import type { ServeOptions, ServerLimits } from "htbin";

import { htbin } from "./htbin.ts";
import type { Place, Server, Tools } from "./server.ts";

interface Without {
  readonly name: string;
  readonly remark: string;
  readonly options?: ServeOptions;
  /** Set to infinity. */
  readonly limits?: readonly (keyof ServerLimits)[];
}

const DEADLINES = ["headTime", "idleTime", "bodyTime", "writeTime", "lingerTime"] as const;
const SIZES = ["requestLine", "field", "fields", "allFields", "readAhead", "discard"] as const;
const NO_PATH_CHECKS = { dotfiles: true, followSymlinks: true };

const VARIANTS: readonly Without[] = [
  { name: "htbin, no access log", remark: "quiet", options: { quiet: true } },
  {
    name: "htbin, no deadlines",
    remark: `${DEADLINES.join(", ")} are infinite`,
    limits: DEADLINES,
  },
  {
    name: "htbin, no size limits",
    remark: `${SIZES.join(", ")} are infinite`,
    limits: SIZES,
  },
  {
    name: "htbin, no path checks",
    remark: "serves names that begin with a dot, and links that lead out of the folder",
    options: NO_PATH_CHECKS,
  },
  {
    name: "htbin, none of these",
    remark: "without all of the above",
    options: { quiet: true, ...NO_PATH_CHECKS },
    limits: [...DEADLINES, ...SIZES],
  },
];

/** htbin as it is, then without one thing after the other. All are the same program. */
export function htbinWithoutLimits(tools: Tools): readonly [Server, ...Server[]] {
  const all = {
    name: "htbin, all limits",
    remark: "serve() with its defaults, access log (stderr) to a file",
  };
  return [variant(tools, all), ...VARIANTS.map((without) => variant(tools, without))];
}

function variant(tools: Tools, { name, remark, options = {}, limits = [] }: Without): Server {
  return {
    ...htbin(tools),
    name,
    remark,
    command(place) {
      const file = join(place.scratch, "program.mjs");
      writeFileSync(file, program(tools, place, options, limits));
      return [tools.node, file];
    },
  };
}

function program(
  tools: Tools,
  { site, port }: Place,
  options: ServeOptions,
  limits: readonly string[],
): string {
  const library = pathToFileURL(join(dirname(tools.htbin), "..", "dist", "index.js")).href;
  return `
import { serve } from ${JSON.stringify(library)};
const options = ${JSON.stringify({ ...options, port, bind: "127.0.0.1", directory: site })};
const limits = {};
for (const name of ${JSON.stringify(limits)}) limits[name] = Infinity;
await serve({ ...options, limits });
`;
}
