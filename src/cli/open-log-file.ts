// Opens the log file, and finds out who could read it; better at start than in the morning after.
import { realpathSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";

import { systemErrorCode } from "../errors.ts";
import { isHiddenName } from "../files/hidden-name.ts";
import { LogFile } from "../log/log-file.ts";
import { shownPath } from "./shown-path.ts";
import { StartError } from "./start-errors.ts";

/** Throws a `StartError` unless lines can be appended to the file. */
export function openLogFile(path: string): LogFile {
  try {
    return new LogFile(path);
  } catch (error) {
    const code = systemErrorCode(error);
    const sentence = `cannot open the log file ${shownPath(path)}: ${reason(code)}`;
    throw new StartError("ERR_START_LOG_FILE", sentence, { cause: error });
  }
}

/** Whether a request for the log file would be answered with it. */
export function isLogServed(
  log: LogFile | undefined,
  directory: string | undefined,
  dotfiles: boolean,
): boolean {
  if (log === undefined || directory === undefined) return false;
  let path: string;
  try {
    path = relative(realpathSync(directory), realpathSync(log.path));
  } catch {
    // /dev/stdout is a path and can be opened, and need not lead to a file.
    return false;
  }
  const names = path.split(sep);
  if (isAbsolute(path) || names[0] === "..") return false;
  return dotfiles || !names.some(isHiddenName);
}

function reason(code: string | undefined): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such folder; create it or choose another";
    case "EISDIR":
      return "it is a folder; name a file in it";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "this user may not write to it; change its mode or choose another";
    case "ENXIO":
      return "nobody reads from it; start the reader first";
    case undefined:
    default:
      return `the system says ${code ?? "no"}; choose another`;
  }
}
