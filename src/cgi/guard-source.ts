// Whether a file that is about to be sent is a script's source: it lies in a CGI directory under another
// name, or has a script's name.

import { statSync } from "node:fs";
import { join, sep } from "node:path";
import { realPath, systemName } from "../files/file-name.ts";

import { type Interpreters, isScriptName } from "./script-by-name.ts";

/**
 * `splitScriptPath` compares names. This compares what the names lead to: a symbolic link beside the CGI
 * directory, `CGI-BI~1` on Windows, or whatever else a file system takes for the same name.
 *
 * @param file as a request names it; a slash at its end means that a directory is to be
 * listed or its index page sent
 * @param interpreters extensions of files that are scripts wherever they are
 * @param indexPages any of these may be what is sent for a directory, and a link as well
 */
export function leadsToSource(
  file: string,
  root: string,
  cgiDirectories: readonly string[],
  indexPages: readonly string[],
  interpreters: Interpreters = {},
): boolean {
  const isDirectory = /[/\\]$/.test(file);
  const sendable = isDirectory ? [file, ...indexPages.map((name) => file + name)] : [file];
  return sendable.some((each) => {
    const real = realPathOf(each);
    if (real === undefined) return false;
    if (isScriptName(real, interpreters) && isFile(real)) return true;
    // The directory itself, without its slash, is only redirected to where it is a CGI path.
    const named = /[/\\]$/.test(each) ? real + sep : real;
    return cgiDirectories.some((directory) => isIn(named, root, directory));
  });
}

function isIn(real: string, root: string, directory: string): boolean {
  const realDirectory = realPathOf(join(root, directory));
  if (realDirectory === undefined) return false;
  return real.startsWith(realDirectory.endsWith(sep) ? realDirectory : realDirectory + sep);
}

function realPathOf(file: string): string | undefined {
  try {
    return realPath(file);
  } catch {
    // What cannot be resolved cannot be opened, either.
    return undefined;
  }
}

function isFile(file: string): boolean {
  return statSync(systemName(file), { throwIfNoEntry: false })?.isFile() === true;
}
