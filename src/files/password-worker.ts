// The thread that compares passwords with their hashes.

import { parentPort } from "node:worker_threads";
import { compareSync } from "bcryptjs";
import { verify } from "unixcrypt";
import type { PasswordJob, PasswordResult } from "./password-queue.ts";

parentPort?.on("message", ({ id, password, hash }: PasswordJob) => {
  parentPort?.postMessage({ id, isRight: isRight(password, hash) } satisfies PasswordResult);
});

function isRight(password: string, hash: string): boolean {
  try {
    return hash.startsWith("$6$") ? verify(password, hash) : compareSync(password, hash);
  } catch {
    return false;
  }
}
