import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import {
  PROGRAM,
  accepts,
  curl,
  pausedDownload,
  runHtbin,
  startHtbin,
  type StartOptions,
} from "./htbin-process.ts";

const LOCAL = ["0", "-b", "127.0.0.1"];
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** More than all buffers between a server and a client that does not read. */
const BIG = 64 * 1024 * 1024;

let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "htbin-main-"));
  // mkdtemp gives it to this user only; some tests run the program as another.
  await chmod(folder, 0o755);
  await mkdir(join(folder, "sub"));
  await mkdir(join(folder, "cgi-bin"));
  await writeFile(join(folder, "hello.txt"), "hello\n");
  await writeFile(join(folder, "page.html"), "<p>page</p>\n");
  await writeFile(join(folder, "blob.xyzzy"), "blob\n");
  await writeFile(join(folder, ".secret"), "secret\n");
  await writeFile(
    join(folder, "cgi-bin", "who"),
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; id -un\n",
  );
  await chmod(join(folder, "cgi-bin", "who"), 0o755);
  await writeFile(join(folder, "big"), "");
  await truncate(join(folder, "big"), BIG);
});
after(() => rm(folder, { recursive: true, force: true }));

function start(args: readonly string[] = [], options: StartOptions = {}): ReturnType<typeof startHtbin> {
  return startHtbin([...LOCAL, ...args], { cwd: folder, ...options });
}

describe("htbin", () => {
  it("serves the current folder, and says so in its first line with the real port", async () => {
    await using htbin = await start();
    assert.ok(htbin.port > 0);
    const [first] = htbin.stdout.split("\n");
    assert.equal(first, `Serving HTTP on 127.0.0.1 port ${htbin.port} (http://127.0.0.1:${htbin.port}/) ...`);
    await htbin.says("stdout", `\nFolder: ${folder}\n`);
    const answer = await curl(`${htbin.url}hello.txt`);
    assert.equal(answer.status, 200);
    assert.equal(answer.version, "HTTP/1.1");
    assert.equal(answer.body, "hello\n");
  });

  it("serves a folder named by a word or by -d", async () => {
    for (const words of [[folder], ["-d", folder], [`--directory=${folder}`]]) {
      await using htbin = await startHtbin([...LOCAL, ...words], { cwd: tmpdir() });
      assert.equal((await curl(`${htbin.url}hello.txt`)).body, "hello\n");
    }
  });

  it("listens on every interface unless told otherwise, and lists the URLs", async () => {
    await using htbin = await startHtbin(["0"], { cwd: folder });
    await htbin.says("stdout", "Folder:");
    const lines = htbin.stdout.split("\n");
    assert.match(
      lines[0] ?? "",
      /^Serving HTTP on (::|0\.0\.0\.0) port \d+ \(http:\/\/(\[::\]|0\.0\.0\.0):\d+\/\) \.\.\.$/,
    );
    assert.equal(lines[1], `  http://localhost:${htbin.port}/`);
    for (const line of lines.slice(1).filter((each) => each.startsWith("  "))) {
      assert.equal((await curl("-g", `${line.trim()}hello.txt`)).status, 200, line);
    }
    const external = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === "IPv4" && !each.internal);
    if (external !== undefined) assert.ok(lines.includes(`  http://${external.address}:${htbin.port}/`));
  });

  it("brackets an IPv6 address in the URL only", async (t) => {
    const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
      all?.some((each) => each.address === "::1"),
    );
    if (!hasIPv6) return t.skip("this machine has no IPv6 loopback address");
    await using htbin = await startHtbin(["0", "--bind", "::1"], { cwd: folder });
    const [first] = htbin.stdout.split("\n");
    assert.equal(first, `Serving HTTP on ::1 port ${htbin.port} (http://[::1]:${htbin.port}/) ...`);
    assert.equal((await curl("-g", `${htbin.url}hello.txt`)).body, "hello\n");
  });

  it("listens on the address of a name", async () => {
    await using htbin = await startHtbin(["0", "--host", "localhost"], { cwd: folder });
    assert.match(htbin.stdout, /^Serving HTTP on (127\.0\.0\.1|::1) port /);
    assert.equal((await curl("-g", `${htbin.url}hello.txt`)).status, 200);
  });

  it("takes the port from PORT, which the word overrules", async () => {
    await using first = await start();
    await using htbin = await startHtbin(["-b", "127.0.0.1"], { cwd: folder, env: { PORT: "0" } });
    assert.ok(htbin.port > 0);
    assert.notEqual(htbin.port, 8000);
    await using other = await start([], { env: { PORT: String(first.port) } });
    assert.notEqual(other.port, first.port);
  });

  it("logs each request on stderr in the form of the specification, with the size of the body", async () => {
    await using htbin = await start();
    await curl(`${htbin.url}hello.txt`);
    await htbin.says("stderr", "\n");
    assert.match(
      htbin.stderr,
      /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}[ :]\d\d:\d\d:\d\d[^\]]*\] "GET \/hello\.txt HTTP\/1\.1" 200 6\n$/,
    );
  });

  it("keeps the first line only, and logs no requests, with -q", async () => {
    await using htbin = await start(["-q"]);
    assert.equal((await curl(`${htbin.url}hello.txt`)).status, 200);
    htbin.kill("SIGTERM");
    const { stdout, stderr } = await htbin.ended();
    assert.equal(stdout.split("\n").length, 2);
    assert.equal(stderr, "");
  });

  it("answers with HTTP/1.0 and closes for -p HTTP/1.0", async () => {
    await using htbin = await start(["-p", "HTTP/1.0"]);
    const answer = await curl(`${htbin.url}hello.txt`);
    assert.equal(answer.version, "HTTP/1.0");
    assert.notEqual(answer.headers.get("connection"), "keep-alive");
    assert.equal(answer.body, "hello\n");
  });

  it("uses --content-type for an extension that says nothing", async () => {
    await using htbin = await start(["--content-type", "text/x-test"]);
    assert.match((await curl(`${htbin.url}blob.xyzzy`)).headers.get("content-type") ?? "", /^text\/x-test/);
    assert.match((await curl(`${htbin.url}page.html`)).headers.get("content-type") ?? "", /^text\/html/);
  });

  it("serves dot files with --dotfiles only", async () => {
    await using closed = await start();
    assert.equal((await curl(`${closed.url}.secret`)).status, 404);
    await using open = await start(["--dotfiles"]);
    assert.equal((await curl(`${open.url}.secret`)).body, "secret\n");
  });

  it("runs scripts with --cgi only, as nobody when it is root", async () => {
    await using htbin = await start(["--cgi"]);
    await htbin.says("stdout", "CGI scripts run as ");
    const user = isRoot ? "nobody" : userInfo().username;
    assert.match(htbin.stdout, new RegExp(`CGI scripts run as (?:the user )?${user}`));
    const answer = await curl(`${htbin.url}cgi-bin/who`);
    assert.equal(answer.status, 200, htbin.stderr);
    assert.equal(answer.body, `${user}\n`);
    await using plain = await start();
    assert.match((await curl(`${plain.url}cgi-bin/who`)).body, /^#!/);
  });

  it("answers --help and --version on stdout with exit code 0", async () => {
    const help = await runHtbin(["--help"]);
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, /^Usage: htbin /);
    const version = await runHtbin(["-v"]);
    assert.deepEqual([version.code, version.stderr], [0, ""]);
    assert.match(version.stdout, /^htbin \d+\.\d+\.\d+\S*\n$/);
  });
});

describe("htbin -H", () => {
  it("adds its fields to files and listings, in both spellings, also for HEAD", async () => {
    await using htbin = await start(["-H", "X-One", "1", "-H", "X-Two: 2", "-H", "X-Two", "two"]);
    for (const [path, ...more] of [
      ["hello.txt"],
      ["page.html"],
      ["sub/"],
      ["hello.txt", "--head"],
    ] as const) {
      const answer = await curl(`${htbin.url}${path}`, ...more);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("x-one"), "1", path);
      assert.equal(answer.headers.get("x-two"), "2, two", path);
    }
  });

  it("adds them once to each answer on one connection", async () => {
    await using htbin = await start(["-H", "X-One", "1"]);
    const answer = await curl(`${htbin.url}hello.txt`, `${htbin.url}hello.txt`);
    assert.equal(answer.headers.get("x-one"), "1");
    assert.equal(answer.body.match(/^x-one: 1\r$/gim)?.length, 1);
  });

  it("adds nothing to 404, 301 and 304", async () => {
    await using htbin = await start(["-H", "X-One", "1"]);
    await utimes(join(folder, "hello.txt"), 1_000_000_000, 1_000_000_000);
    const { mtime } = await stat(join(folder, "hello.txt"));
    for (const [status, path, ...more] of [
      [404, "missing"],
      [301, "sub"],
      [304, "hello.txt", "-H", `If-Modified-Since: ${mtime.toUTCString()}`],
    ] as const) {
      const answer = await curl(`${htbin.url}${path}`, ...more);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("x-one"), null, String(status));
    }
  });

  it("never overrides a field that the response has", async () => {
    await using htbin = await start(["-H", "content-type", "text/evil", "-H", "Last-Modified", "never"]);
    const { headers } = await curl(`${htbin.url}page.html`);
    assert.match(headers.get("content-type") ?? "", /^text\/html[^,]*$/);
    assert.doesNotMatch(headers.get("last-modified") ?? "never", /never/);
  });
});

describe("htbin --unix", { skip: process.platform === "win32" && "Windows has named pipes instead" }, () => {
  it("serves on a Unix socket, and removes it at the end", async () => {
    const path = join(folder, "a.sock");
    await using htbin = await startHtbin(["--unix", path], { cwd: folder });
    assert.match(htbin.stdout, new RegExp(`^Serving HTTP on unix:${path} \\.\\.\\.\n`));
    const answer = await curl("--unix-socket", path, "http://localhost/hello.txt");
    assert.equal(answer.body, "hello\n");
    htbin.kill("SIGTERM");
    assert.equal((await htbin.ended()).code, 0);
    assert.ok(!existsSync(path));
  });

  it("takes over the socket of a dead server, and leaves one that lives", async () => {
    const path = join(folder, "b.sock");
    const dead = await startHtbin(["--unix", path], { cwd: folder });
    dead.kill("SIGKILL");
    await dead.ended();
    assert.ok(existsSync(path));
    await using htbin = await startHtbin(["--unix", path], { cwd: folder });
    const second = await runHtbin(["--unix", path], { cwd: folder });
    assert.equal(second.code, 1);
    assert.match(
      second.stderr,
      /^htbin: a server answers on .*b\.sock already; stop it or choose another path\.\n$/,
    );
    assert.equal((await curl("--unix-socket", path, "http://localhost/hello.txt")).status, 200);
    htbin.kill("SIGTERM");
    await htbin.ended();
  });
});

describe("htbin, when it cannot start", () => {
  /** One sentence on stderr, nothing on stdout, and the exit code. */
  async function fails(
    code: 1 | 2,
    sentence: RegExp,
    args: readonly string[],
    options: StartOptions = {},
  ): Promise<void> {
    const ended = await runHtbin(args, { cwd: folder, ...options });
    assert.match(ended.stderr, sentence);
    assert.match(ended.stderr, /^htbin: [^\n]+[.?]\n$/, "one line that ends like a sentence");
    assert.doesNotMatch(ended.stderr, / {4}at /);
    assert.equal(ended.stdout, "");
    assert.equal(ended.code, code);
  }

  it("says so for a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    await fails(1, new RegExp(`port ${port} is in use; choose another`), [String(port), "-b", "127.0.0.1"]);
    server.close();
  });

  it("says so for a port that this user may not have", async (t) => {
    if (process.platform !== "linux") return t.skip("only Linux is known to keep low ports for root");
    const free = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
    if (free <= 1) return t.skip("this machine lets every user have every port");
    if (isRoot && !readableForNobody()) return t.skip("runs as root, and nobody else can read the program");
    await fails(1, /port 1 is for root; choose one from 1024 up \(htbin 8001\)\.$/m, ["1"], asNobody());
  });

  it("says so for a port out of range", () => fails(2, /port 65536 is out of range; choose/, ["65536"]));

  it("says so for a PORT that is none", () => fails(2, /PORT="http"/, [], { env: { PORT: "http" } }));

  it("says so for a missing folder", () =>
    fails(1, /there is no folder .*missing; create it/, [...LOCAL, "missing"]));

  it("says so for a file in place of a folder", async () => {
    await fails(1, /hello\.txt is a file; name the folder/, [...LOCAL, "hello.txt"]);
    await fails(1, /hello\.txt is a file; name the folder/, [...LOCAL, "-d", "hello.txt"]);
  });

  it("says so for a folder that this user cannot read", async (t) => {
    if (process.platform === "win32") return t.skip("Windows has no such modes");
    if (isRoot && !readableForNobody()) return t.skip("runs as root, and nobody else can read the program");
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o300 });
    await fails(1, /closed is not readable for this user/, [...LOCAL, closed], asNobody());
  });

  it("says so for an address of another machine", () =>
    fails(1, /203\.0\.113\.77 is not an address of this machine; choose/, ["0", "-b", "203.0.113.77"]));

  it("says so for a name without an address", () =>
    fails(1, /no address is known for the name nowhere\.invalid; check/, ["0", "-b", "nowhere.invalid"]));

  it("says so for wrong usage", async () => {
    await fails(2, /no option --frobnicate; htbin --help/, ["--frobnicate"]);
    await fails(2, /did you mean --directory\?/, ["--direktory", "x"]);
    await fails(2, /not spoken here; choose HTTP\/1\.0 or HTTP\/1\.1/, ["-p", "HTTP/2"]);
    await fails(2, /two folders; give one/, ["a", "b"]);
    await fails(2, /-d needs a value/, ["-d"]);
    await fails(2, /no header value can hold/, ["-H", "X", "a\r\nSet-Cookie: b"]);
  });

  it("says so for a Unix socket that cannot be", async () => {
    await fails(1, /the socket path has \d+ bytes; choose/, ["--unix", join(folder, "x".repeat(120))]);
    await fails(1, /hello\.txt exists and is no socket/, ["--unix", "hello.txt"]);
    await fails(1, /there is no folder .*nowhere for the socket/, ["--unix", join(folder, "nowhere", "s")]);
  });

  it("says so for a script user that does not exist, or that only root could choose", async (t) => {
    if (process.platform === "win32") return t.skip("Windows has no setuid");
    const args = [...LOCAL, "--cgi", "--cgi-user", "no-such-user"];
    await fails(
      1,
      isRoot ? /there is no user no-such-user/ : /only root can run scripts as another user/,
      args,
    );
  });

  function readableForNobody(): boolean {
    return spawnSync(process.execPath, [PROGRAM, "--version"], { uid: NOBODY, gid: NOBODY }).status === 0;
  }

  function asNobody(): StartOptions {
    return isRoot ? { uid: NOBODY } : {};
  }
});

describe("htbin, when it is told to stop", () => {
  it("exits with 0 on SIGTERM, also while a connection is open and idle", async () => {
    await using htbin = await start();
    const response = await fetch(`${htbin.url}hello.txt`, { keepalive: true });
    await response.text();
    htbin.kill("SIGTERM");
    const { code, signal } = await htbin.ended();
    assert.deepEqual([code, signal], [0, null]);
  });

  it("says on Ctrl-C what the original says, and exits with 0", async () => {
    await using htbin = await start();
    htbin.kill("SIGINT");
    const { code, stdout } = await htbin.ended();
    assert.equal(code, 0);
    assert.ok(stdout.endsWith("\nKeyboard interrupt received, exiting.\n"), stdout);
  });

  it("lets a running download end, while it accepts nothing new", async () => {
    await using htbin = await start();
    const download = await pausedDownload(htbin.port, "/big");
    htbin.kill("SIGTERM");
    while (await accepts(htbin.port));
    assert.equal(htbin.child.exitCode, null, "it waits for the download");
    let bytes = 0;
    for await (const chunk of download) bytes += (chunk as Buffer).length;
    assert.ok(bytes > BIG, `${bytes} bytes arrived`);
    assert.equal((await htbin.ended()).code, 0);
  });

  it("ends at once on a second SIGINT, with 130", async () => {
    await using htbin = await start();
    const download = await pausedDownload(htbin.port, "/big");
    const began = performance.now();
    htbin.kill("SIGINT");
    await htbin.says("stdout", "Keyboard interrupt received");
    // The same signal within 50 ms counts as the same key press: knock until it opens.
    const knocking = setInterval(() => htbin.kill("SIGINT"), 20);
    const { code } = await htbin.ended();
    clearInterval(knocking);
    download.destroy();
    assert.equal(code, 130);
    assert.ok(performance.now() - began < 5000, "long before the grace of 10 s is over");
  });

  it("ends at once on SIGTERM after Ctrl-C, with 143", async () => {
    await using htbin = await start();
    const download = await pausedDownload(htbin.port, "/big");
    htbin.kill("SIGINT");
    await htbin.says("stdout", "Keyboard interrupt received");
    htbin.kill("SIGTERM");
    assert.equal((await htbin.ended()).code, 143);
    download.destroy();
  });

  it("leaves no CGI script behind, even one that ignores SIGTERM and has answered already", async () => {
    const script = join(folder, "cgi-bin", "stubborn");
    const source = [
      "#!/bin/sh",
      "trap '' TERM",
      "printf 'Content-Type: text/plain\\n\\n%s' $$",
      "exec >&-",
      "while :; do sleep 1; done",
      "",
    ];
    await writeFile(script, source.join("\n"), { mode: 0o755 });
    await using htbin = await start(["--cgi"]);
    const pid = Number((await curl(`${htbin.url}cgi-bin/stubborn`)).body);
    assert.ok(isAlive(pid), "it runs on behind its answer");
    htbin.kill("SIGTERM");
    assert.equal((await htbin.ended()).code, 0);
    const end = performance.now() + 2_000;
    while (isAlive(pid) && performance.now() < end) await delay(20);
    assert.ok(!isAlive(pid), `process ${pid} is still there`);
  });
});

/** An orphan that has ended counts as ended, also where nobody reaps it, as in some containers. */
function isAlive(pid: number): boolean {
  try {
    if (process.platform === "linux") return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("htbin, when nobody reads what it says", () => {
  it("goes on serving and ends without a stack trace after its stdout was closed", async () => {
    await using htbin = await start();
    await htbin.says("stdout", "Folder:");
    htbin.child.stdout.destroy();
    assert.equal((await curl(`${htbin.url}hello.txt`)).status, 200);
    htbin.kill("SIGINT");
    const { code, stderr } = await htbin.ended();
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, / {4}at |EPIPE/);
  });

  it("goes on serving after its stderr was closed", async () => {
    await using htbin = await start();
    htbin.child.stderr.destroy();
    for (let i = 0; i < 3; i++) assert.equal((await curl(`${htbin.url}hello.txt`)).status, 200);
    htbin.kill("SIGTERM");
    assert.equal((await htbin.ended()).code, 0);
  });

  it("prints help into a closed pipe without a word", async () => {
    const shell = spawn("sh", ["-c", '"$0" "$1" --help | true', process.execPath, PROGRAM], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    shell.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(shell, "close");
    assert.equal(stderr, "");
  });
});
