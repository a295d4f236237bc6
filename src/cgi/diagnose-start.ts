// Why a script does not start, and what to do: from what the disk says about it, and from the
// system's error if there is one.

import { basename } from "node:path";

import { firstObstacle, type Obstacle, type Principal, type WayStep } from "./access-way.ts";
import { BELONGS_OUTSIDE, diagnoseContent } from "./diagnose-content.ts";
import { programMagic, shebangLine } from "./interpreter.ts";
import { programName, type StartFacts } from "./start-facts.ts";
import { type Verdict, verdict } from "./verdict.ts";

/**
 * What is wrong with the file of a script, whether or not it has been started yet;
 * `undefined` if nothing can be seen.
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

/** Perl and `env -S` take a CR for white space; these take it for a letter of their option. */
const MINDS_CARRIAGE_RETURN = /\/(?:[a-z]*sh|python[\d.]*)[ \t]/;

function diagnoseInterpreter({ file, start, interpreter }: StartFacts): Verdict | undefined {
  if (interpreter === undefined) return undefined;
  const { path, exists, sought, way, alternative } = interpreter;
  const line = shebangLine(start);
  if (line !== undefined && /\r[^\r]/.test(line)) {
    return verdict(
      "carriage-return",
      "its lines end in CR alone, so that all of it is one '#!' line",
      `save it with LF line ends: mac2unix ${shellWord(file)}, or ":set ff=unix" in vi`,
    );
  }
  if (
    line?.endsWith("\r") === true &&
    (!exists || sought !== undefined || MINDS_CARRIAGE_RETURN.test(line))
  ) {
    const part = exists && sought === undefined ? "options" : "name";
    return verdict(
      "carriage-return",
      `its '#!' line ends in CR LF, and the CR counts as part of the interpreter's ${part}`,
      // No command with a backslash in it: the log shows each as two.
      `save it with LF line ends: dos2unix ${shellWord(file)}, or ":set ff=unix" in vi`,
    );
  }
  if (line !== undefined && !path.startsWith("/")) {
    return verdict(
      "interpreter-not-absolute",
      `its '#!' line must name the interpreter by a full path, not '${path}'`,
      // `C:\\Perl\\bin\\perl.exe` comes with scripts from Windows.
      `write '#!/usr/bin/env ${basename(alternative ?? programName(path))}'`,
    );
  }
  const named = line === undefined ? "its interpreter is" : "its '#!' line names";
  if (!exists) {
    return verdict(
      "interpreter-missing",
      `${named} '${path}', which does not exist`,
      alternative === undefined
        ? "install it, or name one that is there"
        : `name ${alternative}, which is there, or install it`,
    );
  }
  if (!isProgram(way.at(-1))) {
    return verdict(
      "interpreter-missing",
      `${named} '${path}', which is no program`,
      "name a program, such as /bin/sh or /usr/bin/env",
    );
  }
  if (sought !== undefined && /[ \t]/.test(sought.name)) {
    return verdict(
      "command-not-found",
      `its '#!' line asks env for '${sought.name}' as one name: the system hands on all behind env as a single word`,
      `write '#!/usr/bin/env -S ${sought.name}'`,
    );
  }
  if (sought !== undefined && !sought.isFound) {
    return verdict(
      "command-not-found",
      `its '#!' line asks for '${sought.name}', which is in none of the directories of PATH (${sought.path})`,
      alternative === undefined
        ? "install it, or name it by its full path"
        : `ask for '${basename(alternative)}', which is there, or install it`,
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
  if (obstacle !== undefined) {
    const lacksAll = isScript && firstObstacle(way, user, ["read"])?.lacks === "read";
    return noPermission(obstacle, file, user, way.at(-1)?.path, lacksAll ? "rx" : "x");
  }
  const beyond = isScript ? firstObstacle(interpreter.way, user, ["execute"]) : undefined;
  if (beyond === undefined) return undefined;
  return verdict(
    "no-permission",
    noPermission(beyond, file, user, undefined).cause,
    // It may lie in root's home: a chmod there would let everybody in.
    "name an interpreter that this user can reach and run, or run scripts as another user (--cgi-user)",
  );
}

function isProgram(step: WayStep | undefined): boolean {
  return step === undefined || ((step.mode & 0o111) !== 0 && (step.mode & FILE_TYPE) !== DIRECTORY);
}

// sys/stat.h
const FILE_TYPE = 0o170000;
const DIRECTORY = 0o040000;

/** A script that the server itself may not run, or cannot even see. */
export function diagnoseNotExecutable(
  file: string,
  way: readonly WayStep[],
  user: Principal,
  start: Buffer,
): Verdict {
  const obstacle = firstObstacle(way, user, ["execute"]);
  if (obstacle?.lacks === "pass") return noPermission(obstacle, file, user, undefined);
  if (obstacle === undefined && way.length > 0) {
    return verdict(
      "no-execute-permission",
      `${file} has an x bit, but the system runs no program from there: the disk is mounted with noexec, or an access list forbids it`,
      "put it on another disk, mount this one without noexec, or name what runs it (--cgi-interpreter .sh=/bin/sh)",
    );
  }
  const command = `chmod +x ${shellWord(file)}`;
  const isScript =
    start.length === 0 || shebangLine(start) !== undefined || programMagic(start) !== undefined;
  return verdict(
    "no-execute-permission",
    `${file} has no x bit`,
    isScript ? command : `${command} if it is a script; ${BELONGS_OUTSIDE}`,
  );
}

function noPermission(
  { path, lacks }: Obstacle,
  file: string,
  user: Principal,
  ownPath: string | undefined,
  bits = "x",
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
  return verdict("no-permission", `${user.name} may not run ${shown}`, `chmod a+${bits} ${shellWord(shown)}`);
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
    case "ERR_ACCESS_DENIED":
      return verdict(
        "cannot-start",
        "Node's permission model does not allow it",
        "start Node with --allow-child-process and --allow-fs-read of the script and its interpreter",
      );
    default:
      return verdict(
        "cannot-start",
        `the system says ${code}`,
        `start it by hand to see more: ${shellWord(file)}`,
      );
  }
}

/** A file name as it can be typed into a shell. */
export function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
