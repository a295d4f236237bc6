// The soak itself, on real servers: a check that cannot fail is none, so it is shown to fail.

import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "..", "..", "soak", "main.js");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function soak(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

describe(
  "npm run soak",
  { timeout: 180_000, skip: process.platform === "win32" && "its scripts need /bin/sh" },
  () => {
    it("notices each leak that is planted, and a server that does not end", async () => {
      const { code, stdout } = await soak(
        "--requests",
        "150",
        "--plant",
        "file,timer,heap,buffer,process,stack,line",
      );
      assert.equal(code, 1, stdout);
      for (const wanted of [
        /FAILED: handles, timers, requests grew/,
        /FAILED: heap after gc grew/,
        /FAILED: buffers grew/,
        /FAILED: stderr has a line that is no log line:  {4}at somewhere/,
        /FAILED: stderr has \d+ lines, and \d+ at most are right/,
        /FAILED: it ended with nothing less than SIGKILL/,
        ...(existsSync("/proc/self/fd")
          ? [/FAILED: open files grew/, /FAILED: processes grew from 0 to 1/]
          : []),
      ]) {
        assert.match(stdout, wanted);
      }
      assert.match(stdout, /Something was left behind\.\n$/);
    });

    it("finds nothing where nothing was planted, on both servers", async () => {
      const { code, stdout, stderr } = await soak("--requests", "300", "--seed", "3");
      assert.equal(code, 0, stdout + stderr);
      assert.equal(stdout.match(/requests, \d+ of them broken off/g)?.length, 2);
      assert.match(stdout, /Nothing was left behind\.\n$/);
    });

    it("ends with 2 and one sentence for a wrong option", async () => {
      const { code, stderr } = await soak("--requests", "none");
      assert.equal(code, 2);
      assert.match(stderr, /^npm run soak: --requests takes [^\n]+\.\n$/);
    });
  },
);
