// Owns the question how long a file takes while a server starts as many scripts as it can.

import { setTimeout as delay } from "node:timers/promises";

import { exchange, openConnection } from "./load/raw-connection.ts";
import type { Burst } from "./load/load.ts";
import { wrk } from "./load/wrk.ts";
import { startServer, type RunningServer } from "./running-server.ts";
import type { Server } from "./servers/server.ts";
import type { Expected } from "./site.ts";
import { percentile } from "./statistics.ts";

const SECONDS = 3;

/** Until compilers and caches have come to rest: as many scripts as in the warm-up of the row that counts them. */
const WARM_UP_SECONDS = 8;

/** Stock nginx closes a connection after 1000. */
const REQUESTS_OF_A_CONNECTION = 500;

/** Who runs scripts while files are asked for. */
export type Beside =
  | { readonly kind: "nobody" }
  | { readonly kind: "the same server"; readonly script: string }
  /** A server of its own, so that what a file waits for is the machine alone. */
  | { readonly kind: "another server"; readonly script: string; readonly server: Server };

/**
 * Milliseconds within which 99 of 100 files came, one at a time and some hundred a second. Another process asks for the scripts: one that
 * did both would count its own work for their answers as the server's.
 */
export function fileTime(
  beside: Beside,
): (server: RunningServer, expected: Expected, site: string) => Promise<number> {
  return async (server, expected, site) => {
    if (beside.kind === "nobody") return slowest(server, expected, undefined);
    if (beside.kind === "the same server") return slowest(server, expected, server.origin + beside.script);
    const host = await startServer(beside.server, site, undefined, expected.path);
    try {
      return await slowest(server, expected, host.origin + beside.script);
    } finally {
      await host.stop();
    }
  };
}

async function slowest(
  server: RunningServer,
  expected: Expected,
  script: string | undefined,
): Promise<number> {
  const load = script === undefined ? undefined : runScripts(new URL(script), expected);
  await askFiles(server, expected, WARM_UP_SECONDS);
  const times = await askFiles(server, expected, SECONDS);
  const burst = await load;
  if (burst !== undefined && (burst.perSecond === 0 || burst.faults > 0)) {
    throw new Error(`scripts beside: ${burst.perSecond} a second, ${burst.faults} faults`);
  }
  return percentile(times, 0.99) ?? NaN;
}

function runScripts({ origin, pathname }: URL, expected: Expected): Promise<Burst> {
  const seconds = WARM_UP_SECONDS + SECONDS + 1;
  return wrk().run(origin, { ...expected, path: pathname }, seconds, undefined);
}

async function askFiles({ origin }: RunningServer, { path }: Expected, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  let socket = await openConnection(origin);
  while (performance.now() < deadline) {
    const began = performance.now();
    await exchange(socket, path, 1);
    times.push(performance.now() - began);
    await delay(2);
    if (times.length % REQUESTS_OF_A_CONNECTION !== 0) continue;
    socket.destroy();
    socket = await openConnection(origin);
  }
  socket.destroy();
  return times;
}
