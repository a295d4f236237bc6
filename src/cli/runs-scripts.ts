// Whether options ask for scripts: with `cgi`, or by saying where there are some, or who answers for a path.
import type { ServeOptions } from "./serve-options.ts";

/** Options that say where scripts are. */
export const PLACES_OF_SCRIPTS = [
  "cgiDirectories",
  "cgiMounts",
  "cgiInterpreters",
  "fastcgi",
  "scgi",
] as const;

/** Who mounts a program wants it to run; then cgi-bin runs as well, because sending its source would be worse. */
export function runsScripts(options: ServeOptions): boolean {
  return options.cgi === true || PLACES_OF_SCRIPTS.some((member) => options[member] !== undefined);
}
