// What there is to know about each option of `serve()`: what may be its value, whom
// it is for, and what it sets.
import type { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import type { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import type { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";
import { checkLimits } from "../server/limits.ts";
import { checkApplications } from "./application-options.ts";
import {
  checkAuth,
  checkBase,
  checkBind,
  checkBytes,
  checkCGILimits,
  checkClass,
  checkContentType,
  checkHeaders,
  checkLogFormat,
  checkMaxAge,
  checkPort,
  checkProtocol,
  checkSingle,
  checkSwitch,
  checkText,
  type Check,
} from "./check-options.ts";
import {
  checkDirectories,
  checkEnvironment,
  checkInterpreters,
  checkMounts,
  checkVariables,
} from "./check-script-options.ts";
import type { ServeOptions } from "./serve-options.ts";

export type OptionName = keyof ServeOptions;

/** The rung of the ladder of handlers that an option is for. */
export type Rung = "base" | "files" | "scripts";

interface RuleBase {
  readonly check: Check;
  /** To say `false` of it asks for something; of the others it asks for what is so anyway. */
  readonly isOnByDefault?: true;
  /** Who says it wants scripts to run. What else is for scripts says how they run, and needs `cgi`. */
  readonly impliesCgi?: true;
}

/**
 * `field` is the one of the handler that the option sets; `undefined` where `configure-handler.ts`
 * does something else with it.
 */
type Rule<Value> = RuleBase &
  (
    | { readonly rung: "server" }
    | { readonly rung: "base"; readonly field: FieldFor<Value, BaseHTTPRequestHandler> | undefined }
    | { readonly rung: "files"; readonly field: FieldFor<Value, SimpleHTTPRequestHandler> | undefined }
    | { readonly rung: "scripts"; readonly field: FieldFor<Value, CGIHTTPRequestHandler> | undefined }
  );

/** The names of the fields that can hold such a value. */
type FieldFor<Value, Handler> = {
  [Field in keyof Handler]: Value extends Handler[Field] ? Field : never;
}[keyof Handler];

/** The compiler asks for the rule of a new option, and a test for its row in `OPTION_TABLE`. */
export const OPTION_RULES: { readonly [Name in OptionName]-?: Rule<NonNullable<ServeOptions[Name]>> } = {
  port: { rung: "server", check: checkPort },
  bind: { rung: "server", check: checkBind },
  unix: { rung: "server", check: checkText },
  directory: { rung: "files", check: checkText, field: "directory" },
  protocol: { rung: "base", check: checkProtocol, field: "protocolVersion" },
  cgi: { rung: "scripts", check: checkSwitch, field: undefined, impliesCgi: true },
  cgiDirectories: { rung: "scripts", check: checkDirectories, field: "cgiDirectories", impliesCgi: true },
  cgiMounts: { rung: "scripts", check: checkMounts, field: "cgiMounts", impliesCgi: true },
  cgiInterpreters: { rung: "scripts", check: checkInterpreters, field: "cgiInterpreters", impliesCgi: true },
  cgiEnvironment: { rung: "scripts", check: checkEnvironment, field: "cgiEnvironment" },
  cgiPassEnvironment: { rung: "scripts", check: checkVariables, field: "cgiPassEnvironment" },
  cgiPassAuthorization: { rung: "scripts", check: checkSwitch, field: "cgiPassAuthorization" },
  cgiQueryArguments: { rung: "scripts", check: checkSwitch, field: "cgiQueryArguments" },
  cgiUser: { rung: "scripts", check: checkText, field: "cgiUser" },
  cgiLimits: { rung: "scripts", check: checkCGILimits, field: "cgiLimits" },
  cgiDebug: { rung: "scripts", check: checkSwitch, field: "cgiDebug" },
  fastcgi: { rung: "scripts", check: checkApplications, field: "fastcgi", impliesCgi: true },
  scgi: { rung: "scripts", check: checkApplications, field: "scgi", impliesCgi: true },
  headers: { rung: "files", check: checkHeaders, field: "extraResponseHeaders" },
  contentType: { rung: "files", check: checkContentType, field: undefined },
  dotfiles: { rung: "files", check: checkSwitch, field: "dotfiles" },
  followSymlinks: { rung: "files", check: checkSwitch, field: "followSymlinks" },
  compress: { rung: "files", check: checkSwitch, field: "compress", isOnByDefault: true },
  cacheMemory: { rung: "files", check: checkBytes, field: "cacheMemory" },
  listing: { rung: "files", check: checkSwitch, field: "listing", isOnByDefault: true },
  single: { rung: "files", check: checkSingle, field: "single" },
  base: { rung: "files", check: checkBase, field: "base" },
  cors: { rung: "files", check: checkSwitch, field: "cors" },
  maxAge: { rung: "files", check: checkMaxAge, field: "maxAge" },
  auth: { rung: "files", check: checkAuth, field: "auth" },
  archives: { rung: "files", check: checkSwitch, field: "archives", isOnByDefault: true },
  limits: { rung: "server", check: checkLimits },
  logFormat: { rung: "base", check: checkLogFormat, field: "logFormat" },
  logFile: { rung: "server", check: checkText },
  quiet: { rung: "base", check: checkSwitch, field: undefined },
  banner: { rung: "server", check: checkSwitch, isOnByDefault: true },
  open: { rung: "server", check: checkSwitch },
  qr: { rung: "server", check: checkSwitch },
  handlerClass: { rung: "server", check: checkClass },
};

export const OPTION_NAMES = Object.keys(OPTION_RULES) as readonly OptionName[];

/** Those that mean nothing without scripts. */
export const SCRIPT_OPTIONS = OPTION_NAMES.filter((name) => OPTION_RULES[name].rung === "scripts");

/** Whether something else is wanted than what is so anyway. */
export function isAskedFor(name: OptionName, options: ServeOptions): boolean {
  const value = options[name];
  return value !== undefined && (value !== false || OPTION_RULES[name].isOnByDefault === true);
}
