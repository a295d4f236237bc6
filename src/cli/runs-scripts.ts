// Whether options ask for scripts: with `cgi`, or by saying who answers for a path.
import type { ServeOptions } from "./serve-options.ts";

export function runsScripts({ cgi, fastcgi, scgi }: ServeOptions): boolean {
  return cgi === true || fastcgi !== undefined || scgi !== undefined;
}
