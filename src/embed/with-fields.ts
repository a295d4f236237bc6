// A handler class with other defaults.

import type { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";

type HandlerClass = typeof BaseHTTPRequestHandler;

/** The options that are no fields of the class. */
export type OwnOption = "files" | "handlerClass" | "log";

/** Every field that options may name: the compiler asks for a new one. */
export type FieldNames<Options> = { readonly [Name in Exclude<keyof Options, OwnOption>]-?: true };

/**
 * The class with those fields set; what is `undefined` is left to the class.
 * @param known the names of the fields that may be set
 * @param own what the caller takes beside them
 * @throws {TypeError} if there is no such field: a folder that is misspelt would be the current one
 */
export function withFields(
  Handler: HandlerClass,
  fields: object,
  known: Readonly<Record<string, true>>,
  own: readonly OwnOption[],
): HandlerClass {
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  for (const [name, value] of Object.entries(said)) {
    if (!Object.hasOwn(known, name))
      throw new TypeError(
        `there is no option ${name}; there are ${[...Object.keys(known), ...own].join(", ")}`,
      );
    if (name === "directory" && typeof value !== "string") throw new TypeError("directory has to be a text");
  }
  return class extends Handler {
    constructor(...args: ConstructorParameters<HandlerClass>) {
      super(...args);
      Object.assign(this, said);
    }
  };
}
