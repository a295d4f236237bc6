// One request after the other on a connection, without a promise for each.

import type { Connection } from "../server/connection.ts";

/** The next request is not here yet. */
export const WAIT = Symbol("wait");

export interface RequestSteps {
  readonly handler: {
    readonly request: Connection;
    /** The connection ends after the request that was served last. */
    readonly closeConnection: boolean;
  };
  /**
   * Handles the next request.
   * @returns `WAIT` if it is not here; a promise where one has to wait for its end
   */
  serveNext(): void | Promise<void> | typeof WAIT;
}

/**
 * Serves requests as they come, until the last one or `most` of them. Requests that have to wait for nothing
 * are answered in the very turn of the event loop that brought them: a loop, since thousands can have been
 * sent ahead, and a callback where none has.
 */
export function serveRequests(steps: RequestSteps, most: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { handler } = steps;
    const { request } = handler;
    let left = most;
    const next = (): void => {
      try {
        for (;;) {
          // A client that asks and asks without reading would have us keep all its answers.
          if (request.isSending && request.needsDrain) return request.whenDrained(() => next());
          const served = steps.serveNext();
          if (served === WAIT) return request.whenHead(next);
          left--;
          if (served instanceof Promise) return void served.then(after, reject);
          if (left === 0 || handler.closeConnection) return resolve();
        }
      } catch (error) {
        // Passed on as it was thrown.
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors
        reject(error);
      }
    };
    const after = (): void => (left === 0 || handler.closeConnection ? resolve() : next());
    next();
  });
}
