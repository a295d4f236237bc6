// Owns the question how long a file takes while a server starts as many scripts as it can.

import { setTimeout as delay } from "node:timers/promises";

import { exchange, openConnection } from "./load/raw-connection.ts";
import { wrk } from "./load/wrk.ts";
import type { RunningServer } from "./running-server.ts";
import type { Expected } from "./site.ts";
import { percentile } from "./statistics.ts";

const SECONDS = 3;

/** Until compilers and caches have come to rest: as many scripts as in the warm-up of the row that counts them. */
const WARM_UP_SECONDS = 8;

/**
 * Milliseconds within which 99 of 100 files came, one at a time and some hundred a second. Another process asks for the scripts: one that
 * did both would count its own work for their answers as the server's.
 * @param script its path; `undefined`: none runs
 */
export function fileTime(
  script: string | undefined,
): (server: RunningServer, expected: Expected) => Promise<number> {
  return async (server, expected) => {
    const load =
      script === undefined
        ? undefined
        : wrk().run(server.origin, { ...expected, path: script }, WARM_UP_SECONDS + SECONDS + 1, undefined);
    await askFiles(server, expected, WARM_UP_SECONDS);
    const times = await askFiles(server, expected, SECONDS);
    const burst = await load;
    if (burst !== undefined && (burst.perSecond === 0 || burst.faults > 0)) {
      throw new Error(`scripts beside: ${burst.perSecond} a second, ${burst.faults} faults`);
    }
    return percentile(times, 0.99) ?? NaN;
  };
}

async function askFiles({ origin }: RunningServer, { path }: Expected, seconds: number): Promise<number[]> {
  const socket = await openConnection(origin);
  const times: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const began = performance.now();
    await exchange(socket, path, 1);
    times.push(performance.now() - began);
    await delay(2);
  }
  socket.destroy();
  return times;
}
