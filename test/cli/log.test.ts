// The log of the real program: its forms, its file, and what becomes of its lines when pipes are slow or closed and at the end.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { RawClient } from "../raw-client.ts";
import { PROGRAM, curl, pausedDownload, runHtbin, startHtbin } from "./htbin-process.ts";

const LOCAL = ["0", "-b", "127.0.0.1"];
const posix = { skip: process.platform === "win32" && "Windows has no such signals" };

let site = "";
let logs = "";

before(() => {
  site = mkdtempSync(join(tmpdir(), "htbin-log-site-"));
  chmodSync(site, 0o755);
  writeFileSync(join(site, "hello.txt"), "hello\n");
  writeFileSync(join(site, "big"), Buffer.alloc(64 * 1024 * 1024));
});
beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), "htbin-logs-"));
});
afterEach(() => rmSync(logs, { recursive: true, force: true }));
after(() => rmSync(site, { recursive: true, force: true }));

function start(...args: string[]): ReturnType<typeof startHtbin> {
  return startHtbin([...LOCAL, site, ...args]);
}

function read(name: string): string {
  return readFileSync(join(logs, name), "utf8");
}

/** Asks for `/hello.txt?N` with so many different N on one connection, one after the other. */
async function askMany(port: number, count: number, more = "", onAnswer: (n: number) => void = () => {}) {
  using client = await RawClient.connect(port);
  let received = 0;
  for (let n = 0; n < count; n++) {
    client.send(`GET /hello.txt?${n}${more} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await client.until(() => client.received > received + 100, "an answer");
    received = client.received;
    onAnswer(n);
  }
}

/** The numbers in the log of `askMany`. */
function numbers(log: string): number[] {
  const lines = log.split("\n");
  assert.equal(lines.pop(), "", "the last line is complete");
  return lines.map((line) => {
    const match = /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/hello\.txt\?(\d+)\S* HTTP\/1\.1" 200 6$/.exec(line);
    assert.ok(match !== null, `a whole line: ${line.slice(0, 200)}`);
    return Number(match[1]);
  });
}

/** Nothing may be sent in between. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

describe("htbin --log-format", () => {
  for (const [format, form] of [
    ["python", /^127\.0\.0\.1 - - \[[^\]:]+ [\d:]+\] "GET \/hello\.txt HTTP\/1\.1" 200 6\n$/],
    ["common", /^127\.0\.0\.1 - - \[[^\] ]+ [+-]\d{4}\] "GET \/hello\.txt HTTP\/1\.1" 200 6\n$/],
    ["combined", /^127\.0\.0\.1 - - \[.*\] "GET \/hello\.txt HTTP\/1\.1" 200 6 "-" "agent \\x22x\\x22"\n$/],
    ["json", /^\{"time":".*","method":"GET","target":"\/hello\.txt",.*"userAgent":"agent \\"x\\""\}\n$/],
  ] as const) {
    it(`writes the form ${format}`, async () => {
      await using htbin = await start("--log-format", format);
      await curl(`${htbin.url}hello.txt`, "--user-agent", 'agent "x"');
      htbin.kill("SIGTERM");
      assert.match((await htbin.ended()).stderr, form);
    });
  }

  it("refuses another one with the choices", async () => {
    const { code, stderr } = await runHtbin(["--log-format", "apache"]);
    assert.deepEqual(
      [code, stderr],
      [2, 'htbin: --log-format "apache" is no form of a log; choose python, common, combined or json.\n'],
    );
  });
});

describe("htbin --log-file", () => {
  it("takes requests and errors in place of stderr, appends, and loses nothing at the end", async () => {
    writeFileSync(join(logs, "log"), "before\n");
    await using htbin = await start("--log-file", join(logs, "log"));
    await curl(`${htbin.url}hello.txt`);
    await curl(`${htbin.url}missing`);
    htbin.kill("SIGTERM");
    const { code, stderr } = await htbin.ended();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      read("log"),
      /^before\n.*"GET \/hello\.txt HTTP\/1\.1" 200 6\n.* code 404, .*\n.*"GET \/missing HTTP\/1\.1" 404 \d+\n$/,
    );
  });

  it("says in one sentence why it cannot be opened, before the server starts", async () => {
    for (const [path, sentence] of [
      [join(logs, "nowhere", "log"), /log: there is no such folder; create it or choose another\.\n$/],
      [logs, /: it is a folder; name a file in it\.\n$/],
    ] as const) {
      const { code, stdout, stderr } = await runHtbin([...LOCAL, site, "--log-file", path]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /^htbin: cannot open the log file [^\n]+\n$/);
      assert.match(stderr, sentence);
    }
  });

  it("gets everything with --quiet, which is about the terminal", async () => {
    await using htbin = await start("--quiet", "--log-file", join(logs, "log"));
    await curl(`${htbin.url}hello.txt`);
    htbin.kill("SIGTERM");
    const { stdout, stderr } = await htbin.ended();
    assert.match(stdout, /^Serving HTTP on [^\n]+\n$/);
    assert.equal(stderr, "");
    assert.match(read("log"), /"GET \/hello\.txt HTTP\/1\.1" 200 6\n$/);
  });

  it("is said to be public where it is", async () => {
    const served = mkdtempSync(join(tmpdir(), "htbin-log-served-"));
    const told = async (...args: string[]): Promise<boolean> => {
      await using htbin = await startHtbin([...LOCAL, ...args], { cwd: served });
      await htbin.says("stdout", "Folder:");
      htbin.kill("SIGTERM");
      return (await htbin.ended()).stdout.includes("\nThe log file is in that folder");
    };
    assert.equal(await told("--log-file", "access.log"), true);
    assert.equal(await told("--log-file", ".access.log"), false);
    assert.equal(await told("--log-file", ".access.log", "--dotfiles"), true);
    assert.equal(await told("--log-file", join(logs, "log")), false);
    rmSync(served, { recursive: true });
  });

  it(
    "is opened anew on SIGHUP: no line is lost, none is there twice, none is in the wrong file",
    posix,
    async () => {
      await using htbin = await start("--log-file", join(logs, "log"));
      const count = 600;
      let files = 0;
      await askMany(htbin.port, count, "", (n) => {
        if (n % 100 !== 99) return;
        renameSync(join(logs, "log"), join(logs, `log.${files++}`));
        htbin.kill("SIGHUP");
        // The next file is the sign that the signal has arrived.
        for (let i = 0; i < 2000 && !existsSync(join(logs, "log")); i++) sleep(5);
      });
      htbin.kill("SIGTERM");
      const { code, stderr } = await htbin.ended();
      assert.deepEqual([code, stderr], [0, ""]);
      const parts = range(files).map((n) => numbers(read(`log.${n}`)));
      assert.deepEqual([...parts.flat(), ...numbers(read("log"))], range(count));
      for (const [n, part] of parts.entries()) {
        // The client may have an answer before the server knows that its last byte has left, and logs it.
        const last = part.at(-1)! - 100 * n;
        assert.ok(
          last === 99 || last === 98,
          `what was logged before signal ${n} is in the old file: ${part.at(-1)}`,
        );
      }
    },
  );

  it("stays open when SIGHUP finds its folder gone, and the server says so and goes on", posix, async () => {
    mkdirSync(join(logs, "sub"));
    await using htbin = await start("--log-file", join(logs, "sub", "log"));
    await curl(`${htbin.url}hello.txt?1`);
    renameSync(join(logs, "sub"), join(logs, "moved"));
    htbin.kill("SIGHUP");
    await htbin.says("stderr", /^htbin: cannot reopen the log file \S+: ENOENT\n$/);
    await curl(`${htbin.url}hello.txt?2`);
    htbin.kill("SIGTERM");
    assert.equal((await htbin.ended()).code, 0);
    assert.deepEqual(numbers(read(join("moved", "log"))), [1, 2]);
  });

  it("without room is said on stderr once, and the server goes on", async (t) => {
    if (process.platform !== "linux") return t.skip("only Linux has /dev/full");
    await using htbin = await start("--log-file", "/dev/full");
    await curl(`${htbin.url}hello.txt`);
    await htbin.says("stderr", "\n");
    for (let i = 0; i < 3; i++) assert.equal((await curl(`${htbin.url}hello.txt`)).status, 200);
    htbin.kill("SIGTERM");
    const { code, stderr } = await htbin.ended();
    assert.deepEqual([code, stderr], [0, "htbin: cannot write the log file /dev/full: ENOSPC\n"]);
  });
});

describe("htbin on SIGHUP without a log file", posix, () => {
  it("ends in order, as on SIGTERM: its terminal was closed", async () => {
    await using htbin = await start();
    const download = await pausedDownload(htbin.port, "/big");
    htbin.kill("SIGHUP");
    let bytes = 0;
    for await (const chunk of download) bytes += (chunk as Buffer).length;
    const { code, signal, stderr } = await htbin.ended();
    assert.deepEqual([code, signal], [0, null]);
    assert.match(stderr, /"GET \/big HTTP\/1\.1" 200 67108864\n$/);
    assert.ok(bytes > 67_108_864);
  });

  it("ends at once on a second signal, with 129", async () => {
    await using htbin = await start();
    const download = await pausedDownload(htbin.port, "/big");
    htbin.kill("SIGTERM");
    const knocking = setInterval(() => htbin.kill("SIGHUP"), 20);
    const { code } = await htbin.ended();
    clearInterval(knocking);
    download.destroy();
    assert.equal(code, 129);
  });
});

describe("htbin's log on a terminal", { skip: hasPty() ? false : "python3 has no pty here" }, () => {
  /** Runs htbin on a terminal of its own, asks for a file, closes the terminal, and tells what was on it and how htbin ended. */
  const ON_TERMINAL = `
import json, os, pty, re, sys, time, urllib.request
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown = b""
while b"\\nFolder: " not in shown:
    shown += os.read(terminal, 65536)
url = re.search(rb"\\((http://[^)]+)\\)", shown).group(1).decode()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(url + "hello.txt").read()
while "--log-file" not in sys.argv and b" 200 6" not in shown:
    shown += os.read(terminal, 65536)
os.close(terminal)
print(json.dumps({"status": os.waitpid(pid, 0)[1], "shown": shown.decode()}))
`;

  function onTerminal(...args: string[]): { status: number; shown: string } {
    const words = ["-c", ON_TERMINAL, process.execPath, PROGRAM, ...LOCAL, site, ...args];
    const { stdout, stderr } = spawnSync("python3", words, { encoding: "utf8", timeout: 30_000 });
    assert.equal(stderr, "");
    return JSON.parse(stdout) as { status: number; shown: string };
  }

  it("is shown, and the server ends in order when the terminal is closed", () => {
    const { status, shown } = onTerminal();
    assert.match(shown, /"GET \/hello\.txt HTTP\/1\.1" 200 6\r\n/);
    assert.equal(status, 0);
  });

  it("does not keep a server with a log file alive when the terminal is closed", () => {
    const { status } = onTerminal("--log-file", join(logs, "log"));
    assert.equal(status, 0);
    assert.match(read("log"), /"GET \/hello\.txt HTTP\/1\.1" 200 6\n$/);
  });
});

function hasPty(): boolean {
  return process.platform !== "win32" && spawnSync("python3", ["-c", "import pty"]).status === 0;
}

describe("htbin's log on a pipe", () => {
  it("waits for a slow reader, and the server does not", async () => {
    await using htbin = await start();
    htbin.child.stderr.pause();
    const count = 1000;
    // Twenty times what a pipe takes.
    await askMany(htbin.port, count, "x".repeat(4000));
    htbin.kill("SIGTERM");
    htbin.child.stderr.resume();
    const { code, stderr } = await htbin.ended();
    assert.equal(code, 0);
    assert.deepEqual(numbers(stderr), range(count));
  });

  it("may lose its reader, and the server goes on without a word", async () => {
    await using htbin = await start();
    htbin.child.stdout.destroy();
    htbin.child.stderr.destroy();
    for (let i = 0; i < 3; i++) {
      assert.equal((await curl(`${htbin.url}missing`)).status, 404);
      // Longer than lines are gathered: each turn is a write of its own.
      await askMany(htbin.port, 50, "x".repeat(500));
    }
    assert.equal(htbin.child.exitCode, null);
    htbin.kill("SIGTERM");
    assert.equal((await htbin.ended()).code, 0);
  });

  it("is as a shell makes it: htbin 2>&1 | head -n 1", posix, async () => {
    const script = '"$@" 2>&1 | head -n 1';
    const shell = spawn("sh", ["-c", script, "sh", process.execPath, PROGRAM, ...LOCAL, site], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    shell.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    shell.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    while (!stdout.includes("\n")) await once(shell.stdout, "data");
    const url = /\((\S+)\)/.exec(stdout)?.[1] ?? "";
    for (let i = 0; i < 3; i++) assert.equal((await curl(`${url}missing`)).status, 404);
    // Ctrl-C reaches all of the pipeline; the end of its last program closes the streams.
    process.kill(-shell.pid!, "SIGINT");
    await once(shell, "close");
    assert.equal(stderr, "");
  });
});
