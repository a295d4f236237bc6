// Which file is the script, and what is left of the path for it: SCRIPT_NAME and
// PATH_INFO (RFC 3875 §4.1.5, §4.1.13).

import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { systemErrorCode } from "../errors.ts";
import { isInsideInBatch } from "../files/stat-in-batch.ts";

export interface LocatedScript {
  readonly kind: "script";
  /** The file to run, under the root by the names in the URL: what authors expect of `$0` and `.`. */
  readonly file: string;
  /** Decoded, with its leading slash: `/cgi-bin/tools/report.pl`. */
  readonly scriptName: string;
  /** Decoded, with its leading slash; `undefined` if the path ends with the script. */
  readonly pathInfo: string | undefined;
}

export type ScriptLocation =
  | LocatedScript
  /** `reason` is for the log, if there is another than that nothing is there. */
  | { readonly kind: "missing"; readonly scriptName: string; readonly reason: string | undefined }
  | { readonly kind: "notPlainFile"; readonly scriptName: string }
  | { readonly kind: "notExecutable"; readonly scriptName: string; readonly file: string }
  /** A directory that was asked for without its slash, and has an index script. */
  | { readonly kind: "needsSlash"; readonly scriptName: string };

export interface LocateOptions {
  /** Run a script that a symbolic link leads to, wherever it is. Else it has to be inside the root. */
  readonly followSymlinks?: boolean;
  readonly isExecutable?: (file: string) => boolean;
  /** Names of scripts that answer for the directory they are in. */
  readonly indexScripts?: readonly string[];
  readonly platform?: NodeJS.Platform;
}

/**
 * Goes down from the CGI directory while the next name is a directory; the name after that is the script.
 * `segments` is what `splitScriptPath` found behind `directory`.
 */
export function locateScript(
  root: string,
  directory: string,
  segments: readonly string[],
  options: LocateOptions = {},
): ScriptLocation {
  const {
    followSymlinks = false,
    isExecutable = hasExecutePermission,
    indexScripts = [],
    platform = process.platform,
  } = options;
  let file = join(root, directory);
  let scriptName = directory === "/" ? "" : directory;
  for (const [index, name] of segments.entries()) {
    if (name === "") continue;
    scriptName += `/${name}`;
    if (!isPlainName(name, platform)) return missing(scriptName, "such names are never served");
    file = join(file, name);
    const type = typeOf(file);
    if (type === "directory") continue;
    if (type === "nothing")
      return missing(scriptName, isLink(file) ? "a symbolic link leads to nothing" : undefined);
    if (type === "other") return { kind: "notPlainFile", scriptName };
    if (!followSymlinks && !isInside(file, root)) {
      return missing(
        scriptName,
        "a symbolic link leads out of the served directory (--follow-symlinks allows that)",
      );
    }
    if (type === "unreachable" || !isExecutable(file)) return { kind: "notExecutable", scriptName, file };
    const rest = segments.slice(index + 1);
    const pathInfo = rest.length === 0 ? undefined : `/${rest.join("/")}`;
    return { kind: "script", file, scriptName, pathInfo };
  }
  // Only directories: `/cgi-bin/`. It is never listed.
  const index = indexScripts.find((name) => typeOf(join(file, name)) === "file");
  if (index !== undefined) {
    if (segments.at(-1) !== "") return { kind: "needsSlash", scriptName };
    return locateScript(root, directory, [...segments, index], options);
  }
  const ended = segments.at(-1) === "" ? `${scriptName}/` : scriptName;
  if (typeOf(file) === "nothing") return missing(ended);
  return { kind: "notPlainFile", scriptName: ended };
}

function missing(scriptName: string, reason?: string): ScriptLocation {
  return { kind: "missing", scriptName, reason };
}

/** A script that makes its whole response itself, "nph-" in front of its name (RFC 3875 §5). */
export function isNonParsedHeader(file: string): boolean {
  return basename(file).startsWith("nph-");
}

/** As root asks for another user's script, any x bit will do: starting it shows whether that user may. */
export function hasExecutePermission(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a segment is one name in a directory, and one to serve. An encoded separator would make two of
 * it; a name with a dot in front is private (`.git`, `.htpasswd`, an editor's swap file). On Windows a
 * colon names a stream of the file and trailing dots and blanks are dropped, so that `x.py::$DATA` and
 * `x.py.` are other names of `x.py`.
 */
function isPlainName(name: string, platform: NodeJS.Platform): boolean {
  if (name.startsWith(".") || name.includes("/")) return false;
  return platform !== "win32" || !/[\\:*?"<>|\u0000-\u001f]|[. ]$/.test(name);
}

type FileType = "file" | "directory" | "other" | "nothing" | "unreachable";

function typeOf(file: string): FileType {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return "nothing";
    if (stats.isFile()) return "file";
    return stats.isDirectory() ? "directory" : "other";
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "EACCES" || code === "EPERM") return "unreachable";
    // A name that the file system cannot hold, or a link that leads to itself: no such file.
    if (code === "ENAMETOOLONG" || code === "ELOOP" || code === "EINVAL" || code === "ENOTDIR")
      return "nothing";
    throw error;
  }
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}

function isInside(file: string, root: string): boolean {
  try {
    return isInsideInBatch(file, root, 0);
  } catch {
    return false;
  }
}
