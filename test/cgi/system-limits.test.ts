// What htbin does when the system has no more processes, descriptors, disk or memory to give: with real limits, on the real program.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { type RunningHtbin, startHtbin } from "../cli/htbin-process.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

const isRoot = process.getuid?.() === 0;
const hasPrlimit = spawnSync("prlimit", ["--version"]).status === 0;
const skip = !hasPrlimit && "prlimit(1), which changes the limits of a running process, is not installed";

/** Nobody else's processes count for it. */
const USER = 54_321;

const ROADS = ["posix_spawn", "child_process"] as const;

interface Running {
  readonly htbin: RunningHtbin;
  readonly root: string;
  readonly pid: number;
  /** On a connection that stays: a new one would need a descriptor by itself. */
  ask(path: string, body?: Buffer): Promise<{ status: number; retryAfter: string | undefined; body: string }>;
  /** Soft limits alone, so that they can be raised again. */
  limit(words: string): void;
  descriptors(): number;
}

async function start(
  context: TestContext,
  road: (typeof ROADS)[number],
  settings: { uid?: number; env?: Record<string, string> } = {},
): Promise<Running> {
  const root = temporaryDirectory(context);
  putScript(root, "cgi-bin/hello", "#!/bin/sh\necho Content-Type: text/plain\necho\necho hello\n");
  putScript(root, "cgi-bin/size", "#!/bin/sh\necho Content-Type: text/plain\necho\nwc -c < /dev/stdin\n");
  put(root, "file.txt", "file\n");
  const env = { HTBIN_CGI_START: road === "child_process" ? road : "", ...settings.env };
  const user = settings.uid === undefined ? {} : { uid: settings.uid, gid: settings.uid };
  const htbin = await startHtbin(["--bind", "127.0.0.1", "--cgi", "--directory", root, "0"], {
    env,
    ...user,
  });
  context.after(() => htbin[Symbol.asyncDispose]());
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  context.after(() => agent.destroy());
  const { pid } = htbin.child;
  assert.ok(pid !== undefined);
  const ask: Running["ask"] = (path, body) =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, htbin.url), { agent, method: body ? "POST" : "GET" }, (response) => {
        let text = "";
        response.setEncoding("latin1").on("data", (piece: string) => (text += piece));
        response.on("end", () => {
          const retryAfter = response.headers["retry-after"];
          resolve({ status: response.statusCode!, retryAfter, body: text });
        });
      });
      sent.on("error", reject).end(body);
    });
  const limit = (words: string): void => {
    const { status, stderr } = spawnSync("prlimit", ["--pid", String(pid), words], {
      encoding: "utf8",
      ...user,
    });
    assert.equal(status, 0, stderr);
  };
  const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;
  return { htbin, root, pid, ask, limit, descriptors };
}

/** The soft limit that a process has now, as prlimit writes it. */
function softLimit(pid: number, name: string): string {
  return new RegExp(`^${name} +(\\S+)`, "m").exec(readFileSync(`/proc/${pid}/limits`, "utf8"))![1]!;
}

/** The number that the next descriptor would get: no number from there on is given out any more. */
function lowestFree(pid: number): number {
  const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let number = 0;
  while (taken.has(number)) number++;
  return number;
}

async function until(condition: () => boolean, what: () => string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, what());
    await sleep(20);
  }
}

for (const road of ROADS) {
  describe(`a system at its limits, scripts started by ${road}`, { skip }, () => {
    it(
      "answers 503 while there are no processes (EAGAIN), and goes on when there are",
      { skip: !isRoot && "needs root, to have a user whose processes are known" },
      async (context) => {
        const { htbin, pid, ask, limit, descriptors } = await start(context, road, { uid: USER });
        assert.equal((await ask("/cgi-bin/hello")).status, 200);
        await sleep(100);
        const before = descriptors();
        const soft = softLimit(pid, "Max processes");
        limit("--nproc=1:");
        const logged = htbin.stderr.length;
        const refused = await ask("/cgi-bin/hello");
        assert.deepEqual([refused.status, refused.retryAfter], [503, "5"]);
        assert.equal((await ask("/file.txt")).body, "file\n");
        limit(`--nproc=${soft}:`);
        assert.equal((await ask("/cgi-bin/hello")).body, "hello\n");
        await htbin.says("stderr", /hello HTTP\/1.1" 503 /);
        const lines = htbin.stderr.slice(logged).split("\n");
        assert.equal(lines.filter((line) => line.includes("(EAGAIN)")).length, 1, lines.join("\n"));
        await until(
          () => descriptors() <= before,
          () => `${descriptors()} of ${before}`,
        );
      },
    );

    it("answers 503 while there are no descriptors (EMFILE), and goes on when there are", async (context) => {
      const { htbin, pid, ask, limit, descriptors } = await start(context, road);
      assert.equal((await ask("/cgi-bin/hello")).status, 200);
      await sleep(100);
      const before = descriptors();
      const soft = softLimit(pid, "Max open files");
      limit(`--nofile=${lowestFree(pid)}:`);
      for (let i = 0; i < 3; i++) {
        const refused = await ask("/cgi-bin/hello");
        assert.deepEqual([refused.status, refused.retryAfter], [503, "5"]);
      }
      limit(`--nofile=${soft}:`);
      assert.equal((await ask("/cgi-bin/hello")).body, "hello\n");
      await until(
        () => (htbin.stderr.match(/hello HTTP\/1.1" 503 /g) ?? []).length === 3,
        () => htbin.stderr,
      );
      await until(
        () => descriptors() <= before,
        () => `${descriptors()} of ${before}`,
      );
    });

    it(
      "answers 503 while there is no memory for a process (ENOMEM), and goes on when there is",
      { skip: road === "child_process" && "fork(2) takes no memory of its own that this limit would count" },
      async (context) => {
        const { htbin, pid, ask, limit, descriptors } = await start(context, road);
        // Whatever is compiled or allocated for the first time asks for memory, too; and what is loaded ahead is loaded by now.
        for (const path of ["/", "/?archive=zip"]) assert.equal((await ask(path)).status, 200);
        for (let i = 0; i < 5; i++) assert.equal((await ask("/cgi-bin/hello")).status, 200);
        assert.equal((await ask("/cgi-bin/no-such-script")).status, 404);
        await sleep(100);
        const before = descriptors();
        const soft = softLimit(pid, "Max address space");
        const [, size] = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
        limit(`--as=${Number(size) * 1024}:`);
        const logged = htbin.stderr.length;
        const refused = await ask("/cgi-bin/hello");
        limit(`--as=${soft}:`);
        assert.deepEqual([refused.status, refused.retryAfter], [503, "5"]);
        assert.equal((await ask("/cgi-bin/hello")).body, "hello\n");
        await htbin.says("stderr", /hello HTTP\/1.1" 503 /);
        const lines = htbin.stderr.slice(logged).split("\n");
        assert.equal(lines.filter((line) => line.includes("(ENOMEM)")).length, 1, lines.join("\n"));
        await until(
          () => descriptors() <= before,
          () => `${descriptors()} of ${before}`,
        );
      },
    );

    it(
      "answers 500 while there is no disk for a body (ENOSPC), and keeps nothing of it",
      { skip: !isRoot && "needs root, to mount a small disk" },
      async (context) => {
        let disk = "";
        context.after(() => spawnSync("umount", ["--lazy", disk]));
        disk = temporaryDirectory(context);
        const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "none", disk]);
        if (mounted.status !== 0) return context.skip("this system lets nobody mount a disk");
        chmodSync(disk, 0o777);
        const { htbin, ask, descriptors } = await start(context, road, { env: { TMPDIR: disk } });
        assert.equal((await ask("/cgi-bin/size", Buffer.alloc(100_000))).body.trim(), "100000");
        await sleep(100);
        const before = descriptors();
        const logged = htbin.stderr.length;
        assert.equal((await ask("/cgi-bin/size", Buffer.alloc(500_000))).status, 500);
        assert.equal((await ask("/cgi-bin/size", Buffer.alloc(100_000))).body.trim(), "100000");
        await htbin.says("stderr", /size HTTP\/1.1" 500 .*\n/);
        const lines = htbin.stderr.slice(logged).split("\n");
        assert.equal(lines.filter((line) => line.includes("(ENOSPC)")).length, 1, lines.join("\n"));
        assert.deepEqual(readdirSync(disk), []);
        await until(
          () => descriptors() <= before,
          () => `${descriptors()} of ${before}`,
        );
      },
    );
  });
}
