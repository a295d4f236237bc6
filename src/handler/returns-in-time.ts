// How long a handler is waited for whose client has gone: one that never returns must not keep its turn
// and its connection for ever.

import type { Connection } from "../server/connection.ts";
import type { ServerLimits } from "../server/limits.ts";

/**
 * @returns whether `responded` was fulfilled; `false` once `abandonTime` has passed
 * since the connection was lost.
 * @throws what it was rejected with
 */
export function returnsInTime(
  responded: Promise<void>,
  request: Connection,
  { abandonTime }: ServerLimits,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      timer = setTimeout(() => resolve(false), abandonTime).unref();
    };
    const forgetLost = request.onLost(wait);
    if (request.isClosed) wait();
    const settle = (): void => {
      clearTimeout(timer);
      forgetLost();
    };
    responded.then(
      () => {
        settle();
        resolve(true);
      },
      (error: unknown) => {
        settle();
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what a handler throws is passed on as it is
        reject(error);
      },
    );
  });
}
