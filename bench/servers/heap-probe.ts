// Owns the look into a Node server's heap: nothing in the server changes but that Node loads one more module at its start.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { RunningServer } from "../running-server.ts";
import type { Server } from "./server.ts";

const PROBE = "heap-probe.mjs";
const ANSWER = "heap-used";
const PATIENCE_MS = 10_000;

/** For a server whose command is Node and its arguments. */
export function withHeapProbe(server: Server): Server {
  return {
    ...server,
    remark: `${server.remark}; with --expose-gc`,
    command(place) {
      const [node = "", ...args] = server.command(place);
      const probe = join(place.scratch, PROBE);
      writeFileSync(probe, source(join(place.scratch, ANSWER)));
      return [node, "--expose-gc", "--import", probe, ...args];
    },
  };
}

/** `heapUsed` in bytes, after a full collection. */
export async function readHeap(running: RunningServer): Promise<number> {
  const answer = join(running.scratch, ANSWER);
  process.kill(running.pid, "SIGUSR2");
  const deadline = performance.now() + PATIENCE_MS;
  while (!existsSync(answer)) {
    if (performance.now() > deadline) throw new Error("does not tell the size of its heap");
    await delay(10);
  }
  const bytes = Number(readFileSync(answer, "utf8"));
  rmSync(answer);
  return bytes;
}

/** The second collection takes what callbacks of the first one have let go. Renamed, so that no half answer is read. */
function source(answer: string): string {
  return `
import { renameSync, writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
process.on("SIGUSR2", async () => {
  gc();
  await setImmediate();
  gc();
  const answer = ${JSON.stringify(answer)};
  writeFileSync(answer + ".part", String(process.memoryUsage().heapUsed));
  renameSync(answer + ".part", answer);
});
`;
}
