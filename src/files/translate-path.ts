// Which file a path of a URL means.

import { sep } from "node:path";
import { HTTPRequestError } from "../errors.ts";
import { canonicalPath } from "./url-path.ts";

/**
 * The file for a request target below `directory`. A slash at its end is kept. Bytes that are not UTF-8 are
 * lone surrogates in the name: `systemName` makes of it what the system wants.
 * @throws {HTTPRequestError} as `canonicalPath` does; 404 for a name that Windows
 * would read as something else
 */
export function translatePath(target: string, directory: string): string {
  // Put together with nothing before it, the path would begin at the root of the system.
  if (directory === "") return translatePath(target, ".");
  const path = canonicalPath(target);
  if (sep === "\\") return directory + windowsPath(path);
  return directory.endsWith("/") ? directory + path.slice(1) : directory + path;
}

/** `GIT~1`: the second name, of eight letters, that Windows gives to `.git`. */
const SHORT_NAME = /^[^.]{1,6}~\d{1,6}(?:\.[^.]{0,3})?$/;

/** `aux`, `nul.txt`: devices, in every folder. Opening one can wait for ever. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])(?:\.|$)/i;

/**
 * A drive (`c:`), a stream (`::$DATA`), a backslash, a dot or blank at the end, a second name, a device: each
 * reaches something else than the file that was checked.
 */
export function windowsPath(path: string): string {
  // Names are UTF-16 there: one of bytes that are no UTF-8 cannot be.
  if (!path.isWellFormed()) throw new HTTPRequestError(404, "File not found");
  for (const segment of path.split("/")) {
    if (/[\\:*?"<>|]|[. ]$/.test(segment) || SHORT_NAME.test(segment) || DEVICE.test(segment))
      throw new HTTPRequestError(404, "File not found");
  }
  return path.replaceAll("/", "\\");
}
