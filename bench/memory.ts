// Owns what a row about memory reads from a server that has just started: when it has come to rest, and what connections add.

import { setTimeout as delay } from "node:timers/promises";

import { openIdle } from "./load/idle-connections.ts";
import type { RunningServer } from "./running-server.ts";
import type { Expected } from "./site.ts";

/** After an answer a program still loads and frees; a moment later it has come to rest. */
const REST_MS = 500;

/** So many come and go first: what the first ones load and compile belongs to the server, not to a connection. */
const FIRST_CONNECTIONS = 100;

/** MiB of resident memory. */
export async function idleMemory(server: RunningServer): Promise<number> {
  await delay(REST_MS);
  return server.memory() / 2 ** 20;
}

/** KiB that each of `count` idle connections adds to what `read` tells in bytes. */
export function perIdleConnection(
  count: number,
  read: (server: RunningServer) => number | Promise<number>,
): (server: RunningServer, expected: Expected) => Promise<number> {
  return async (server, expected) => {
    const first = await openIdle(server.origin, expected, FIRST_CONNECTIONS);
    await first.close();
    await delay(REST_MS);
    const before = await read(server);
    const idle = await openIdle(server.origin, expected, count);
    try {
      await delay(REST_MS);
      const after = await read(server);
      if (idle.lost() > 0) throw new Error(`closed ${idle.lost()} of ${count} idle connections`);
      return (after - before) / count / 1024;
    } finally {
      await idle.close();
    }
  };
}
