// A handler class with other defaults.

import type { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";

type HandlerClass = typeof BaseHTTPRequestHandler;

/** The class with those fields set; what is `undefined` is left to the class. */
export function withFields(Handler: HandlerClass, fields: object): HandlerClass {
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return class extends Handler {
    constructor(...args: ConstructorParameters<HandlerClass>) {
      super(...args);
      Object.assign(this, said);
    }
  };
}
