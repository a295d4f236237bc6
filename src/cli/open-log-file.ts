// Opens the log file: what is wrong with it is better found at start than in the morning after.
import { systemErrorCode } from "../errors.ts";
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
