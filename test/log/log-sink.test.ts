import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { LogSink } from "../../src/log/log-sink.ts";

/** A sink, and what it has written so far, one item for each write. */
function recorder(): { sink: LogSink; writes: string[] } {
  const writes: string[] = [];
  return { sink: new LogSink((text) => writes.push(text)), writes };
}

/** A program that can log through the built sink. */
function program(source: string): string {
  const module = new URL("../../src/log/log-sink.js", import.meta.url).href;
  return `import { LogSink, stderrLog } from ${JSON.stringify(module)}; ${source}`;
}

/** Runs a program that logs through the built sink to stderr. */
function run(source: string): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, ["--input-type=module", "--eval", program(source)], {
    encoding: "utf8",
  });
}

describe("LogSink", () => {
  it("makes one write for entries that come together, in their order", () => {
    const { sink, writes } = recorder();
    sink.write("a\n");
    sink.write("b\n");
    assert.deepEqual(writes, []);
    sink.flush();
    assert.deepEqual(writes, ["a\nb\n"]);
  });

  it("writes by itself after a moment", async () => {
    const { sink, writes } = recorder();
    sink.write("a\n");
    for (let i = 0; i < 200 && writes.length === 0; i++) await delay(10);
    assert.deepEqual(writes, ["a\n"]);
    sink.write("b\n");
    for (let i = 0; i < 200 && writes.length === 1; i++) await delay(10);
    assert.deepEqual(writes, ["a\n", "b\n"]);
  });

  it("writes at once when enough has come together", () => {
    const { sink, writes } = recorder();
    sink.write("a\n");
    const long = `${"x".repeat(20_000)}\n`;
    sink.write(long);
    assert.deepEqual(writes, [`a\n${long}`]);
  });

  it("writes nothing when there is nothing, and nothing twice", () => {
    const { sink, writes } = recorder();
    sink.flush();
    sink.write("a\n");
    sink.flush();
    sink.flush();
    assert.deepEqual(writes, ["a\n"]);
  });

  it("keeps what is logged while it writes for the next time", () => {
    const writes: string[] = [];
    const sink: LogSink = new LogSink((text) => {
      writes.push(text);
      if (writes.length === 1) sink.write("again\n");
    });
    sink.write("a\n");
    sink.flush();
    assert.deepEqual(writes, ["a\n"]);
    sink.flush();
    assert.deepEqual(writes, ["a\n", "again\n"]);
  });

  it("tells at the end of the program, and after that writes at once", () => {
    const { stderr } = run(`
      const calls = [];
      const other = new LogSink((text) => calls.push(text), () => calls.push("finish"));
      other.write("a\\n");
      process.on("exit", () => {
        other.write("b\\n");
        stderrLog.write(JSON.stringify(calls) + "\\n");
      });
    `);
    assert.deepEqual(JSON.parse(stderr), ["a\n", "finish", "b\n"]);
  });
});

describe("stderrLog", () => {
  it("loses nothing at the end of the program, and does not hold it up", () => {
    const { status, stderr } = run(`stderrLog.write("last\\n");`);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "last\n" });
  });

  it("loses nothing at process.exit() and at an uncaught error", () => {
    assert.equal(run(`stderrLog.write("last\\n"); process.exit(3);`).stderr, "last\n");
    const { status, stderr } = run(`stderrLog.write("last\\n"); throw new Error("oops");`);
    assert.equal(status, 1);
    assert.match(stderr, /^last$/m);
  });

  it("loses nothing of a long log", () => {
    const { stderr } = run(`for (let i = 0; i < 20_000; i++) stderrLog.write("line " + i + "\\n");`);
    const lines = stderr.split("\n");
    assert.equal(lines.length, 20_001);
    assert.equal(lines[19_999], "line 19999");
  });

  it("goes on without a word when nobody reads it any more", async () => {
    const source = program(`
      let left = 20;
      const log = () => {
        stderrLog.write("line\\n".repeat(5000));
        if (--left > 0) setTimeout(log, 5);
        else console.log("still here");
      };
      log();`);
    const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    await once(child.stderr, "data");
    child.stderr.destroy();
    const [code] = (await once(child, "close")) as [number];
    assert.deepEqual([code, stdout], [0, "still here\n"]);
  });
});
