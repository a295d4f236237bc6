// The options about files on the real command, with real clients.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { HASHED } from "../files/hashed-passwords.ts";
import { curl, runHtbin, startHtbin } from "./htbin-process.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "htbin-main-files-"));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "a b#?.txt"), "a\n");
  writeFileSync(join(folder, "index.html"), "the application\n");
  writeFileSync(join(folder, ".htpasswd"), HASHED.map(({ user, hash }) => `${user}:${hash}\n`).join(""));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const local = (...args: string[]): ReturnType<typeof startHtbin> =>
  startHtbin(["0", folder, "-b", "127.0.0.1", "-q", ...args]);

describe("htbin, seen with curl", () => {
  it("--auth USER:PASSWORD and --auth @FILE let in who knows a password", async () => {
    await using one = await local("--auth", "ada:secret");
    assert.equal((await curl(one.url)).status, 401);
    assert.equal((await curl("--user", "ada:wrong", one.url)).status, 401);
    assert.equal((await curl("--user", "ada:secret", one.url)).body, "the application\n");
    await using many = await startHtbin(["0", folder, "-b", "127.0.0.1", "-q", "--auth", "@.htpasswd"], {
      cwd: folder,
    });
    for (const { user, password } of HASHED) {
      assert.equal((await curl("--user", `${user}:${password}`, many.url)).status, 200, user);
      assert.equal((await curl("--user", `${user}:x`, many.url)).status, 401, user);
    }
    assert.equal(many.stderr.includes("Exception"), false);
  });

  it("logs the name, where the form has a place for it", async () => {
    await using server = await startHtbin([
      "0",
      folder,
      "-b",
      "127.0.0.1",
      "--auth",
      "ada:secret",
      "--log-format",
      "common",
    ]);
    await curl("--user", "ada:secret", server.url);
    await server.says("stderr", /- ada \[.*"GET \/ HTTP\/1\.1" 200/);
  });

  it("--base, --single, --cors, --cache and --no-listing work together", async () => {
    await using server = await local("--base", "/app", "--single", "--cors", "--cache", "60", "--no-listing");
    const home = await curl("--location", server.url);
    assert.equal(home.body.slice(home.body.lastIndexOf("\r\n\r\n") + 4), "the application\n");
    const page = await curl("-H", "Accept: text/html", `${server.url}app/users/7`);
    assert.equal(page.status, 200);
    assert.equal(page.headers.get("access-control-allow-origin"), "*");
    assert.equal(page.headers.get("cache-control"), "max-age=60");
    assert.equal((await curl(`${server.url}app/users/7`)).status, 404);
    assert.equal((await curl(`${server.url}app/a%20b%23%3f.txt`)).body, "a\n");
  });

  it("--single=FILE names the page; the word behind --single is the folder", async () => {
    writeFileSync(join(folder, "app.html"), "another application\n");
    for (const [option, body] of [
      ["--single=app.html", "another application\n"],
      ["--single", "the application\n"],
      ["-s", "the application\n"],
    ] as const) {
      await using server = await startHtbin([option, folder, "0", "-b", "127.0.0.1", "-q"]);
      assert.equal((await curl("-H", "Accept: text/html", `${server.url}x`)).body, body, option);
    }
  });

  it("--open says that it cannot, --qr shows a code only where another device can come", async () => {
    const env = { DISPLAY: "", WAYLAND_DISPLAY: "", BROWSER: "", WSL_DISTRO_NAME: "" };
    await using server = await startHtbin(["0", folder, "-b", "127.0.0.1", "--open", "--qr"], { env });
    if (process.platform === "linux")
      await server.says("stderr", /^htbin: there is no screen.*http:\/\/127\.0\.0\.1:\d+\//m);
    await server.says("stdout", "No QR code: no other device can reach this server.");
  });

  it("refuses what cannot be, in one sentence", async () => {
    for (const [args, expected] of [
      [["--auth", "secret"], /--auth needs a user and a password/],
      [["--auth", "@"], /--auth names no file/],
      [["--base", "/"], /--base "\/" is no path/],
      [["--base", "http://a.example/x"], /write its path alone/],
      [["--base", "/a/../b"], /is no path/],
      [["--single=../x"], /is not in the folder/],
      [["--cache", "1h"], /whole seconds/],
      [["--unix", "/tmp/x", "--qr"], /--qr needs a URL/],
      [["--no-listing=x"], /takes no value/],
    ] as const) {
      const { code, stderr } = await runHtbin([...args]);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /secret/);
    }
    for (const [file, expected] of [
      ["nowhere", /there is no file of passwords .*nowhere; make it with htpasswd -cB/],
      ["index.html", /line 1 is not "user:hash"/],
    ] as const) {
      const { code, stderr } = await runHtbin(["0", "--auth", `@${join(folder, file)}`]);
      assert.equal(code, 1);
      assert.match(stderr, expected);
      assert.equal(stderr.trimEnd().split("\n").length, 1);
    }
  });

  it("has them all in its help", () => {
    const program = join(import.meta.dirname, "..", "..", "..", "bin", "htbin.js");
    const { stdout } = spawnSync(process.execPath, [program, "--help"], { encoding: "utf8" });
    for (const name of [
      "--auth",
      "--base",
      "--cache",
      "--cors",
      "--no-listing",
      "--open",
      "--qr",
      "--single[=FILE]",
    ]) {
      assert.ok(stdout.includes(name), name);
    }
  });
});
