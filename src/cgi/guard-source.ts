// Whether a file that is about to be sent lies in a CGI directory under another name: then it is a script's source.

import { realpathSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * `splitScriptPath` compares names. This compares what the names lead to: a symbolic link beside the CGI directory, `CGI-BI~1`
 * on Windows, or whatever else a file system takes for the same name.
 *
 * @param file as a request names it; a slash at its end means that a directory is to be listed or its index page sent
 */
export function leadsToSource(file: string, root: string, cgiDirectories: readonly string[]): boolean {
  const real = realPathOf(file);
  if (real === undefined) return false;
  // The directory itself, without its slash, is only redirected to where it is a CGI path.
  const asPrefix = /[/\\]$/.test(file) ? real + sep : real;
  return cgiDirectories.some((directory) => {
    const realDirectory = directory === "/" ? undefined : realPathOf(join(root, directory));
    return realDirectory !== undefined && asPrefix.startsWith(realDirectory + sep);
  });
}

function realPathOf(file: string): string | undefined {
  try {
    return realpathSync.native(file);
  } catch {
    // What cannot be resolved cannot be opened, either.
    return undefined;
  }
}
