import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startByChildProcess } from "../../src/cgi/child-process.ts";
import { loadPosixSpawn } from "../../src/cgi/posix-spawn.ts";
import { type ScriptProcess, type ScriptStart, startScript } from "../../src/cgi/script-process.ts";
import type { ProcessStdin, StartProcess } from "../../src/cgi/started-process.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";

const roads: readonly (readonly [name: string, road: StartProcess | undefined])[] = [
  ["posix_spawn", await loadPosixSpawn()],
  ["child_process", startByChildProcess],
];

interface Run {
  readonly script: ScriptProcess;
  readonly directory: string;
  readonly stderr: string[];
}

type Start = (context: TestContext, source: string, changes?: Partial<ScriptStart>) => Promise<Run>;

const starting =
  (road: StartProcess): Start =>
  (context, source, changes = {}) =>
    start(road, context, source, changes);

async function start(
  road: StartProcess,
  context: TestContext,
  source: string,
  changes: Partial<ScriptStart>,
): Promise<Run> {
  const directory = temporaryDirectory(context);
  const command = putScript(directory, "a script's file", `#!/bin/sh\n${source}\n`);
  const stderr: string[] = [];
  const script = await startScript(
    {
      command,
      args: [],
      environment: new Map([["PATH", process.env["PATH"] ?? "/bin"]]),
      directory,
      user: undefined,
      stdin: "empty",
      resources: {},
      killGrace: 300,
      onStderrLine: (line) => stderr.push(line),
      ...changes,
    },
    road,
  );
  context.after(() => script.end());
  return { script, directory, stderr };
}

async function outputOf(script: ScriptProcess, limit = 10_000): Promise<string> {
  let output = "";
  for (;;) {
    const read = await script.read(limit);
    if (read.kind !== "bytes") return read.kind === "end" ? output : `${output}(${read.kind})`;
    output += read.bytes.toString("latin1");
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie still has a number.
    return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, milliseconds = 5_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await sleep(10);
  }
}

it("starts a script by posix_spawn in the server's own session, so that the scheduler shares out by server", async (context) => {
  const road = roads[0]![1];
  if (road === undefined) return context.skip("no posix_spawn here");
  const sessionOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[3]);
  const { script } = await starting(road)(context, "cat /proc/$$/stat");
  assert.equal(sessionOf(await outputOf(script)), sessionOf(readFileSync("/proc/self/stat", "utf8")));
});

for (const [name, road] of roads) {
  const skip = onWindows || (road === undefined && `this machine has no ${name}`);
  describe(`startScript by ${name}`, { skip }, () => aboutScripts(road!));
}

function aboutScripts(road: StartProcess): void {
  const start = starting(road);

  /** Node's own pipe is a socket, and on Linux no socket can be opened: there a body comes in a file. */
  function openableStdins(context: TestContext, body: string): [number, ...ProcessStdin[]] {
    const file = openSync(put(temporaryDirectory(context), "body", body, 0o600), "r");
    context.after(() => closeSync(file));
    return road === startByChildProcess ? [file] : [file, "pipe"];
  }

  it("runs a file by its path, in its directory, with only the given environment and no arguments", async (context) => {
    const { script, directory } = await start(context, 'echo "$0:$#:$(pwd):$X:$HOME"', {
      environment: new Map([
        ["X", "y"],
        ["PATH", "/bin:/usr/bin"],
      ]),
    });
    assert.equal(await outputOf(script), `${directory}/a script's file:0:${directory}:y:\n`);
    assert.deepEqual(await script.exited, { code: 0, signal: null });
  });

  it("gives a script without a body an stdin that is at its end", async (context) => {
    const { script } = await start(context, "cat; echo done");
    assert.equal(script.stdin, undefined);
    assert.equal(await outputOf(script), "done\n");
  });

  it("passes the body, and pumps both ways at once", async (context) => {
    const { script } = await start(context, "exec cat", { stdin: "pipe" });
    const body = Buffer.alloc(3 * 1024 * 1024, "abcdefg");
    script.stdin?.end(body);
    const output = await outputOf(script);
    assert.equal(output.length, body.length);
    assert.equal(output, body.toString());
  });

  it("takes no harm from a script that does not read its body", async (context) => {
    const { script } = await start(context, "echo no thanks", { stdin: "pipe" });
    script.stdin?.end(Buffer.alloc(5 * 1024 * 1024));
    assert.equal(await outputOf(script), "no thanks\n");
    await script.exited;
  });

  it("does not read ahead of its reader", async (context) => {
    const { script, stderr } = await start(context, "head -c 8000000 /dev/zero; echo written >&2");
    await sleep(300);
    const first = await script.read(1000);
    assert.ok(first.kind === "bytes" && first.bytes.length < 1_000_000);
    await sleep(100);
    assert.deepEqual(stderr, [], "it could write all, although nobody has read all");
    assert.equal((await outputOf(script)).length, 8_000_000 - first.bytes.length);
    await until(() => stderr.length > 0);
    assert.deepEqual(stderr, ["written"]);
  });

  it("keeps what a script printed before it ended, however late it is read", async (context) => {
    const { script } = await start(context, "head -c 150000 /dev/zero");
    await sleep(300);
    assert.equal((await outputOf(script)).length, 150_000);
    assert.deepEqual(await script.exited, { code: 0, signal: null });
  });

  it("drains stderr and hands it on in lines, also a megabyte before the answer", async (context) => {
    const source =
      "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; head -c 1000000 /dev/zero >&2; echo ok";
    const { script, stderr } = await start(context, source);
    assert.equal(await outputOf(script), "ok\n");
    await script.exited;
    await until(() => stderr.join("").length >= 1_000_000);
    assert.equal(stderr[1999], "line 1999");
    assert.ok(stderr.every((line) => line.length <= 4096));
  });

  it("says when nothing comes in time", async (context) => {
    const { script } = await start(context, "echo a; sleep 5; echo b");
    assert.equal(await outputOf(script, 200), "a\n(silent)");
  });

  it("does not wait for what the script left in the background", async (context) => {
    const { script } = await start(context, "sleep 30 & echo answer");
    const began = Date.now();
    assert.equal(await outputOf(script), "answer\n");
    const took = Date.now() - began;
    assert.ok(took < 4_000, `${took} ms`);
  });

  it("still takes what comes from the background as long as it keeps coming", async (context) => {
    const { script } = await start(context, "(sleep 0.4; echo late; sleep 0.4; echo later) & echo answer");
    assert.equal(await outputOf(script), "answer\nlate\nlater\n");
  });

  it("ends the whole group by SIGTERM", async (context) => {
    const { script } = await start(context, "sleep 60 & echo $!; wait");
    const read = await script.read(5_000);
    assert.ok(read.kind === "bytes");
    const grandchild = Number(read.bytes.toString());
    assert.ok(isAlive(grandchild));
    script.end();
    assert.deepEqual(await script.exited, { code: null, signal: "SIGTERM" });
    await until(() => !isAlive(grandchild));
  });

  it("kills after the grace what ignores SIGTERM", async (context) => {
    const { script } = await start(context, "trap '' TERM; echo ready; while :; do sleep 0.1; done");
    await script.read(5_000);
    const began = Date.now();
    script.end();
    script.end();
    assert.deepEqual(await script.exited, { code: null, signal: "SIGKILL" });
    assert.ok(Date.now() - began >= 290);
  });

  it("kills after the grace what the script started and SIGTERM did not end", async (context) => {
    const source = "(trap '' TERM; echo trapped; while :; do sleep 0.1; done) & echo $!; wait";
    const { script } = await start(context, source);
    let output = "";
    while (!/^trapped$/m.test(output) || !/^\d+$/m.test(output)) {
      const read = await script.read(5_000);
      assert.ok(read.kind === "bytes", output);
      output += read.bytes.toString();
    }
    const grandchild = Number(/^\d+$/m.exec(output)![0]);
    script.end();
    assert.equal((await script.exited).signal, "SIGTERM");
    assert.ok(isAlive(grandchild), "it has its grace, too");
    await until(() => !isAlive(grandchild));
  });

  it("rejects with the system's error, whether Node throws it or emits it", async (context) => {
    const directory = temporaryDirectory(context);
    const base: ScriptStart = {
      command: "",
      args: [],
      environment: new Map(),
      directory,
      user: undefined,
      stdin: "pipe",
      resources: {},
      killGrace: 100,
      onStderrLine: () => {},
    };
    const noInterpreter = putScript(directory, "a", "#!/nowhere/sh\n");
    await assert.rejects(startScript({ ...base, command: noInterpreter }, road), { code: "ENOENT" });
    const notExecutable = put(directory, "b", "#!/bin/sh\n");
    await assert.rejects(startScript({ ...base, command: notExecutable }, road), { code: "EACCES" });
    const fine = putScript(directory, "c", "#!/bin/sh\n");
    const huge = new Map([["X", "x".repeat(200_000)]]);
    await assert.rejects(startScript({ ...base, command: fine, environment: huge }, road), { code: "E2BIG" });
  });

  it("leaves neither descriptors nor zombies behind", async (context) => {
    if (!existsSync("/proc/self/fd")) return context.skip("no /proc");
    const open = (): number => readdirSync("/proc/self/fd").length;
    const pids: number[] = [];
    const runOnce = async (source: string, stdin: ProcessStdin): Promise<void> => {
      const { script } = await start(context, source, { stdin });
      script.stdin?.end("x");
      pids.push(script.pid);
      await outputOf(script);
      await script.exited;
    };
    await runOnce("echo warm", "pipe");
    await sleep(1_200);
    const before = open();
    for (let i = 0; i < 20; i++) {
      await runOnce("cat", "pipe");
      await runOnce("exit 3", "empty");
      await runOnce("kill -9 $$", "pipe");
      const { script } = await start(context, "sleep 20");
      script.end();
      await script.exited;
      await assert.rejects(start(context, "", { command: "/nowhere/x" }), { code: "ENOENT" });
    }
    await until(() => open() <= before);
    assert.ok(!pids.some(isAlive));
  });

  it(
    "can open its streams by name: /dev/stdin, /dev/stdout, /dev/stderr",
    { skip: !existsSync("/dev/stdin") && "no /dev/stdin" },
    async (context) => {
      const source = "cat /dev/stdin > /dev/stdout; echo to stderr > /dev/stderr; echo done >> /dev/stdout";
      for (const stdin of openableStdins(context, "body\n")) {
        const { script, stderr } = await start(context, source, { stdin });
        script.stdin?.end("body\n");
        assert.equal(await outputOf(script), "body\ndone\n");
        await until(() => stderr.length > 0);
        assert.deepEqual(stderr, ["to stderr"]);
      }
    },
  );

  it("gives awk its file names for standard streams", async (context) => {
    const source = 'awk \'BEGIN { print "out" > "/dev/stdout"; print "err" > "/dev/stderr" }\'';
    const { script, stderr } = await start(context, source);
    assert.equal(await outputOf(script), "out\n");
    await until(() => stderr.length > 0);
    assert.deepEqual(stderr, ["err"]);
  });

  it("starts a script in a group of its own, with signals as a shell has them", async (context) => {
    if (!existsSync("/proc/self/status")) return context.skip("no /proc");
    const { script } = await start(context, "cat /proc/$$/stat; grep -E '^Sig(Blk|Ign)' /proc/self/status");
    const output = await outputOf(script);
    const [, , group] = output.slice(output.lastIndexOf(") ") + 2).split(" ");
    assert.equal(Number(group), script.pid);
    assert.match(output, /^SigBlk:\t0+$/m);
    // 32 and 33 are the C library's own.
    assert.match(output, /^SigIgn:\t0{7}[01][08]0{7}$/m);
  });

  it("hears of a script's end beside a child of Node's own that ended before it, and leaves that one to Node", async (context) => {
    const child = spawn("sh", ["-c", "exit 5"], { stdio: "ignore" });
    const ended = once(child, "exit");
    const runs = await Promise.all([3, 4].map((code) => start(context, `exit ${code}`)));
    // Nobody hears anything while all of them end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    const exits = await Promise.all(runs.map(({ script }) => script.exited));
    assert.deepEqual(
      exits.map(({ code }) => code),
      [3, 4],
    );
    assert.deepEqual(await ended, [5, null]);
  });

  it("runs many at once, each with its own output", async (context) => {
    const runs = await Promise.all(Array.from({ length: 40 }, (_, i) => start(context, `echo ${i}`)));
    const outputs = await Promise.all(runs.map(({ script }) => outputOf(script)));
    assert.deepEqual(
      outputs,
      runs.map((_, i) => `${i}\n`),
    );
    for (const { script } of runs) assert.deepEqual(await script.exited, { code: 0, signal: null });
  });

  it("does not close stdin under a script that was told to end in the middle of its body", async (context) => {
    const source = "trap 'echo told >&2' TERM; echo ready; cat > /dev/null; cat > /dev/null; echo whole >&2";
    const { script, stderr } = await start(context, source, { stdin: "pipe" });
    script.stdin?.write("half");
    await script.read(5_000);
    script.end();
    assert.deepEqual(await script.exited, { code: null, signal: "SIGKILL" });
    assert.ok(!stderr.includes("whole"), "it took the end of the upload for the end of the body");
  });

  it("holds a script to the limits of the system that it is given", async (context) => {
    const resources = { cpu: 7, memory: 512 * 1024 * 1024, fileSize: 1024 * 1024, processes: 999 };
    const source = "cat /proc/$$/limits";
    if (!existsSync("/proc/self/limits")) return context.skip("no /proc");
    const { script } = await start(context, source, { resources });
    const output = await outputOf(script);
    const limit = (name: string): string | undefined => new RegExp(`^${name} +(\\S+)`, "m").exec(output)?.[1];
    assert.equal(limit("Max cpu time"), "7");
    assert.match(
      output,
      /^Max cpu time +7 +8 /m,
      "SIGXCPU, which says what has happened, comes before SIGKILL",
    );
    assert.equal(limit("Max address space"), String(512 * 1024 * 1024));
    assert.equal(limit("Max file size"), String(1024 * 1024));
    assert.equal(limit("Max processes"), "999");
  });

  it("waits a moment for who writes the script", async (context) => {
    const directory = temporaryDirectory(context);
    const command = putScript(directory, "saved", "#!/bin/sh\necho saved\n");
    const writer = openSync(command, "r+");
    let attempts = 0;
    const watched: StartProcess = async (start) => {
      attempts++;
      try {
        return await road(start);
      } catch (error) {
        if (attempts === 1) closeSync(writer);
        throw error;
      }
    };
    const { script } = await starting(watched)(context, "", { command });
    assert.equal(await outputOf(script), "saved\n");
    if (attempts === 1) closeSync(writer);
    else assert.equal(attempts, 2);
  });

  it("gives up a script that is written for long", async (context) => {
    const directory = temporaryDirectory(context);
    const command = putScript(directory, "saved", "#!/bin/sh\n");
    const writer = openSync(command, "r+");
    context.after(() => closeSync(writer));
    if (spawnSync(command).error === undefined)
      return context.skip("this system starts what is being written");
    await assert.rejects(start(context, "", { command }), { code: "ETXTBSY" });
    // Behind sh(1), which sets the limits, and says it in words.
    const { script } = await start(context, "", { command, resources: { cpu: 7 } });
    assert.equal(await script.startError(await script.exited), "ETXTBSY");
  });

  it("inherits no descriptor of the server but its three streams", async (context) => {
    if (!existsSync("/proc/self/fd")) return context.skip("no /proc");
    const file = openSync(process.execPath, "r");
    const server = createServer().listen(0, "127.0.0.1");
    context.after(() => {
      closeSync(file);
      server.close();
    });
    await once(server, "listening");
    const { script } = await start(context, "for fd in /proc/$$/fd/*; do readlink $fd; done", {
      stdin: "pipe",
    });
    const inherited = (await outputOf(script)).split("\n");
    assert.ok(inherited.length >= 3, "the script sees its streams");
    // What this process was given itself, by whoever runs the tests, it passes on.
    const own = [file, (server as unknown as { _handle: { fd: number } })._handle.fd];
    for (const fd of own) assert.ok(!inherited.includes(readlinkSync(`/proc/self/fd/${fd}`)));
  });

  it(
    "runs as another user, without root's groups",
    { skip: process.getuid?.() !== 0 && "needs root" },
    async (context) => {
      const { script } = await start(context, "id -u; id -g; id -G", { user: { uid: 65534, gid: 65534 } });
      assert.equal(await outputOf(script), "65534\n65534\n65534\n");
    },
  );

  it(
    "gives another user the streams by name as well, and no way back to root",
    { skip: process.getuid?.() !== 0 && "needs root" },
    async (context) => {
      const source =
        "echo out > /dev/stdout; echo err > /dev/stderr; cat /dev/stdin; grep -E '^(Uid|Gid|Groups|CapPrm|CapEff):' /proc/self/status";
      const user = { uid: 65534, gid: 65534 };
      const [stdin] = openableStdins(context, "in\n");
      const { script, stderr } = await start(context, source, { user, stdin });
      const ids = "65534\t65534\t65534\t65534";
      const none = "0000000000000000";
      assert.equal(
        (await outputOf(script)).replace(/[ \t]+$/gm, ""),
        `out\nin\nUid:\t${ids}\nGid:\t${ids}\nGroups:\nCapPrm:\t${none}\nCapEff:\t${none}\n`,
      );
      await until(() => stderr.length > 0);
      assert.deepEqual(stderr, ["err"]);
    },
  );
}
