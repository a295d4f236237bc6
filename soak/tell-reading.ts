// Preloaded into a server under test (`node --expose-gc --import`): tells its parent, when asked, what the process holds.

import { setImmediate as nextTurn } from "node:timers/promises";

export interface InnerReading {
  /** Bytes of the heap, and of buffers outside of it, after a garbage collection. */
  readonly heap: number;
  readonly buffers: number;
  /** What keeps the event loop busy: sockets, timers, processes, by their kind. */
  readonly resources: readonly string[];
}

process.on("message", () => void tell());
// Only the server's own work keeps it alive.
process.channel?.unref();

async function tell(): Promise<void> {
  // What one collection frees may be what the next one needs to free more: weak references, closed handles.
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heap: heapUsed, buffers: external, resources: process.getActiveResourcesInfo() });
}
