// Whether options ask for scripts: with `cgi`, or by saying where there are some, or who answers for a path.
import { isAskedFor, OPTION_RULES, SCRIPT_OPTIONS } from "./option-rules.ts";
import type { ServeOptions } from "./serve-options.ts";

/** Who mounts a program wants it to run; then cgi-bin runs, too: sending its source would be worse. */
export function runsScripts(options: ServeOptions): boolean {
  return isAskedFor("cgi", options) || saysWhereScriptsAre(options);
}

/** Whether any option names places of scripts, or programs and applications for some paths. */
export function saysWhereScriptsAre(options: ServeOptions): boolean {
  return SCRIPT_OPTIONS.some(
    (name) => name !== "cgi" && OPTION_RULES[name].impliesCgi === true && isAskedFor(name, options),
  );
}
