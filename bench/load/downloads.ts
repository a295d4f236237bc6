// Owns many downloads of a large file at the same time, and how much memory the server takes meanwhile.

import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import type { RunningServer } from "../running-server.ts";
import type { Expected } from "../site.ts";
import { openConnection } from "./raw-connection.ts";

/** How long they run, and how often the memory is read. */
const RUN_MS = 3_000;
const SAMPLE_MS = 50;

/** Each second client reads as fast as it can; the others only this often, as over a slow line: what waits for those is held. */
const SLOW_MS = 200;

/** MiB of resident memory at its height, while `count` clients download. */
export function memoryUnderDownloads(
  count: number,
): (server: RunningServer, expected: Expected) => Promise<number> {
  return async (server, expected) => {
    const downloads = await Promise.all(
      Array.from({ length: count }, (_, i) => begin(server.origin, expected.path, i % 2 === 1)),
    );
    let most = 0;
    for (let passed = 0; passed < RUN_MS; passed += SAMPLE_MS) {
      await delay(SAMPLE_MS);
      most = Math.max(most, server.memory());
    }
    const idle = downloads.filter(({ received }) => received() === 0).length;
    for (const { socket } of downloads) socket.destroy();
    if (idle > 0) throw new Error(`${idle} of ${count} downloads got nothing`);
    return most / 2 ** 20;
  };
}

interface Download {
  readonly socket: Socket;
  received(): number;
}

async function begin(origin: string, path: string, isSlow: boolean): Promise<Download> {
  const socket = await openConnection(origin);
  let received = 0;
  socket.on("error", () => {});
  socket.on("data", (bytes: Buffer) => {
    received += bytes.length;
    if (!isSlow) return;
    socket.pause();
    setTimeout(() => socket.resume(), SLOW_MS);
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return { socket, received: () => received };
}
