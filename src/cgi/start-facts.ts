// What the disk says about a script before it is started: all that `diagnoseStart` wants to know.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { type Principal, type WayStep, wayTo } from "./access-way.ts";
import { readStart, shebangLine, type StartableCommand } from "./interpreter.ts";
import type { SystemUser } from "./user.ts";

export interface StartFacts {
  readonly file: string;
  readonly type: "file" | "emptyFile" | "directory" | "other" | "nothing";
  /** Its first bytes; none if it cannot be read. */
  readonly start: Buffer;
  readonly way: readonly WayStep[];
  /** What runs the file: named by its `#!` line, or by htbin. `undefined` for a program. */
  readonly interpreter: InterpreterFacts | undefined;
  readonly user: Principal;
  /** The machine that Node was built for: `x64`, `arm64` … */
  readonly machine: string;
}

export interface InterpreterFacts {
  readonly path: string;
  readonly exists: boolean;
  readonly way: readonly WayStep[];
  /** What `env` will look for in PATH, and whether it is there; `undefined` for any other interpreter. */
  readonly sought: { readonly name: string; readonly isFound: boolean; readonly path: string } | undefined;
}

export function startFacts(
  file: string,
  start: StartableCommand | undefined,
  user: SystemUser | undefined,
  searchPath: string,
): StartFacts {
  const bytes = readStart(file);
  return {
    file,
    type: typeOf(file),
    start: bytes,
    way: wayTo(file),
    interpreter: interpreterFacts(bytes, start, searchPath),
    user: principal(user),
    machine: process.arch,
  };
}

/** The user that a script runs as. Its supplementary groups are dropped with the change of the user. */
export function principal(user: SystemUser | undefined): Principal {
  if (user !== undefined) return { name: user.name, uid: user.uid, gids: [user.gid] };
  const gids = [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1];
  return { name: "the user of the server", uid: process.geteuid?.() ?? -1, gids };
}

function interpreterFacts(
  bytes: Buffer,
  start: StartableCommand | undefined,
  searchPath: string,
): InterpreterFacts | undefined {
  if (start?.kind === "interpreter") return factsOf(start.command, undefined);
  const [path, ...args] =
    shebangLine(bytes)
      ?.trimStart()
      .split(/[ \t]+/) ?? [];
  if (path === undefined || path === "") return undefined;
  return factsOf(path, path.endsWith("/env") ? soughtBy(args, searchPath) : undefined);
}

function factsOf(path: string, sought: InterpreterFacts["sought"]): InterpreterFacts {
  return { path, exists: existsSync(path), way: wayTo(path), sought };
}

/** The program in `env [-S] [NAME=value …] program`. Without `-S` Linux hands env all of it as one word. */
function soughtBy(
  args: readonly string[],
  path: string,
  platform: NodeJS.Platform = process.platform,
): InterpreterFacts["sought"] {
  const words = args.filter((word) => word !== "" && word !== "\r");
  if (platform === "linux" && words.length > 1 && !words[0]!.startsWith("-")) {
    return { name: words.join(" ").replace(/\r$/, ""), isFound: false, path };
  }
  const program = args.find((word) => word !== "" && !word.startsWith("-") && !word.includes("="));
  const name = program?.replace(/\r$/, "");
  if (name === undefined) return undefined;
  const isFound = name.includes("/")
    ? existsSync(name)
    : path.split(":").some((folder) => existsSync(join(folder, name)));
  return { name, isFound, path };
}

function typeOf(file: string): StartFacts["type"] {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return "nothing";
    if (stats.isFile()) return stats.size === 0 ? "emptyFile" : "file";
    return stats.isDirectory() ? "directory" : "other";
  } catch {
    return "nothing";
  }
}
