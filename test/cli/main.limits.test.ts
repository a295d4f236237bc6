// What the program does at its limits: descriptors, connections, sizes, times; and when nobody can reach it any more.

import { describe, it } from "node:test";
import assert from "node:assert/strict";
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { exchange, RawClient } from "../raw-client.ts";
import { startHtbin, type RunningHtbin } from "./htbin-process.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const LARGE = "GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n";
const onLinux = process.platform === "linux" ? {} : { skip: "ulimit and /proc are those of Linux" };
const onUnix = process.platform === "win32" ? { skip: "Windows has pipes instead" } : {};

class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "htbin-limits-"));

  constructor() {
    writeFileSync(join(this.path, "index.html"), "hello");
    writeFileSync(join(this.path, "large.bin"), "");
    truncateSync(join(this.path, "large.bin"), 1 << 28);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Seconds that a process has used the processor. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Begins downloads that nobody reads, until a connection gets none. */
async function fill(program: RunningHtbin): Promise<{ clients: RawClient[]; statuses: string[] }> {
  const clients: RawClient[] = [];
  const statuses: string[] = [];
  while (statuses.at(-1) !== "closed" && clients.length < 100) {
    const client = await RawClient.connect(program.port);
    clients.push(client);
    client.send(LARGE);
    await client.until(() => client.received > 0 || client.isClosed).catch(() => {});
    client.socket.pause();
    statuses.push(client.received > 0 ? client.text.slice(9, 12) : "closed");
  }
  return { clients, statuses };
}

describe("htbin without file descriptors", { timeout: 60_000, ...onLinux }, () => {
  it("says so once, uses no processor, answers 503 for files, and recovers", async () => {
    using folder = new Folder();
    const seen = new Set<string>();
    // Whether the last descriptor is missed by a connection or by a file depends on how many there are.
    for (const descriptors of [64, 65]) {
      await using program = await startHtbin(["-b", "127.0.0.1", "0", folder.path], { descriptors });
      const { clients, statuses } = await fill(program);
      for (const status of statuses) seen.add(status);
      await program.says("stderr", "no file descriptor is left");
      const before = processorTime(program.child.pid!);
      const more = await Promise.all(
        Array.from({ length: 100 }, async () => {
          const client = await RawClient.connect(program.port);
          await client.untilEnd();
          return client;
        }),
      );
      await delay(1_500);
      const used = processorTime(program.child.pid!) - before;
      assert.ok(used < 0.75, `${used} s of the processor in 1.5 s`);
      assert.equal(program.stderr.match(/no file descriptor is left/g)!.length, 1);
      for (const client of [...clients, ...more]) client.socket.destroy();
      await program.says("stderr", "there are file descriptors again");
      assert.match(await exchange(program.port, GET), /^HTTP\/1\.1 200 .*hello$/s);
      assert.equal(program.stderr.match(/no file descriptor is left/g)!.length, 1);
    }
    assert.deepEqual([...seen].sort(), ["200", "503", "closed"]);
  });
});

describe("htbin and its limits", { timeout: 60_000 }, () => {
  it("--max-connections: one more is answered 503, and the log says so", async () => {
    using folder = new Folder();
    await using program = await startHtbin(["-b", "127.0.0.1", "--max-connections", "2", "0", folder.path]);
    const held = [await RawClient.connect(program.port), await RawClient.connect(program.port)];
    for (const client of held) {
      client.send(LARGE);
      await client.untilText("HTTP/1.1 200");
      client.socket.pause();
    }
    assert.match(await exchange(program.port, GET), /^HTTP\/1\.1 503 .*Retry-After: 5/s);
    await program.says("stderr", "2 connections with a request are open, the most that may be");
    for (const client of held) client.socket.destroy();
    await program.says("stderr", "there is room for connections again; 1 were refused");
    assert.match(await exchange(program.port, GET), /^HTTP\/1\.1 200 /);
  });

  it("--max-body: more is 413", async () => {
    using folder = new Folder();
    await using program = await startHtbin(["-b", "127.0.0.1", "--max-body", "1K", "0", folder.path]);
    const post = (size: number): string =>
      `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`;
    assert.match(await exchange(program.port, post(1024)), /^HTTP\/1\.1 405 /);
    assert.match(await exchange(program.port, post(1025)), /^HTTP\/1\.1 413 /);
  });

  it("--timeout: who is silent or takes nothing for so long is gone", async () => {
    using folder = new Folder();
    await using program = await startHtbin(["-b", "127.0.0.1", "--timeout", "0.5", "0", folder.path]);
    using silent = await RawClient.connect(program.port);
    using half = await RawClient.connect(program.port);
    half.send("GET / HT");
    using stalled = await RawClient.connect(program.port);
    stalled.socket.pause();
    stalled.send(LARGE);
    assert.equal(await silent.untilEnd(), "");
    assert.match(await half.untilEnd(), /^HTTP\/1\.1 408 /);
    await program.says("stderr", '"GET /large.bin HTTP/1.1" 200');
  });

  it("--grace: what still runs after it is cut, and the program ends with 0", async () => {
    using folder = new Folder();
    await using program = await startHtbin(["-b", "127.0.0.1", "--grace", "0", "0", folder.path]);
    using client = await RawClient.connect(program.port);
    client.send(LARGE);
    await client.untilText("HTTP/1.1 200");
    client.socket.pause();
    program.kill("SIGTERM");
    assert.equal((await program.ended()).code, 0);
  });
});

describe("htbin on a Unix socket that it loses", { timeout: 60_000, ...onUnix }, () => {
  it("ends with 1 when the socket was removed, after the request that runs, and says so", async () => {
    using folder = new Folder();
    const path = join(folder.path, "s");
    await using program = await startHtbin(["--unix", path, folder.path]);
    using running = await RawClient.connect(path);
    running.send("GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await running.untilText("HTTP/1.1 200");
    running.socket.pause();
    rmSync(path);
    await program.says("stderr", `no client can reach the server any more: ${path} was removed; it ends`);
    running.socket.resume();
    await running.until(() => running.hasEnded, "the whole answer", 30_000);
    assert.ok(running.received > 1 << 28);
    const { code, stderr } = await program.ended();
    assert.equal(code, 1);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });

  it("leaves the socket of another server alone that has taken its path", async (t) => {
    using folder = new Folder();
    const path = join(folder.path, "s");
    await using program = await startHtbin(["--unix", path, folder.path]);
    const other = createServer((socket) => socket.end("other"));
    t.after(() => other.close());
    other.listen(`${path}2`);
    await once(other, "listening");
    renameSync(`${path}2`, path);
    await program.says("stderr", `another server has taken ${path}; it ends`);
    assert.equal((await program.ended()).code, 1);
    assert.ok(statSync(path).isSocket());
    assert.equal(await exchange(path, ""), "other");
  });
});
