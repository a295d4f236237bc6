// The handler class that a set of options asks for: a class of the ladder with its fields set.
import { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";
import type { ServeOptions } from "./serve-options.ts";
import { StartError } from "./start-errors.ts";

export type HandlerClass = typeof BaseHTTPRequestHandler;

/** The rung of the ladder that an option is for. An option that is not here concerns the server. */
const NEEDED_CLASS = {
  protocol: BaseHTTPRequestHandler,
  logFormat: BaseHTTPRequestHandler,
  quiet: BaseHTTPRequestHandler,
  directory: SimpleHTTPRequestHandler,
  headers: SimpleHTTPRequestHandler,
  contentType: SimpleHTTPRequestHandler,
  dotfiles: SimpleHTTPRequestHandler,
  followSymlinks: SimpleHTTPRequestHandler,
  cgi: CGIHTTPRequestHandler,
  cgiUser: CGIHTTPRequestHandler,
} as const satisfies { readonly [Member in keyof ServeOptions]?: HandlerClass };

/** The class to serve with: `handlerClass`, or the one for files, or with `cgi` the one for scripts. */
export function configuredHandler(options: ServeOptions): HandlerClass {
  const Handler: HandlerClass =
    options.handlerClass ?? (options.cgi === true ? CGIHTTPRequestHandler : SimpleHTTPRequestHandler);
  if (!isOrExtends(Handler, BaseHTTPRequestHandler)) {
    throw new StartError("ERR_START_OPTION", "handlerClass has to extend BaseHTTPRequestHandler");
  }
  for (const [member, Needed] of Object.entries(NEEDED_CLASS)) {
    const value = options[member as keyof typeof NEEDED_CLASS];
    if (value === undefined || value === false || isOrExtends(Handler, Needed)) continue;
    throw new StartError(
      "ERR_START_OPTION",
      `${member} means nothing to ${Handler.name}; derive that from ${Needed.name}, or leave ${member} out`,
    );
  }
  return withFields(Handler, options);
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
  | "logFormat"
  | "directory"
  | "extraResponseHeaders"
  | "dotfiles"
  | "followSymlinks"
  | "cgiUser"
>;

/** What was said; what was not is left to the class. */
function fieldsOf(options: ServeOptions): Partial<Fields> {
  const { protocol, logFormat, directory, headers, dotfiles, followSymlinks, cgiUser } = options;
  return {
    ...(protocol !== undefined && { protocolVersion: protocol }),
    ...(logFormat !== undefined && { logFormat }),
    ...(directory !== undefined && { directory }),
    ...(headers !== undefined && { extraResponseHeaders: headers }),
    ...(dotfiles !== undefined && { dotfiles }),
    ...(followSymlinks !== undefined && { followSymlinks }),
    ...(cgiUser !== undefined && { cgiUser }),
  };
}
