// Whether the folder to serve is one that can be served.
import { accessSync, constants, statSync } from "node:fs";
import { basename } from "node:path";

import { systemErrorCode } from "../errors.ts";
import { meantByWord } from "./meant-word.ts";
import { shownPath } from "./shown-path.ts";
import { StartError } from "./start-errors.ts";

/**
 * Throws a `StartError` unless `directory` is a folder whose names can be listed and files be reached.
 * @param word how it was written, where it was written at all
 * @param hasSingle `--single` was given: who writes `--single app.html` means that file, and names it as the
 * folder
 */
export function checkDirectory(directory: string, word?: string, hasSingle = false): void {
  const shown = shownPath(directory);
  const page =
    hasSingle && /\.html?$/i.test(directory) ? ` (the page: --single=${shownPath(basename(directory))})` : "";
  const meant = word === undefined ? undefined : meantByWord(word);
  try {
    if (!statSync(directory).isDirectory()) {
      throw new StartError(
        "ERR_START_DIRECTORY_IS_FILE",
        `${shown} is a file; name the folder it is in${page}`,
      );
    }
    accessSync(directory, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = systemErrorCode(error);
    if (code === "EACCES" || code === "EPERM") {
      throw new StartError(
        "ERR_START_DIRECTORY_UNREADABLE",
        `the folder ${shown} is not readable for this user; change its mode or choose another`,
        { cause: error },
      );
    }
    throw new StartError(
      "ERR_START_DIRECTORY_MISSING",
      `there is no folder ${shown}; create it or name another${page}${meant === undefined ? "" : ` (${meant})`}`,
      { cause: error },
    );
  }
}
