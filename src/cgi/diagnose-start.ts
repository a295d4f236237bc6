// Why a script does not start, and what to do: from what the disk says about it, and from the system's error if there is one.

import { firstObstacle, type Obstacle, type Principal, type WayStep } from "./access-way.ts";
import { programMagic, shebangLine } from "./interpreter.ts";
import type { StartFacts } from "./start-facts.ts";
import { type Verdict, verdict } from "./verdict.ts";

/**
 * What is wrong with the file of a script, whether or not it has been started yet; `undefined` if nothing can be seen.
 * @param code the system's error, where it refused to start it
 */
export function diagnoseStart(facts: StartFacts, code?: string): Verdict | undefined {
  return (
    diagnoseType(facts) ??
    diagnoseContent(facts) ??
    diagnoseInterpreter(facts) ??
    diagnosePermissions(facts) ??
    (code === undefined ? undefined : diagnoseCode(facts, code))
  );
}

function diagnoseType({ file, type, way, interpreter }: StartFacts): Verdict | undefined {
  if (type === "file") return undefined;
  if (type === "emptyFile") {
    // php-cgi makes a page of it.
    if (interpreter !== undefined) return undefined;
    return verdict(
      "empty-file",
      `${file} is empty`,
      "save it again, and see whether the disk is full: df -h",
    );
  }
  if (type === "nothing") {
    // What we cannot see ourselves, the system may still refuse for another reason.
    return way.length > 0 ? undefined : verdict("missing", "it has gone", `put it back: ${shellWord(file)}`);
  }
  const cause = type === "directory" ? `${file} is a directory` : `${file} is no plain file`;
  return verdict("not-a-file", cause, "name a file in the URL; only plain files are started");
}

function diagnoseContent({ file, start, interpreter, machine }: StartFacts): Verdict | undefined {
  const line = shebangLine(start);
  const hasNamed = interpreter !== undefined && line === undefined;
  if (start.length === 0 || hasNamed) return undefined;
  if (start.toString("hex", 0, 5) === "efbbbf2321") {
    return verdict(
      "byte-order-mark-in-script",
      "a UTF-8 byte order mark stands before its '#!'",
      `save ${file} as UTF-8 without a byte order mark`,
    );
  }
  if (line !== undefined) return undefined;
  const program = programMagic(start);
  if (program === undefined) {
    return verdict(
      "no-interpreter-line",
      "it is neither a program nor does it begin with '#!'",
      "begin it with a line like '#!/bin/sh' or '#!/usr/bin/env python3'",
    );
  }
  const wanted = program === "elf" ? elfMachine(start) : undefined;
  if (wanted === undefined || wanted === machine || ALSO_RUNS[machine] === wanted) return undefined;
  return verdict(
    "wrong-architecture",
    `it is not a program for this machine: it is for ${wanted}, and this is ${machine}`,
    "compile it on this machine, or for it",
  );
}

function diagnoseInterpreter({ file, start, interpreter }: StartFacts): Verdict | undefined {
  if (interpreter === undefined) return undefined;
  const { path, exists, sought } = interpreter;
  const line = shebangLine(start);
  if (line?.endsWith("\r") === true && (!exists || sought !== undefined)) {
    return verdict(
      "carriage-return",
      "its '#!' line ends in CR LF, and the CR counts as part of the interpreter's name",
      // No command with a backslash in it: the log shows each as two.
      `save it with LF line ends: dos2unix ${shellWord(file)}, or ":set ff=unix" in vi`,
    );
  }
  if (line !== undefined && !path.startsWith("/")) {
    return verdict(
      "interpreter-not-absolute",
      `its '#!' line must name the interpreter by a full path, not '${path}'`,
      `write '#!/usr/bin/env ${path}'`,
    );
  }
  if (!exists) {
    const named = line === undefined ? "its interpreter is" : "its '#!' line names";
    return verdict(
      "interpreter-missing",
      `${named} '${path}', which does not exist`,
      "install it, or name one that is there",
    );
  }
  if (sought !== undefined && !sought.isFound) {
    return verdict(
      "command-not-found",
      `its '#!' line asks for '${sought.name}', which is in none of the directories of PATH (${sought.path})`,
      "install it, or name it by its full path",
    );
  }
  return undefined;
}

function diagnosePermissions({ file, way, interpreter, user, start }: StartFacts): Verdict | undefined {
  const isScript = interpreter !== undefined;
  // An interpreter that htbin names needs no x bit on the file, only the right to read it.
  const isNamed = isScript && shebangLine(start) === undefined;
  const needs = isNamed
    ? (["read"] as const)
    : isScript
      ? (["execute", "read"] as const)
      : (["execute"] as const);
  const obstacle = firstObstacle(way, user, needs);
  if (obstacle !== undefined) return noPermission(obstacle, file, user, way.at(-1)?.path);
  const beyond = isScript ? firstObstacle(interpreter.way, user, ["execute"]) : undefined;
  return beyond === undefined ? undefined : noPermission(beyond, file, user, undefined);
}

/** A script that the server itself may not run, or cannot even see. */
export function diagnoseNotExecutable(file: string, way: readonly WayStep[], user: Principal): Verdict {
  const obstacle = firstObstacle(way, user, ["execute"]);
  if (obstacle?.lacks === "pass") return noPermission(obstacle, file, user, undefined);
  return verdict("no-execute-permission", `${file} has no x bit`, `chmod +x ${shellWord(file)}`);
}

function noPermission(
  { path, lacks }: Obstacle,
  file: string,
  user: Principal,
  ownPath: string | undefined,
): Verdict {
  const shown = path === ownPath ? file : path;
  if (lacks === "pass") {
    return verdict(
      "no-permission",
      `${user.name} may not pass the directory ${shown}`,
      `chmod a+x ${shellWord(shown)}, or run scripts as another user (--cgi-user)`,
    );
  }
  if (lacks === "read") {
    return verdict(
      "no-permission",
      `${user.name} may not read ${shown}, and its interpreter has to`,
      `chmod a+r ${shellWord(shown)}`,
    );
  }
  return verdict("no-permission", `${user.name} may not run ${shown}`, `chmod a+x ${shellWord(shown)}`);
}

function diagnoseCode({ file, user }: StartFacts, code: string): Verdict {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return verdict(
        "no-permission",
        `${user.name} may not run it, although the modes of all files on the way allow it`,
        `look for an access list (getfacl ${shellWord(file)}), a disk mounted with noexec, or a security module`,
      );
    case "ENOENT":
      return verdict(
        "library-missing",
        "a program or library that it needs does not exist",
        `see what is missing: ldd ${shellWord(file)}`,
      );
    case "ENOEXEC":
    case "EBADARCH":
      return verdict(
        "wrong-architecture",
        "it is not a program for this machine",
        "compile it on this machine, or for it",
      );
    case "ETXTBSY":
      return verdict(
        "being-written",
        "it is being written at this moment",
        "ask again; put new versions in place with mv, not with cp",
      );
    default:
      return verdict(
        "cannot-start",
        `the system says ${code}`,
        `start it by hand to see more: ${shellWord(file)}`,
      );
  }
}

// e_machine (System V ABI, gABI §4) as Node names machines in `process.arch`.
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: "ia32",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

/** 64-bit machines that run the programs of their 32-bit forerunners. */
const ALSO_RUNS: Readonly<Record<string, string>> = { x64: "ia32", arm64: "arm", ppc64: "ppc" };

/** Node's name for the machine of an ELF program; `undefined` for one that runs here or that has no name. */
function elfMachine(start: Buffer): string | undefined {
  if (start.length < 20) return undefined;
  const isLittleEndian = start[5] === 1;
  return ELF_MACHINES[isLittleEndian ? start.readUInt16LE(18) : start.readUInt16BE(18)];
}

/** A file name as it can be typed into a shell. */
export function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
