// Programs as people have them, against the server as they start it: sh, Python, Perl, C, curl and git.

import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

import { lookUpUser } from "../../src/cgi/user.ts";
import { get, parseResponse, post, type Site, startSite } from "./running-site.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** Whether a program is there; its absence is a reason to skip, and is said. */
function without(...programs: string[]): string | false {
  if (process.platform === "win32") return "not on Windows";
  const absent = programs.find((program) => spawnSync(program, ["--version"]).error !== undefined);
  return absent === undefined ? false : `${absent} is not installed`;
}

async function bodyOf(site: Site, request: string): Promise<string> {
  const response = parseResponse(await site.exchange(request));
  assert.equal(response.status, 200, `${response.head}\n${site.logged.join("\n")}`);
  return response.body;
}

describe("programs in cgi-bin", () => {
  it("runs Python: a form by POST and a query by GET", { skip: without("python3") }, async (context) => {
    const site = await startSite(context);
    const source = [
      "#!/usr/bin/env python3",
      "import os, sys, urllib.parse",
      'text = sys.stdin.read(int(os.environ.get("CONTENT_LENGTH") or 0)) or os.environ["QUERY_STRING"]',
      "form = urllib.parse.parse_qs(text)",
      'print("Content-type: text/html")',
      "print()",
      'print("%s, %s, %s" % (form["spam"][0], form["eggs"][0], form["bacon"][0]))',
      "",
    ].join("\n");
    site.script("file2.py", source);
    const form = "spam=1&eggs=python&bacon=123456";
    assert.equal(await bodyOf(site, post("/cgi-bin/file2.py", form)), "1, python, 123456\n");
    assert.equal(await bodyOf(site, get(`/cgi-bin/file2.py?${form}`)), "1, python, 123456\n");
  });

  it(
    "logs the traceback of a Python script, and answers 502",
    { skip: without("python3") },
    async (context) => {
      const site = await startSite(context);
      site.script("bad.py", "#!/usr/bin/env python3\nraise ValueError('because')\n");
      const response = parseResponse(await site.exchange(get("/cgi-bin/bad.py")));
      assert.equal(response.status, 502);
      assert.ok(!response.body.includes("because"));
      assert.ok(site.logged.includes("/cgi-bin/bad.py: ValueError: because"), site.logged.join("\n"));
    },
  );

  it("runs Perl", { skip: without("perl") }, async (context) => {
    const site = await startSite(context);
    const source = [
      "#!/usr/bin/perl -w",
      "use strict;",
      "binmode STDIN; my $body = ''; read(STDIN, $body, $ENV{CONTENT_LENGTH} || 0);",
      'print "Status: 201 Made\\r\\nContent-Type: text/plain\\r\\n\\r\\n$ENV{REQUEST_METHOD} ", scalar reverse($body), "\\n";',
      "",
    ].join("\n");
    site.script("x.pl", source);
    const response = parseResponse(await site.exchange(post("/cgi-bin/x.pl", "abc")));
    assert.match(response.head, /^HTTP\/1\.1 201 Made/);
    assert.equal(response.body, "POST cba\n");
  });

  it("runs a compiled program", { skip: without("cc") }, async (context) => {
    const site = await startSite(context);
    const source = join(temporaryDirectory(context), "x.c");
    writeFileSync(
      source,
      `#include <stdio.h>
       #include <stdlib.h>
       int main(int argc, char **argv) {
         long length = atol(getenv("CONTENT_LENGTH") ? getenv("CONTENT_LENGTH") : "0"), sum = 0;
         while (length-- > 0) sum += getchar();
         printf("Content-Type: text/plain\\n\\n%d %ld\\n", argc, sum);
         return 0;
       }`,
    );
    mkdirSync(join(site.root, "cgi-bin"));
    execFileSync("cc", ["-o", join(site.root, "cgi-bin/x"), source]);
    assert.equal(await bodyOf(site, post("/cgi-bin/x", "\x01\x02\x03")), "1 6\n");
    assert.equal(await bodyOf(site, get("/cgi-bin/x?-s")), "1 0\n");
  });

  it("runs JavaScript by this Node", async (context) => {
    const site = await startSite(context);
    const source = [
      `#!${process.execPath}`,
      'process.stdout.write("Content-Type: text/plain\\n\\n");',
      "process.stdin.pipe(process.stdout);",
      "",
    ].join("\n");
    site.script("x.mjs", source);
    assert.equal(await bodyOf(site, post("/cgi-bin/x.mjs", "through")), "through");
  });

  it("runs a script whose name needs quotes", { skip: without("sh") }, async (context) => {
    const site = await startSite(context);
    site.script(
      "-a 'b' $(c); \"d\"\n.sh",
      "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s' \"$SCRIPT_NAME\"\n",
    );
    const path = "/cgi-bin/-a%20'b'%20$(c);%20%22d%22%0A.sh";
    assert.equal(await bodyOf(site, get(path)), "/cgi-bin/-a 'b' $(c); \"d\"\n.sh");
  });
});

describe("curl", { skip: without("curl") }, () => {
  const HASH = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec sha256sum\n";
  const size = 32 * 1024 * 1024;

  for (const [name, options] of [
    ["a length, after 100 Continue", ["-H", "Expect: 100-continue"]],
    ["chunks", ["-H", "Transfer-Encoding: chunked"]],
    ["HTTP/1.0", ["--http1.0", "-H", "Expect:"]],
  ] as const) {
    it(`uploads 32 MiB with ${name}`, async (context) => {
      const site = await startSite(context);
      site.script("hash", HASH);
      const content = randomBytes(size);
      const file = join(temporaryDirectory(context), "content");
      writeFileSync(file, content);
      const url = `${site.url}/cgi-bin/hash`;
      const { stdout } = await run("curl", ["-sS", "-f", ...options, "--data-binary", `@${file}`, url]);
      assert.equal(stdout.split(" ")[0], createHash("sha256").update(content).digest("hex"));
    });
  }

  it("gets 256 MiB through a script that sends it back, with flat memory", async (context) => {
    const site = await startSite(context);
    site.script("echo", "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\n'\nexec cat\n");
    const url = `${site.url}/cgi-bin/echo`;
    const before = process.memoryUsage().rss;
    let highest = before;
    const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 20);
    const command = `head -c 268435456 /dev/zero > body && curl -sS -f --data-binary @body -H Expect: ${url} | sha256sum`;
    // curl reads --data-binary into its memory; -T streams, but would be a PUT.
    const streamed = command.replace("--data-binary @body", "-X POST -T body");
    const { stdout } = await run("sh", ["-c", streamed], { cwd: temporaryDirectory(context) });
    clearInterval(watch);
    assert.equal(stdout.split(" ")[0], "a6d72ac7690f53be6ae46ba88506bd97302a093f7108472bd9efc3cefda06484");
    assert.ok(
      highest - before < 100 * 1024 * 1024,
      `${Math.round((highest - before) / 1024 / 1024)} MiB more`,
    );
  });
});

describe("git http-backend", { skip: without("git", "curl") }, () => {
  const identity = [
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.com",
    "-c",
    "init.defaultBranch=main",
  ];

  function git(directory: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
    const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1", HOME: directory };
    return run("git", [...identity, ...args], { cwd: directory, env });
  }

  /** A bare repository with one commit, which the user of scripts may write to. */
  async function serveRepository(context: TestContext): Promise<Site & { clone: string }> {
    const site = await startSite(context);
    const repositories = temporaryDirectory(context);
    await git(repositories, "init", "--bare", "project.git");
    await git(repositories, "-C", "project.git", "config", "http.receivepack", "true");
    if (isRoot) {
      const { uid, gid } = await lookUpUser("nobody");
      for (const path of execFileSync("find", [repositories], { encoding: "utf8" }).trim().split("\n")) {
        chownSync(path, uid, gid);
      }
    }
    putScript(
      site.root,
      "cgi-bin/git",
      `#!/bin/sh\nexport GIT_PROJECT_ROOT='${repositories}' GIT_HTTP_EXPORT_ALL=\nexec git http-backend\n`,
    );
    const workplace = temporaryDirectory(context);
    const clone = join(workplace, "clone");
    await git(workplace, "clone", "-q", `${site.url}/cgi-bin/git/project.git`, clone);
    writeFileSync(join(clone, "README"), "first\n");
    await git(clone, "add", ".");
    await git(clone, "commit", "-q", "-m", "first");
    await git(clone, "push", "-q", "origin", "HEAD:main");
    return { ...site, clone };
  }

  it("clones, pushes and fetches", async (context) => {
    const { url, clone, logged } = await serveRepository(context);
    const workplace = temporaryDirectory(context);
    await git(workplace, "clone", "-q", `${url}/cgi-bin/git/project.git`, "second");
    const second = join(workplace, "second");
    assert.equal(readFileSync(join(second, "README"), "utf8"), "first\n");

    writeFileSync(join(clone, "README"), "changed\n");
    await git(clone, "commit", "-q", "-a", "-m", "second");
    await git(clone, "push", "-q", "origin", "HEAD:main");
    await git(second, "pull", "-q", "--ff-only");
    assert.equal(readFileSync(join(second, "README"), "utf8"), "changed\n");

    await git(workplace, "clone", "-q", "--depth=1", `${url}/cgi-bin/git/project.git`, "shallow");
    const failures = logged.filter((message) => /exit code|cut|5\d\d/.test(message));
    assert.deepEqual(failures, []);
  });

  it("pushes more than git sends in one piece: in chunks (http.postBuffer)", async (context) => {
    const { url, clone } = await serveRepository(context);
    const content = randomBytes(8 * 1024 * 1024);
    writeFileSync(join(clone, "large"), content);
    await git(clone, "add", ".");
    await git(clone, "commit", "-q", "-m", "large");
    await git(clone, "push", "-q", "origin", "HEAD:main");
    const workplace = temporaryDirectory(context);
    await git(workplace, "clone", "-q", `${url}/cgi-bin/git/project.git`, "second");
    assert.ok(readFileSync(join(workplace, "second/large")).equals(content));
  });

  it("speaks version 2 of git's protocol, for which Git-Protocol has to reach the program", async (context) => {
    const { url, clone } = await serveRepository(context);
    const trace = join(temporaryDirectory(context), "trace");
    const env = { ...process.env, GIT_TRACE_PACKET: trace };
    await run("git", ["-c", "protocol.version=2", "ls-remote", `${url}/cgi-bin/git/project.git`], {
      cwd: clone,
      env,
    });
    assert.match(readFileSync(trace, "utf8"), /version 2/);
  });

  it("relays the program's own refusals", async (context) => {
    const { url } = await serveRepository(context);
    const status = async (path: string): Promise<string> => {
      const { stdout } = await run("curl", [
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        `${url}/cgi-bin/git${path}`,
      ]);
      return stdout;
    };
    assert.equal(await status("/nothere.git/info/refs"), "404");
    assert.equal(await status("/project.git/git-upload-pack"), "405");
    assert.equal(await status("/project.git/HEAD"), "200");
  });
});
