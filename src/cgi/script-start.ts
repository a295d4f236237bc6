// How a script is started: its name decides, or else its content.

import { CGIError } from "../errors.ts";
import { diagnoseContent } from "./diagnose-content.ts";
import { findProgram } from "./find-program.ts";
import { decideStart, readStart, type StartableCommand } from "./interpreter.ts";
import { interpreterOf, type Interpreters } from "./script-by-name.ts";

/** @throws {CGIError} ERR_CGI_CANNOT_START for what cannot be, with what to do about it */
export function startOf(file: string, interpreters: Interpreters): StartableCommand {
  const [name, ...args] = interpreterOf(file, interpreters) ?? [];
  if (name === undefined) {
    const bytes = readStart(file);
    const start = decideStart(file, bytes);
    if (start.kind !== "impossible") return start;
    const facts = { file, start: bytes, interpreter: undefined, machine: process.arch };
    // On Windows it is the name that decides.
    const seen = process.platform === "win32" ? undefined : diagnoseContent(facts);
    const reason = seen?.cause ?? start.reason;
    throw new CGIError("ERR_CGI_CANNOT_START", `${file} cannot be started: ${reason}`);
  }
  const command = findProgram(name);
  if (command !== undefined) return { kind: "interpreter", command, args };
  throw new CGIError(
    "ERR_CGI_CANNOT_START",
    `${file} cannot be started: there is no program '${name}' in PATH`,
  );
}
