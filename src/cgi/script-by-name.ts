// Scripts outside the CGI directories: those that their extension tells, and those
// that stand for their directory.

import { statSync } from "node:fs";
import { join } from "node:path";

/**
 * Extension in lower case, with its dot → the interpreter and its arguments, to which the file is added; it
 * needs no x bit. Without an interpreter, `[]`, the file is started by itself.
 */
export type Interpreters = Readonly<Record<string, readonly string[]>>;

/** The interpreter for a file, by its name in any case: some disks would give away `X.PHP` otherwise. */
export function interpreterOf(file: string, interpreters: Interpreters): readonly string[] | undefined {
  const name = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  const dot = name.lastIndexOf(".");
  // A table that came from outside may be asked for `.constructor`.
  const extension = asciiLowerCase(name.slice(Math.max(dot, 0)));
  return dot > 0 && Object.hasOwn(interpreters, extension) ? interpreters[extension] : undefined;
}

/**
 * What editors, people, packages and compressing builds leave beside a script: its source under a name that
 * nothing runs. Emacs: `x.php~`, `x.php.~1~`, `#x.php#`; Vim: `.x.php.swp`, `.swo`, `.un~`; nano:
 * `x.php.save.1`; patch: `x.php.rej`; RCS: `x.php,v`.
 */
const LEFTOVER =
  /(?:~|#|,v|\.(?:~\d+~|un~|back|backup|bak|bkp|copy|dpkg-[a-z]+|old|orig|rej|rpm(?:new|orig|save)|save(?:\.\d+)?|sw[a-p]|temp|tmp|7z|br|bz2|gz|lz4|lzma|tar|xz|z|zip|zst))$/i;

/**
 * A copy of a copy, as `x.php.bak.gz`. More of them are a name that somebody sends to keep the server busy.
 */
const MOST_COPIES = 8;

/** The name of a file, and those of the files of which it is a copy, if it looks like one. */
export function namesOfSource(file: string): string[] {
  const names = [file];
  for (let name = file; names.length <= MOST_COPIES;) {
    const original = name.replace(LEFTOVER, "");
    if (original === name) break;
    names.push((name = original));
  }
  return names;
}

/** Whether a file is a script by its name, or the copy of one. */
export function isScriptName(file: string, interpreters: Interpreters): boolean {
  if (Object.keys(interpreters).length === 0) return false;
  return namesOfSource(file).some((each) => interpreterOf(each, interpreters) !== undefined);
}

/** Names that stand for a directory in which scripts are run, in this order. */
export function indexScripts(interpreters: Interpreters): string[] {
  return [...new Set(["index.cgi", ...Object.keys(interpreters).map((extension) => `index${extension}`)])];
}

/**
 * Whether the segments, which are in no CGI directory, lead to a script. They are gone down while they are
 * directories; what they end in counts, as it does for a file.
 * @param indexPages pages that are sent for a directory before its script is thought of
 */
export function leadsToScript(
  root: string,
  segments: readonly string[],
  interpreters: Interpreters,
  indexPages: readonly string[],
): boolean {
  if (Object.keys(interpreters).length === 0) return false;
  let directory = root;
  for (const name of segments) {
    if (name === "") continue;
    // Such a name is none below the root; what becomes of it, others decide.
    if (name.includes("/") || name.startsWith(".")) return false;
    const file = join(directory, name);
    const type = typeOf(file);
    if (type === "file") return interpreterOf(name, interpreters) !== undefined;
    if (type === "nothing") return false;
    directory = file;
  }
  if (segments.at(-1) !== "") return false;
  const isThere = (name: string): boolean => typeOf(join(directory, name)) === "file";
  const pages = indexPages.filter((name) => interpreterOf(name, interpreters) === undefined);
  return !pages.some(isThere) && ownIndexScripts(interpreters).some(isThere);
}

/** Outside the CGI directories, `index.cgi` is a script only if `.cgi` is the extension of one. */
function ownIndexScripts(interpreters: Interpreters): string[] {
  return indexScripts(interpreters).filter((name) => interpreterOf(name, interpreters) !== undefined);
}

function typeOf(file: string): "file" | "directory" | "nothing" {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) return "nothing";
    return stats.isDirectory() ? "directory" : "file";
  } catch {
    // What cannot be looked at cannot be run; why, is said by those who serve files.
    return "nothing";
  }
}

/** Letters beyond ASCII can change their length, and with it what is the extension (CVE-2026-24895). */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
