// Whether a file that is about to be sent is a script's source: it lies in a CGI directory under another
// name, or has a script's name.

import { statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { realPath, systemName } from "../files/file-name.ts";

import { percentEncodePath } from "../text/percent-coding.ts";
import { namesOfPath } from "./mount.ts";
import { type Interpreters, isScriptName } from "./script-by-name.ts";
import { isDisguised } from "./script-path.ts";

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
    return isInAny(named, root, cgiDirectories);
  });
}

/**
 * Whether a file that is open, or a directory, is a script's source by where it really is. Its name is not
 * looked up: it can lead elsewhere by now.
 * @param real all links followed; with a slash at its end for a directory
 */
export function isSource(
  real: string,
  root: string,
  cgiDirectories: readonly string[],
  interpreters: Interpreters,
): boolean {
  return isScriptName(real, interpreters) || isInAny(real, root, cgiDirectories);
}

function isInAny(real: string, root: string, directories: readonly string[]): boolean {
  return directories.some((directory) => isIn(real, root, directory));
}

/**
 * Whether a program or an application answers for the URL of a file, so that no URL leads to it: all the same
 * an archive of the folder above would hold it. One that answers for `/` does not count: then no folder is
 * sent.
 * @param paths of mounts and applications
 */
export function isCovered(file: string, root: string, paths: readonly string[]): boolean {
  const below = paths.filter((path) => namesOfPath(path).length > 0);
  if (below.length === 0) return false;
  const path = relative(root, file).split(sep).join("/");
  return isDisguised(`/${percentEncodePath(path)}`, below);
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
