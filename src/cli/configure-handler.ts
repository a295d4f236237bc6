// The handler class that a set of options asks for: a class of the ladder with its fields set.
import type { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";
import { runsScripts } from "./runs-scripts.ts";
import type { ServeOptions } from "./serve-options.ts";
import { StartError } from "./start-errors.ts";

export type HandlerClass = typeof BaseHTTPRequestHandler;

const base = (): HandlerClass => BaseHTTPRequestHandler;
const files = (): HandlerClass => SimpleHTTPRequestHandler;
// A quarter of the program, with Node's own cryptography behind it: a server that runs no scripts does not load it.
const scripts = async (): Promise<HandlerClass> =>
  (await import("../cgi/cgi-http-request-handler.ts")).CGIHTTPRequestHandler;

/** The rung of the ladder that an option is for. An option that is not here concerns the server. */
const NEEDED_CLASS = {
  protocol: base,
  logFormat: base,
  quiet: base,
  directory: files,
  headers: files,
  contentType: files,
  dotfiles: files,
  followSymlinks: files,
  compress: files,
  cacheMemory: files,
  listing: files,
  single: files,
  base: files,
  cors: files,
  maxAge: files,
  auth: files,
  archives: files,
  cgi: scripts,
  cgiDirectories: scripts,
  cgiMounts: scripts,
  cgiInterpreters: scripts,
  cgiEnvironment: scripts,
  cgiPassEnvironment: scripts,
  cgiPassAuthorization: scripts,
  cgiQueryArguments: scripts,
  cgiUser: scripts,
  cgiLimits: scripts,
  cgiDebug: scripts,
  fastcgi: scripts,
  scgi: scripts,
} as const satisfies { readonly [Member in keyof ServeOptions]?: () => HandlerClass | Promise<HandlerClass> };

/** To say `false` of these asks for something; of the others it asks for what is so anyway. */
const ON_BY_DEFAULT: ReadonlySet<string> = new Set([
  "compress",
  "listing",
  "archives",
] satisfies (keyof ServeOptions)[]);

/** The class to serve with: `handlerClass`, or the one for files, or with `cgi` the one for scripts. */
export async function configuredHandler(options: ServeOptions): Promise<HandlerClass> {
  const Handler = options.handlerClass ?? (runsScripts(options) ? await scripts() : files());
  if (!isOrExtends(Handler, BaseHTTPRequestHandler)) {
    throw new StartError("ERR_START_OPTION", "handlerClass has to extend BaseHTTPRequestHandler");
  }
  for (const [member, needed] of Object.entries(NEEDED_CLASS)) {
    const value = options[member as keyof typeof NEEDED_CLASS];
    if (value === undefined || (value === false && !ON_BY_DEFAULT.has(member))) continue;
    const Needed = await needed();
    if (isOrExtends(Handler, Needed)) continue;
    throw new StartError(
      "ERR_START_OPTION",
      `${member} means nothing to ${Handler.name}; derive that from ${Needed.name}, or leave ${member} out`,
    );
  }
  await checkLimits(options);
  return withFields(Handler, options);
}

/** A wrong limit is to be said at the start, and not by the first script. */
async function checkLimits({ cgiLimits }: ServeOptions): Promise<void> {
  if (cgiLimits === undefined) return;
  const problem = (await import("../cgi/limits.ts")).checkCGILimits(cgiLimits);
  if (problem !== undefined) throw new StartError("ERR_START_OPTION", problem);
}

/** Whether instances of `Handler` are instances of `Rung`. */
export function isOrExtends(Handler: HandlerClass, Rung: HandlerClass): boolean {
  return Handler === Rung || Handler.prototype instanceof Rung;
}

/** The options win over what the class sets itself: they were said later, and for this server. */
function withFields(Handler: HandlerClass, options: ServeOptions): HandlerClass {
  const fields = fieldsOf(options);
  const { contentType } = options;

  const Configured = class extends Handler {
    constructor(...args: ConstructorParameters<HandlerClass>) {
      super(...args);
      Object.assign(this, fields);
      // `""` is the key for all that is unknown; the other entries stay those of the class.
      if (contentType !== undefined && this instanceof SimpleHTTPRequestHandler) {
        this.extensionsMap = { ...this.extensionsMap, "": contentType };
      }
    }
  };
  if (options.quiet !== true || options.logFile !== undefined) return Configured;
  return class extends Configured {
    override logRequest(): void {}
  };
}

type Fields = Pick<
  CGIHTTPRequestHandler,
  | "protocolVersion"
  | "extraResponseHeaders"
  | (typeof LOG_FIELDS)[number]
  | (typeof FILE_FIELDS)[number]
  | (typeof SCRIPT_FIELDS)[number]
>;

// Options and fields of the same name and meaning, by the rung of the ladder that they are for.
const LOG_FIELDS = ["logFormat"] as const;
const FILE_FIELDS = [
  "directory",
  "dotfiles",
  "followSymlinks",
  "compress",
  "cacheMemory",
  "listing",
  "archives",
  "single",
  "base",
  "cors",
  "maxAge",
  "auth",
] as const;
const SCRIPT_FIELDS = [
  "cgiDirectories",
  "cgiMounts",
  "cgiInterpreters",
  "cgiEnvironment",
  "cgiPassEnvironment",
  "cgiPassAuthorization",
  "cgiQueryArguments",
  "cgiUser",
  "cgiLimits",
  "cgiDebug",
  "fastcgi",
  "scgi",
] as const;

/** What was said; what was not is left to the class. */
function fieldsOf(options: ServeOptions): Partial<Fields> {
  const { protocol, headers } = options;
  return {
    ...(protocol !== undefined && { protocolVersion: protocol }),
    ...(headers !== undefined && { extraResponseHeaders: headers }),
    ...Object.fromEntries(
      [...LOG_FIELDS, ...FILE_FIELDS, ...SCRIPT_FIELDS]
        .filter((name) => options[name] !== undefined)
        .map((name) => [name, options[name]]),
    ),
  };
}
