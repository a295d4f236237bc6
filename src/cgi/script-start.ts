// How a script is started: its name decides, or else its content.

import { CGIError } from "../errors.ts";
import { findProgram } from "./find-program.ts";
import { decideStart, readStart, type StartableCommand } from "./interpreter.ts";
import { interpreterOf, type Interpreters } from "./script-by-name.ts";

/** @throws {CGIError} ERR_CGI_CANNOT_START for what cannot be, with what to do about it */
export function startOf(file: string, interpreters: Interpreters): StartableCommand {
  const [name, ...args] = interpreterOf(file, interpreters) ?? [];
  if (name === undefined) {
    const start = decideStart(file, readStart(file));
    if (start.kind !== "impossible") return start;
    throw new CGIError("ERR_CGI_CANNOT_START", `${file} cannot be started: ${start.reason}`);
  }
  const command = findProgram(name);
  if (command !== undefined) return { kind: "interpreter", command, args };
  throw new CGIError(
    "ERR_CGI_CANNOT_START",
    `${file} cannot be started: there is no program '${name}' in PATH`,
  );
}
