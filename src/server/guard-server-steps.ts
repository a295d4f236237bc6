// What becomes of the overrides of a server's steps that are async, although nobody waits for them.

import type { Connection } from "./connection.ts";
import { guardOverrides, overridesOf, refusePromise } from "./guard-overrides.ts";

/** Called before the server takes its first connection. */
export function guardServerSteps(server: object, logError: (what: string, error: unknown) => void): void {
  guardOverrides(server, overridesOf(server), (name, kind, promise, [request]) => {
    if (kind === "decides") return refusePromise(name, promise);
    return promise.catch((error: unknown) => {
      logError(`Exception in ${name}`, error);
      // It was to end the connection, which would stay open for ever.
      if (name === "closeRequest" || name === "shutdownRequest") (request as Connection).destroy();
    });
  });
}
