// Whether options ask for scripts: with `cgi`, or by saying where there are some.
import type { ServeOptions } from "./serve-options.ts";

/** Who mounts a program wants it to run; then cgi-bin runs as well, because sending its source would be worse. */
export function runsScripts({ cgi, cgiDirectories, cgiMounts, cgiInterpreters }: ServeOptions): boolean {
  return (
    cgi === true || cgiDirectories !== undefined || cgiMounts !== undefined || cgiInterpreters !== undefined
  );
}
