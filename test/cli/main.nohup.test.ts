// The program under nohup: it outlives the terminal that it was started from.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { describe, it } from "node:test";

import { curl, PROGRAM } from "./htbin-process.ts";

const missing = ["bash", "nohup"].find((program) => spawnSync(program, ["--version"]).error !== undefined);

describe("htbin under nohup", { skip: missing === undefined ? false : `${missing} is not installed` }, () => {
  it("goes on serving after SIGHUP, and ends in order on SIGTERM", async () => {
    // The shell stays, so that it starts nohup as it does at a prompt; it passes on what is sent to the group.
    const script = 'trap : HUP TERM; nohup "$0" "$@" & wait; wait; wait $!';
    const words = [process.execPath, PROGRAM, "0", "-b", "127.0.0.1", "-d", tmpdir()];
    const shell = spawn("bash", ["-c", script, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const closed = once(shell, "close");
    try {
      let said = "";
      shell.stdout.setEncoding("utf8");
      while (!said.includes("\n")) said += String((await once(shell.stdout, "data"))[0]);
      const [, url = ""] = /\((http:[^)]*)\)/.exec(said) ?? [];
      process.kill(-shell.pid!, "SIGHUP");
      // Two requests one after the other: the signal has come by then.
      for (let i = 0; i < 2; i++) assert.equal((await curl("--head", url)).status, 200);
      process.kill(-shell.pid!, "SIGTERM");
      await closed;
    } finally {
      try {
        process.kill(-shell.pid!, "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    }
  });
});
