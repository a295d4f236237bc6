import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PasswordQueue } from "../../src/files/password-queue.ts";

const HASH = "$2b$04$abcdefghijklmnopqrstuuJ9q1Qv5m0b1O2Q3y4z5A6B7C8D9E0Fa";

describe("PasswordQueue", () => {
  it("fails for each password where its thread has no file, as in a program that was bundled", async () => {
    const queue = new PasswordQueue(new URL("./no-such-worker.js", import.meta.url));
    // More than may wait at once: one that has failed waits no longer.
    for (let i = 0; i < 70; i++) {
      await assert.rejects(queue.verify(`${i}`, "x", HASH, "192.0.2.1"), /a bundler has to leave htbin out/);
    }
  });

  it("fails in the same words where no thread can be made at all", async () => {
    const queue = new PasswordQueue(new URL("https://example.com/worker.js"));
    for (let i = 0; i < 70; i++) {
      await assert.rejects(queue.verify(`${i}`, "x", HASH, "192.0.2.1"), /--allow-worker/);
    }
  });
});
