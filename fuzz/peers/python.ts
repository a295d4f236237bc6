// What CPython's http.server makes of a connection: one process for all cases, asked over a pipe.

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Case, Peer, Verdict } from "../verdict.ts";

/** This file runs as build/fuzz/peers/python.js. */
const PROGRAM = join(import.meta.dirname, "..", "..", "..", "fuzz", "peers", "read_requests.py");

/** The version of this machine's Python, or `undefined`. */
export function pythonVersion(): string | undefined {
  const { status, stdout } = spawnSync(
    "python3",
    ["-c", "import platform; print(platform.python_version())"],
    {
      encoding: "utf8",
    },
  );
  return status === 0 ? stdout.trim() : undefined;
}

export function pythonPeer(): Peer {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn("python3", [PROGRAM], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: { resolve(verdict: Verdict): void; reject(error: Error): void }[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line) as Verdict));
  const fail = (error: Error): void => {
    for (const waiter of waiting.splice(0)) waiter.reject(error);
  };
  child.on("error", fail);
  child.on("exit", (code) => fail(new Error(`python3 ended with ${code}`)));
  child.stdin.on("error", fail);

  return {
    name: "python",
    judge({ text }: Case): Promise<Verdict> {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      child.stdin.write(Buffer.concat([length, Buffer.from(text, "latin1")]));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close: () => child.stdin.end(),
  };
}
