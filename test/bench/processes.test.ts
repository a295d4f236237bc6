import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import assert from "node:assert/strict";

import { hasEnded, lastLines, runProcess, startProcess, stopProcess } from "../../bench/processes.ts";

const skip = existsSync("/proc/self/stat") ? false : "the bench needs Linux's /proc";

describe("the bench's processes", () => {
  it("end with their whole group, even one that ignores SIGTERM", { skip }, async () => {
    const program = 'trap "" TERM; sleep 60 & echo $!; wait; sleep 60';
    const child = startProcess(["sh", "-c", program], { stdout: "pipe", stderr: "ignore" }, "/");
    const grandchild = await new Promise<number>((resolve) => {
      child.stdout?.once("data", (bytes: Buffer) => resolve(Number(bytes.toString())));
    });
    assert.equal(isRunning(grandchild), true);
    await stopProcess(child);
    assert.equal(hasEnded(child), true);
    // The signal is sent; the kernel may need a moment to carry it out.
    for (let wait = 0; wait < 100 && isRunning(grandchild); wait += 1) await delay(20);
    assert.equal(isRunning(grandchild), false);
  });

  it("say why when they fail", { skip }, async () => {
    await assert.rejects(runProcess(["sh", "-c", "echo no luck >&2; exit 3"]), /ended with 3: no luck$/);
    await assert.rejects(runProcess(["/no/such/program"]), /ENOENT/);
  });
});

describe("lastLines", () => {
  it("finds the error in what Node prints when a program ends badly", () => {
    const text =
      "node:internal:1\n  throw err;\n\nError: Cannot find module 'x'\n    at a\n    at b\n\nNode.js v20\n";
    assert.equal(lastLines(text), "Error: Cannot find module 'x'");
  });

  it("is otherwise the end of what was said", () => {
    assert.equal(lastLines("1\n2\n\n3\n4\n5\n"), "2 / 3 / 4 / 5");
  });
});

/** Of a process that has ended but was not yet collected, /proc shows the state Z. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch {
    return false;
  }
}
