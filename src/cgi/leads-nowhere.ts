// Whether a path leads to nothing that could be sent, so that a front controller may answer for it.

import { statSync } from "node:fs";
import { join } from "node:path";

import { systemErrorCode } from "../errors.ts";
import { systemName } from "../files/file-name.ts";
import { isNothingOutside } from "../files/resolve-resource.ts";

/**
 * What is there and refused is not nothing.
 * @param file the path as a file name
 * @param root what the path must not leave by a symbolic link; `undefined` where it may
 * @param indexPages where directories are not listed: the pages without which a directory is nothing
 */
export function leadsNowhere(
  file: string,
  root: string | undefined,
  indexPages: readonly string[] | undefined,
): boolean {
  try {
    const stats = statSync(systemName(file), { throwIfNoEntry: false });
    if (stats === undefined) return isNothingOutside(file, root);
    if (indexPages === undefined || !stats.isDirectory()) return false;
    return !indexPages.some(
      (name) => statSync(systemName(join(file, name)), { throwIfNoEntry: false }) !== undefined,
    );
  } catch (error) {
    // Below a file there is nothing. What else cannot be looked at, those who serve files will refuse.
    return systemErrorCode(error) === "ENOTDIR" && isNothingOutside(file, root);
  }
}
