// Why a script could not be started: a sentence for the log that tells its owner what to do, and the status for the client.

import { existsSync } from "node:fs";

import { CGIError, type CGIErrorCode, systemErrorCode } from "../errors.ts";
import { readStart, shebangLine } from "./interpreter.ts";

/** What `startScript` threw, as the error of the request. `user` is who the script was started as. */
export function startFailure(error: unknown, file: string, user: string): CGIError {
  const code = systemErrorCode(error);
  const reason = isOfHost(code)
    ? `the system has no room for another process or pipe (${code})`
    : describeStartFailure(file, readStart(file), code, user);
  return new CGIError(errorCode(code), `${file} cannot be started: ${reason}`, { cause: error });
}

/** Processes, descriptors or memory have run out: the script is not to blame, and a later try may succeed. */
function isOfHost(code: string | undefined): boolean {
  return code === "EAGAIN" || code === "EMFILE" || code === "ENFILE" || code === "ENOMEM";
}

function errorCode(code: string | undefined): CGIErrorCode {
  if (isOfHost(code)) return "ERR_CGI_BUSY";
  return code === "E2BIG" ? "ERR_CGI_REQUEST_TOO_LARGE" : "ERR_CGI_CANNOT_START";
}

/** Why the system refused to start a file, in words that tell its owner what to do. `user` is who it was started as. */
export function describeStartFailure(
  file: string,
  start: Buffer,
  code: string | undefined,
  user: string,
): string {
  const interpreter = shebangLine(start)?.trimStart().split(/[ \t]/, 1)[0];
  if (code === "ENOENT" && interpreter !== undefined) {
    if (interpreter.endsWith("\r")) {
      return "its '#!' line ends in CR LF, and the CR counts as part of the interpreter's name; save it with LF line ends";
    }
    if (!interpreter.startsWith("/"))
      return `its '#!' line must name the interpreter by a full path, not '${interpreter}'`;
    if (!existsSync(interpreter)) return `its '#!' line names '${interpreter}', which does not exist`;
  }
  if (code === "ENOENT" && !existsSync(file)) return "it has gone";
  if (code === "ENOENT") return "a program or library that it needs does not exist";
  if (code === "EACCES" || code === "EPERM") {
    return `${user} may not run it: check the x bit of the file and of its interpreter, and of every directory above`;
  }
  if (code === "E2BIG") return "the environment made from the request is larger than the system passes on";
  if (code === "ENOEXEC" || code === "EBADARCH") return "it is not a program for this machine";
  if (code === "ETXTBSY") return "it is being written at this moment";
  return `the system says ${code ?? "no reason"}`;
}
