// The program where its words cannot be written, and where it has no folder to be in.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { curl, PROGRAM } from "./htbin-process.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "htbin-output-"));
  writeFileSync(join(folder, "hello.txt"), "hello\n");
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a line of the shell in which `htbin` is the program; resolves with what it said, and its exit code. */
async function shell(line: string, ...words: string[]): Promise<{ said: string; code: number }> {
  const script = `htbin() { "$NODE" "$PROGRAM" "$@"; }\n${line}`;
  const env = { ...process.env, NODE: process.execPath, PROGRAM };
  const child = spawn("sh", ["-c", script, "sh", ...words], { stdio: ["ignore", "pipe", "inherit"], env });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [number];
  return { said, code };
}

describe(
  "htbin, when the disk that its output goes to is full",
  {
    skip: existsSync("/dev/full") ? false : "there is no /dev/full",
  },
  () => {
    it("serves all the same, and ends in order", async () => {
      const socket = join(folder, "socket");
      // What goes to the log says that it has started and been asked; the banner is what cannot be written.
      const child = spawn(
        "sh",
        ["-c", 'exec "$0" "$1" -d "$2" --unix "$3" >/dev/full', process.execPath, PROGRAM, folder, socket],
        { stdio: ["ignore", "ignore", "pipe"] },
      );
      let errors = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
      const closed = once(child, "close");
      try {
        const answer = await Promise.race([
          curl(
            "--retry",
            "50",
            "--retry-connrefused",
            "--retry-all-errors",
            "--retry-delay",
            "0",
            "--unix-socket",
            socket,
            "http://localhost/hello.txt",
          ),
          closed.then(() => assert.fail(`htbin has ended: ${errors}`)),
        ]);
        assert.equal(answer.body, "hello\n");
        child.kill("SIGINT");
        assert.deepEqual(await closed, [0, null]);
        assert.doesNotMatch(errors, / {4}at |ENOSPC/);
      } finally {
        child.kill("SIGKILL");
        await closed;
      }
    });
  },
);

describe(
  "htbin in a folder that was removed",
  {
    skip: process.platform === "win32" ? "Windows removes no folder that someone is in" : false,
  },
  () => {
    it("says so, and what to do", async () => {
      const gone = join(folder, "gone");
      mkdirSync(gone);
      const { said, code } = await shell('cd "$1" && rmdir "$1" && htbin 0 2>&1', gone);
      assert.match(said, /^htbin: the current folder was removed; go to another, or name the folder .*\.\n$/);
      assert.equal(code, 1);
    });
  },
);
