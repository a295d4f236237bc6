// php-fpm by FastCGI and fossil by SCGI, each a process of the test.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { get, parseResponse, post, type Response, type Site, startSite } from "./running-site.ts";
import { put, temporaryDirectory } from "./temporary-directory.ts";

const FOLDERS = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
const PHP_FPM = find(/^php-fpm[\d.]*$/);
const FOSSIL = find(/^fossil$/);

function find(name: RegExp): string | undefined {
  for (const folder of FOLDERS.filter((each) => existsSync(each))) {
    const found = readdirSync(folder).find((each) => name.test(each));
    if (found !== undefined) return join(folder, found);
  }
  return undefined;
}

async function ask(site: Site, request: string): Promise<Response> {
  return parseResponse(await site.exchange(request));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, "waited too long");
    await sleep(20);
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** It is ended when we close its input, or are no more: also a test that is killed leaves nothing behind. */
const ENDED_WITH_US = '"$@" </dev/null & program=$!; read _; kill $program; wait $program';

/** Starts a program and ends it with the test. @returns what it has printed so far */
function startProgram(
  context: TestContext,
  command: string,
  args: readonly string[],
  cwd: string,
): () => string {
  const child = spawn("sh", ["-c", ENDED_WITH_US, "sh", command, ...args], {
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, HOME: cwd },
  });
  context.after(async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin.end();
    await ended;
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  return () => output;
}

describe("php-fpm by FastCGI", { skip: PHP_FPM === undefined && "php-fpm is missing" }, () => {
  async function startPhp(context: TestContext): Promise<Site> {
    const folder = temporaryDirectory(context);
    chmodSync(folder, 0o777);
    const socket = join(folder, "php.sock");
    const isRoot = process.getuid?.() === 0;
    writeFileSync(
      join(folder, "php-fpm.conf"),
      [
        "[global]",
        `error_log = ${join(folder, "error.log")}`,
        "daemonize = no",
        "[www]",
        ...(isRoot ? ["user = nobody", "group = nogroup", "listen.owner = root", "listen.mode = 0600"] : []),
        `listen = ${socket}`,
        "pm = static",
        "pm.max_children = 2",
        "catch_workers_output = no",
        "php_admin_value[upload_max_filesize] = 64M",
        "php_admin_value[post_max_size] = 64M",
        "php_admin_flag[log_errors] = on",
        "php_admin_flag[display_errors] = off",
      ].join("\n"),
    );
    const args = ["--nodaemonize", "-n", "--fpm-config", join(folder, "php-fpm.conf")];
    startProgram(context, PHP_FPM!, args, folder);
    await until(() => accepts(socket));
    return startSite(context, { fastcgi: { ".php": `unix:${socket}` }, cgiDirectories: [] });
  }

  it("gets $_SERVER, a query, a form and an upload, and answers with status, cookies and redirects", async (context) => {
    const site = await startPhp(context);
    put(
      site.root,
      "server.php",
      "<?php header('Content-Type: application/json'); echo json_encode($_SERVER);",
    );
    const { head, body } = await ask(site, get("/server.php/a%20b?x=1", "X-Field: ü\r\n"));
    assert.match(head, /^HTTP\/1\.1 200 /);
    const server = JSON.parse(body) as Record<string, string>;
    assert.equal(server["SCRIPT_NAME"], "/server.php");
    assert.equal(server["PATH_INFO"], "/a b");
    assert.equal(server["REQUEST_URI"], "/server.php/a%20b?x=1");
    assert.equal(server["DOCUMENT_ROOT"], site.root);
    assert.equal(server["SERVER_NAME"], "test.example");

    put(
      site.root,
      "form.php",
      "<?php http_response_code(201); setcookie('a', 'b'); setcookie('c', 'd'); echo $_POST['name'], $_GET['q'];",
    );
    const form = await ask(
      site,
      post("/form.php?q=2", "name=Ada", "Content-Type: application/x-www-form-urlencoded\r\n"),
    );
    assert.deepEqual([form.status, form.body], [201, "Ada2"]);
    assert.equal(form.head.match(/^Set-Cookie: /gim)?.length, 2);

    put(
      site.root,
      "upload.php",
      "<?php $f = $_FILES['f']; echo $f['name'], ' ', $f['size'], ' ', md5_file($f['tmp_name']);",
    );
    const content = "x".repeat(20_000_000);
    const upload = `--B\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n${content}\r\n--B--\r\n`;
    const uploaded = await ask(
      site,
      post("/upload.php", upload, "Content-Type: multipart/form-data; boundary=B\r\n"),
    );
    assert.match(uploaded.body, /^a\.bin 20000000 [0-9a-f]{32}$/);

    put(site.root, "away.php", "<?php header('Location: https://example.org/');");
    const away = await ask(site, get("/away.php"));
    assert.match(away.head, /^HTTP\/1\.1 302 [^]*Location: https:\/\/example\.org\//);
  });

  it("sends a large page, serves index.php, and answers more at once than it has processes", async (context) => {
    const site = await startPhp(context);
    put(site.root, "large.php", "<?php for ($i = 0; $i < 50; $i++) echo str_repeat('y', 1000000);");
    assert.equal((await ask(site, get("/large.php"))).body.length, 50_000_000);
    put(site.root, "index.php", "<?php usleep(20000); echo 'index';");
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(site, get("/"))));
    assert.ok(answers.every(({ body }) => body === "index"));
  });

  it("has its errors in the log, with the name of the script", async (context) => {
    const site = await startPhp(context);
    put(site.root, "bad.php", "<?php error_log('noted'); undefined_function();");
    assert.equal((await ask(site, get("/bad.php"))).status, 500);
    await until(() =>
      site.logged.some((line) => line.startsWith("/bad.php: ") && line.includes("undefined_function")),
    );
    assert.ok(site.logged.some((line) => line.includes("noted")));
  });
});

describe("fossil by SCGI", { skip: FOSSIL === undefined && "fossil is missing" }, () => {
  it("shows a repository, and can be cloned through htbin", async (context) => {
    const folder = temporaryDirectory(context);
    mkdirSync(join(folder, "home"));
    const env = { ...process.env, HOME: join(folder, "home"), USER: "tester" };
    // Not a synchronous call: the server that is cloned from is in this process.
    const run = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(FOSSIL!, args, { cwd: folder, env, timeout: 30_000 })).stdout;
    await run("init", "--admin-user", "tester", "demo.fossil");
    // It would leave a process behind that tidies up for a minute.
    await run("settings", "backoffice-disable", "1", "-R", "demo.fossil");
    const port = await freePort();
    const args = [
      "server",
      "--scgi",
      "--localhost",
      "--port",
      String(port),
      "--nojail",
      join(folder, "demo.fossil"),
    ];
    const output = startProgram(context, FOSSIL!, args, join(folder, "home"));
    await until(() => output().includes("Listening"));
    const site = await startSite(context, { scgi: { "/fossil": `127.0.0.1:${port}` } });
    const home = await ask(site, get("/fossil/timeline"));
    assert.equal(home.status, 200, `${home.head}\n${site.logged.join("\n")}`);
    assert.match(home.body, /<title>[^<]*Timeline/);
    assert.match(home.body, /href="\/fossil\/|href='\/fossil\//);
    const cloned = await run("clone", `${site.url}/fossil`, "clone.fossil");
    assert.match(cloned, /Clone done/);
  });
});

/** `fossil server` takes a fixed port only: one that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
