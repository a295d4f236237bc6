// Whether a file that the server itself uses is one of those that it would send.
import { realpathSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";

import { isHiddenName } from "../files/hidden-name.ts";

/**
 * @param path the file, with links in it or without
 * @param directory the served folder; `undefined` where a class has its own, of which nothing is known here
 * @param dotfiles whether hidden names are served, too
 */
export function isServed(path: string, directory: string | undefined, dotfiles: boolean): boolean {
  if (directory === undefined) return false;
  let below: string;
  try {
    below = relative(realpathSync(directory), realpathSync(path));
  } catch {
    // /dev/stdout is a path and can be opened, and need not lead to a file.
    return false;
  }
  const names = below.split(sep);
  if (isAbsolute(below) || names[0] === "..") return false;
  return dotfiles || !names.some(isHiddenName);
}
