// How a script's file is started: by the system itself, by an interpreter that we name, or not
// at all (RFC 3875 §7.2, §7.3).

import { closeSync, openSync, readSync } from "node:fs";
import { extname } from "node:path";

/** `reason` is for the log; diagnose-content.ts may know more. */
export type StartCommand = StartableCommand | { readonly kind: "impossible"; readonly reason: string };

export type StartableCommand =
  /** The system starts the file: a program, or a `#!` line that the kernel reads. */
  | { readonly kind: "direct" }
  /** `command ...args file` */
  | { readonly kind: "interpreter"; readonly command: string; readonly args: readonly string[] };

/** The kernel reads no further for a `#!` line (Linux: 256 bytes since 5.1, 128 before). */
const START_LENGTH = 256;

/** The first bytes of a file; none if it cannot be read: a program may be executable and not readable. */
export function readStart(file: string): Buffer {
  const start = Buffer.alloc(START_LENGTH);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    return start.subarray(0, readSync(descriptor, start, 0, START_LENGTH, 0));
  } catch {
    return start.subarray(0, 0);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** `start` is what `readStart` got. `nodePath` runs `.js` where the system reads no `#!`. */
export function decideStart(
  file: string,
  start: Buffer,
  platform: NodeJS.Platform = process.platform,
  nodePath: string = process.execPath,
): StartCommand {
  return platform === "win32"
    ? decideStartByName(file, start, nodePath)
    : decideStartByContent(start, platform);
}

// ELF; Mach-O for 32 and 64 bits in both byte orders; the "fat" file with several of these.
const PROGRAM_MAGIC: ReadonlySet<string> = new Set([
  "7f454c46",
  "feedface",
  "feedfacf",
  "cefaedfe",
  "cffaedfe",
  "cafebabe",
]);

/** Which kind of program a file is by its first bytes; `undefined` if it is none. */
export function programMagic(start: Buffer): "elf" | "other" | undefined {
  const magic = start.toString("hex", 0, 4);
  if (!PROGRAM_MAGIC.has(magic)) return undefined;
  return magic === "7f454c46" ? "elf" : "other";
}

/** A byte order mark of UTF-16, or `#!` in it. */
export function isUtf16(start: Buffer): boolean {
  return /^(?:fffe|feff|23002100|00230021)/.test(start.toString("hex", 0, 4));
}

/**
 * Node up to libuv 1.52 starts a file through execvp(3), which runs anything unknown by /bin/sh: a data file
 * with an x bit would be taken for commands, and from the next libuv on the same file would fail. So only
 * what the kernel knows is started.
 */
function decideStartByContent(start: Buffer, platform: NodeJS.Platform): StartCommand {
  if (start.length === 0) return { kind: "direct" };
  const line = shebangLine(start);
  if (line?.trim() === "") return { kind: "impossible", reason: "its '#!' line names no interpreter" };
  const program = programMagic(start);
  // A program of macOS, or a class of Java, which begins like one: elsewhere execvp(3) would hand it to
  // /bin/sh.
  if (program === "other" && platform !== "darwin") {
    return { kind: "impossible", reason: "it is not a program for this machine" };
  }
  if (line !== undefined || program !== undefined) return { kind: "direct" };
  if (isUtf16(start)) {
    return {
      kind: "impossible",
      reason: "it is saved as UTF-16",
    };
  }
  if (start.toString("hex", 0, 5) === "efbbbf2321") {
    return {
      kind: "impossible",
      reason: "a UTF-8 byte order mark stands before its '#!'",
    };
  }
  return {
    kind: "impossible",
    reason: "it is neither a program nor does it begin with '#!'",
  };
}

/** Interpreters by the name that a `#!` line gives them, where that is not what Windows calls them. */
function windowsCommand(name: string, nodePath: string): string {
  if (/^python[\d.]*$/.test(name)) return "python";
  return name === "node" || name === "nodejs" ? nodePath : name;
}

/** Python prints at once (`-u`), as in the original: a script that asks before it answers would hang. */
const INTERPRETER_BY_EXTENSION: Readonly<Record<string, readonly [name: string, ...args: string[]]>> = {
  ".py": ["python", "-u"],
  ".pyw": ["python", "-u"],
  ".pl": ["perl"],
  ".js": ["node"],
  ".mjs": ["node"],
  ".cjs": ["node"],
};

function decideStartByName(file: string, start: Buffer, nodePath: string): StartCommand {
  const extension = extname(file).toLowerCase();
  if (extension === ".exe" || extension === ".com") return { kind: "direct" };
  // CVE-2024-27980: a batch file goes through cmd.exe, whose quoting nothing can be kept safe from.
  if (extension === ".bat" || extension === ".cmd") {
    return { kind: "impossible", reason: "batch files are never run; write it in another language" };
  }
  const line = shebangLine(start);
  const shebang = line === undefined ? undefined : parseShebang(line);
  if (shebang !== undefined) {
    const [path, ...args] = shebang;
    const isWindowsPath = /^[A-Za-z]:|\\/.test(path);
    const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.exe$/i, "");
    return { kind: "interpreter", command: isWindowsPath ? path : windowsCommand(name, nodePath), args };
  }
  const known = INTERPRETER_BY_EXTENSION[extension];
  if (known === undefined) {
    return {
      kind: "impossible",
      reason: `it has no '#!' line and nothing is known to run '${extension}' files`,
    };
  }
  const [name, ...args] = known;
  return { kind: "interpreter", command: windowsCommand(name, nodePath), args };
}

/** What stands behind `#!` on the first line, with a CR at its end if there is one. */
export function shebangLine(start: Buffer): string | undefined {
  if (start[0] !== 0x23 || start[1] !== 0x21) return undefined;
  const end = start.indexOf(0x0a);
  return start.toString("utf8", 2, end === -1 ? start.length : end);
}

/** `/usr/bin/env -S python3 -u` → `python3`, `-u`. Without the kernel, words are split at blanks. */
export function parseShebang(line: string): [path: string, ...args: string[]] | undefined {
  let words = line.split(/\s+/).filter((word) => word !== "");
  if (/(?:^|\/)env$/.test(words[0] ?? "")) {
    words = words.slice(words[1] === "-S" ? 2 : 1);
    // `env NAME=value program`
    while (words[0]?.includes("=") === true) words.shift();
  }
  const [path, ...args] = words;
  return path === undefined ? undefined : [path, ...args];
}
