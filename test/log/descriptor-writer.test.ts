import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { DescriptorWriter } from "../../src/log/descriptor-writer.ts";

/** A writer, and what it has told about troubles. */
function makeWriter(fd: number): { writer: DescriptorWriter; told: string[] } {
  const told: string[] = [];
  const writer = new DescriptorWriter(fd, {
    onFailure: (error) => told.push((error as NodeJS.ErrnoException).code ?? String(error)),
    onDropped: (lines) => told.push(`dropped ${lines}`),
  });
  return { writer, told };
}

describe("DescriptorWriter", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-writer-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("writes at once", () => {
    const path = join(folder, "log");
    const fd = openSync(path, "a");
    const { writer } = makeWriter(fd);
    writer.write("a\n");
    assert.equal(readFileSync(path, "utf8"), "a\n");
    writer.write("é\nb\n");
    assert.equal(readFileSync(path, "utf8"), "a\né\nb\n");
    closeSync(fd);
  });

  it("goes on with another descriptor, and gives back the one before", () => {
    const fds = ["one", "two"].map((name) => openSync(join(folder, name), "a"));
    const { writer } = makeWriter(fds[0]!);
    writer.write("a\n");
    assert.equal(writer.replace(fds[1]!), fds[0]);
    writer.write("b\n");
    assert.equal(readFileSync(join(folder, "one"), "utf8"), "a\n");
    assert.equal(readFileSync(join(folder, "two"), "utf8"), "b\n");
    fds.forEach((fd) => closeSync(fd));
  });

  it("tells once of a disk without room, keeps the lines, and writes them where there is room again", (t) => {
    if (process.platform !== "linux") return t.skip("only Linux has /dev/full");
    const full = openSync("/dev/full", "w");
    const fd = openSync(join(folder, "room"), "a");
    const { writer, told } = makeWriter(full);
    writer.write("a\n");
    writer.write("b\n");
    assert.deepEqual(told, ["ENOSPC"]);
    assert.equal(writer.replace(fd), full);
    assert.equal(readFileSync(join(folder, "room"), "utf8"), "a\nb\n");
    writer.replace(full);
    writer.write("c\n");
    assert.deepEqual(told, ["ENOSPC", "ENOSPC"]);
    writer.finish();
    closeSync(full);
    closeSync(fd);
  });

  it("drops what is too much, whole lines, and says how many when it can write again", (t) => {
    if (process.platform !== "linux") return t.skip("only Linux has /dev/full");
    const full = openSync("/dev/full", "w");
    const { writer, told } = makeWriter(full);
    const kept = `${"x".repeat(17 * 1024 * 1024)}\n`;
    writer.write(kept);
    writer.write("a\nb\n");
    writer.write("c\n");
    const fd = openSync(join(folder, "much"), "a");
    writer.replace(fd);
    assert.deepEqual(told, ["ENOSPC", "dropped 3"]);
    assert.equal(readFileSync(join(folder, "much"), "utf8"), kept);
    closeSync(full);
    closeSync(fd);
  });

  it("keeps what a full pipe does not take, and writes it when it is read", async (t) => {
    if (process.platform === "win32") return t.skip("Windows has no mkfifo");
    const path = join(folder, "fifo");
    assert.equal(spawnSync("mkfifo", [path]).status, 0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const { writer, told } = makeWriter(fd);
    const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`);
    for (const line of lines) writer.write(line);
    let text = "";
    const buffer = Buffer.alloc(65_536);
    while (text.length < lines.join("").length) {
      try {
        text += buffer.toString("latin1", 0, readSync(reader, buffer));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, "EAGAIN");
        // The writer tries again by itself.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    assert.ok(text === lines.join(""));
    assert.deepEqual(told, []);
    closeSync(reader);
    closeSync(fd);
  });

  it("forgets what nobody can read any more, and tells once", (t) => {
    if (process.platform === "win32") return t.skip("Windows has no mkfifo");
    const path = join(folder, "closed");
    assert.equal(spawnSync("mkfifo", [path]).status, 0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(reader);
    const { writer, told } = makeWriter(fd);
    for (let i = 0; i < 3; i++) writer.write("a\n");
    assert.deepEqual(told, ["EPIPE"]);
    closeSync(fd);
  });

  it("waits at the end for a slow reader, as long as it reads", async () => {
    const lines = 100_000;
    const { child, received } = program(`
      for (let i = 0; i < ${lines}; i++) stderrLog.write("line " + i + " ${"x".repeat(60)}\\n");
      process.exit(7);
    `);
    // Slower than the program writes, by far: a pipe holds some thousand lines.
    child.stderr.pause();
    await once(child.stdout, "data");
    child.stderr.resume();
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 7);
    const got = received().split("\n");
    assert.equal(got.length, lines + 1);
    assert.ok(got.slice(0, lines).every((line, i) => line.startsWith(`line ${i} `)));
  });

  it("does not wait for ever for a reader that takes nothing", async () => {
    const { child } = program(`
      for (let i = 0; i < 100_000; i++) stderrLog.write("line " + i + " ${"x".repeat(60)}\\n");
      process.exit(7);
    `);
    child.stderr.pause();
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 7);
    child.stderr.destroy();
  });

  /** A program that logs through the built sink to stderr, and says on stdout that it is about to. */
  function program(source: string): {
    child: ReturnType<typeof spawnPiped>;
    received: () => string;
  } {
    const module = new URL("../../src/log/log-sink.js", import.meta.url).href;
    const child = spawnPiped(`import { stderrLog } from ${JSON.stringify(module)};
      import { writeSync } from "node:fs";
      writeSync(1, "begin\\n");
      ${source}`);
    let text = "";
    child.stderr.setEncoding("latin1").on("data", (piece: string) => (text += piece));
    return { child, received: () => text };
  }

  function spawnPiped(source: string) {
    return spawn(process.execPath, ["--input-type=module", "--eval", source], {
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
});
