// Owns the question how long a file takes while a server starts as many scripts as it can.

import { Agent, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { exchange, openConnection } from "./load/raw-connection.ts";
import { CONNECTIONS } from "./load/load.ts";
import type { RunningServer } from "./running-server.ts";
import type { Expected } from "./site.ts";
import { percentile } from "./statistics.ts";

const SECONDS = 3;

/** Until compilers and caches have come to rest. */
const WARM_UP_MS = 1_000;

/** Milliseconds within which 99 of 100 files came, one at a time and some hundred a second. @param script `undefined`: none runs */
export function fileTime(
  script: string | undefined,
): (server: RunningServer, expected: Expected) => Promise<number> {
  return async (server, expected) => {
    const ended = new AbortController();
    const clients = Array.from({ length: script === undefined ? 0 : CONNECTIONS }, () =>
      runScripts(server.origin + script!, ended.signal),
    );
    try {
      await askFiles(server, expected, WARM_UP_MS);
      const times = await askFiles(server, expected, SECONDS * 1000);
      return percentile(times, 0.99) ?? NaN;
    } finally {
      ended.abort();
      await Promise.all(clients);
    }
  };
}

async function askFiles({ origin }: RunningServer, { path }: Expected, time: number): Promise<number[]> {
  const socket = await openConnection(origin);
  const times: number[] = [];
  const deadline = performance.now() + time;
  while (performance.now() < deadline) {
    const began = performance.now();
    await exchange(socket, path, 1);
    times.push(performance.now() - began);
    await delay(2);
  }
  socket.destroy();
  return times;
}

async function runScripts(url: string, ended: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  while (!ended.aborted) {
    await new Promise<void>((resolve) => {
      get(url, { agent }, (response) => response.resume().once("close", resolve)).once("error", () =>
        resolve(),
      );
    });
  }
  agent.destroy();
}
