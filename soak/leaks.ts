// What a handler can leave behind, planted on purpose: a soak that does not notice these is no soak.

import { spawn } from "node:child_process";
import { openSync } from "node:fs";

export const LEAKS = ["file", "timer", "heap", "buffer", "process", "stack", "line"] as const;

export type Leak = (typeof LEAKS)[number];

const kept: unknown[] = [];

/** Called once for each request of a server with this leak. */
export function leave(leak: Leak): void {
  switch (leak) {
    case "file":
      openSync(process.execPath, "r");
      return;
    case "timer":
      setInterval(() => {}, 60_000);
      return;
    case "heap":
      kept.push(Array.from({ length: 5_000 }, (_, index) => `kept ${index} ${kept.length}`));
      return;
    case "buffer":
      kept.push(Buffer.alloc(200_000));
      return;
    case "process":
      // One is enough, and ends by itself, should nobody end it.
      if (kept.includes("process")) return;
      kept.push("process");
      spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" });
      return;
    case "stack":
      process.stderr.write("Error: planted\n    at somewhere (file.js:1:1)\n");
      return;
    case "line":
      // The handler logs it: it knows the client.
      return;
    default:
      leak satisfies never;
  }
}
