// Which programs of the system a test can use; what is missing is a reason to skip it, and is said.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** @param wanted names of programs, or of files by their whole path */
export function missing(...wanted: string[]): string | false {
  if (process.platform === "win32") return "not on Windows";
  const absent = wanted.find((each) => (each.startsWith("/") ? !existsSync(each) : !isInPath(each)));
  return absent === undefined ? false : `${absent} is not installed`;
}

function isInPath(program: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", program]).status === 0;
}

/** A module of Perl; Debian has CGI.pm in a package of its own. */
export function missingPerlModule(name: string): string | false {
  return spawnSync("perl", [`-M${name}`, "-e", "1"]).status === 0
    ? false
    : `the Perl module ${name} is not installed`;
}
