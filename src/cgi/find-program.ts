// Where a program lies that was named as one types it: `php-cgi`.

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** Where programs are looked for when nobody says so: shells make up a PATH each, and scripts find none. */
export const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** An absolute path, so that nothing is searched for at its start; `undefined` for no such program. */
export function findProgram(
  name: string,
  path: string = process.env["PATH"] || DEFAULT_PATH,
): string | undefined {
  if (isAbsolute(name) || name.includes("/")) return isProgram(resolve(name)) ? resolve(name) : undefined;
  const suffixes = process.platform === "win32" ? [".exe", ".com"] : [""];
  for (const directory of path.split(delimiter)) {
    // An empty entry would be the current directory: whoever can write there
    // could put a program of that name.
    if (directory === "") continue;
    const found = suffixes.map((suffix) => join(directory, name + suffix)).find(isProgram);
    if (found !== undefined) return resolve(found);
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
