// Whether a server can start with these options: each by itself, and those that do not go together.
import { makeVisible } from "../text/visible.ts";
import { isAskedFor, OPTION_RULES, type OptionName, SCRIPT_OPTIONS } from "./option-rules.ts";
import { runsScripts } from "./runs-scripts.ts";
import type { ServeOptions } from "./serve-options.ts";

/** The first thing that is wrong with the options, as one sentence without its full stop. */
export function checkServeOptions(
  options: ServeOptions,
  nameOf: (name: OptionName) => string = (name) => name,
): string | undefined {
  // JavaScript callers may think of a port or a folder first; started without a
  // word, it would be another one.
  if (typeof options !== "object" || options === null || Array.isArray(options))
    return "the options have to be an object, such as { port: 8000 }";
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(OPTION_RULES, key)) return `there is no option ${makeVisible(key)}; see ServeOptions`;
    const name = key as OptionName;
    const problem = OPTION_RULES[name].check(value, nameOf(name));
    if (problem !== undefined) return problem;
  }
  return checkTogether(options, nameOf);
}

function checkTogether(options: ServeOptions, nameOf: (name: OptionName) => string): string | undefined {
  for (const other of ["port", "bind"] as const) {
    if (options.unix !== undefined && options[other] !== undefined) {
      return `${nameOf("unix")} and ${nameOf(other)} exclude each other; leave one of them out`;
    }
  }
  for (const other of ["open", "qr"] as const) {
    if (options.unix !== undefined && options[other] === true) {
      return `${nameOf(other)} needs a URL, and a Unix socket has none; leave ${nameOf(other)} out`;
    }
  }
  const asked = SCRIPT_OPTIONS.filter((name) => isAskedFor(name, options));
  const place = asked.find((name) => OPTION_RULES[name].impliesCgi);
  if (options.cgi === false && place !== undefined) {
    return `${nameOf("cgi")} is false, and ${nameOf(place)} says where scripts are; leave one of them out`;
  }
  if (!runsScripts(options) && options.handlerClass === undefined && asked[0] !== undefined) {
    return `${nameOf(asked[0])} is for CGI scripts; add ${nameOf("cgi")}`;
  }
  return undefined;
}
