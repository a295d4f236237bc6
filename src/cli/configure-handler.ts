// The handler class that a set of options asks for: a class of the ladder with its fields set.
import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";
import { isAskedFor, OPTION_NAMES, OPTION_RULES, type Rung } from "./option-rules.ts";
import { runsScripts } from "./runs-scripts.ts";
import type { ServeOptions } from "./serve-options.ts";
import { StartError } from "./start-errors.ts";

export type HandlerClass = typeof BaseHTTPRequestHandler;

// The classes for scripts are a quarter of the program, with Node's own cryptography behind them: a server
// that runs none does not load them.
const CLASSES: Readonly<Record<Rung, () => HandlerClass | Promise<HandlerClass>>> = {
  base: () => BaseHTTPRequestHandler,
  files: () => SimpleHTTPRequestHandler,
  scripts: async () => (await import("../cgi/cgi-http-request-handler.ts")).CGIHTTPRequestHandler,
};

/** The class to serve with: `handlerClass`, or the one for files, or with `cgi` the one for scripts. */
export async function configuredHandler(options: ServeOptions): Promise<HandlerClass> {
  const Handler = options.handlerClass ?? (await CLASSES[runsScripts(options) ? "scripts" : "files"]());
  if (!isOrExtends(Handler, BaseHTTPRequestHandler)) {
    throw new StartError("ERR_START_OPTION", "handlerClass has to extend BaseHTTPRequestHandler");
  }
  for (const name of OPTION_NAMES) {
    const { rung } = OPTION_RULES[name];
    if (rung === "server" || !isAskedFor(name, options)) continue;
    const Needed = await CLASSES[rung]();
    if (isOrExtends(Handler, Needed)) continue;
    throw new StartError(
      "ERR_START_OPTION",
      `${name} means nothing to ${Handler.name}; derive that from ${Needed.name}, or leave ${name} out`,
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

/** What was said; what was not is left to the class. */
function fieldsOf(options: ServeOptions): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const name of OPTION_NAMES) {
    const rule = OPTION_RULES[name];
    if (rule.rung === "server" || rule.field === undefined || options[name] === undefined) continue;
    fields[rule.field] = options[name];
  }
  return fields;
}
