// What the disk says about a script before it is started: all that `diagnoseStart` wants to know.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { type Principal, type WayStep, wayTo } from "./access-way.ts";
import { findProgram } from "./find-program.ts";
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
  /** Where it does not exist: a program in PATH of the same name, or one that differs in its version. */
  readonly alternative?: string | undefined;
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

/**
 * The user that a script runs as, for a sentence: "let nobody read it" would say the contrary. Its
 * supplementary groups are dropped with the change of the user.
 */
export function principal(user: SystemUser | undefined): Principal {
  if (user !== undefined) return { name: `the user ${user.name}`, uid: user.uid, gids: [user.gid] };
  const gids = [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1];
  return { name: "the user of the server", uid: process.geteuid?.() ?? -1, gids };
}

function interpreterFacts(
  bytes: Buffer,
  start: StartableCommand | undefined,
  searchPath: string,
): InterpreterFacts | undefined {
  if (start?.kind === "interpreter") return factsOf(start.command, undefined, searchPath);
  const [path, ...args] =
    shebangLine(bytes)
      ?.trimStart()
      .split(/[ \t]+/) ?? [];
  if (path === undefined || path === "") return undefined;
  return factsOf(path, path.endsWith("/env") ? soughtBy(args, searchPath) : undefined, searchPath);
}

function factsOf(path: string, sought: InterpreterFacts["sought"], searchPath: string): InterpreterFacts {
  const isThere = exists(path);
  const missing = isThere ? (sought?.isFound === false ? sought.name : undefined) : path;
  const alternative = missing === undefined ? undefined : kinOf(missing, searchPath);
  return { path, exists: isThere, way: wayTo(path), alternative, sought };
}

/** `python` and `python2.7` are `python3` today. */
function kinOf(path: string, searchPath: string): string | undefined {
  const name = programName(path);
  const family = name.replace(/[\d.]+$/, "");
  for (const each of [name, family, `${family}3`]) {
    const found = /^\w/.test(each) ? findProgram(each, searchPath) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Without its folder, and without the `.exe` of `C:\\Perl\\bin\\perl.exe`: such lines come with scripts from
 * Windows.
 */
export function programName(path: string): string {
  return path
    .replace(/^.*[\\/]/, "")
    .replace(/\.exe\s*$/i, "")
    .trim();
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
    ? exists(name)
    : path.split(":").some((folder) => exists(join(folder, name)));
  return { name, isFound, path };
}

/**
 * With Node's permission model, asking about what may not be read throws; then nobody knows, and other
 * reasons are looked for.
 */
function exists(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    return true;
  }
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
