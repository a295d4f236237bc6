// `htbin explain` as people run it, beside the server that it speaks of.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import { curl, type Ended, runHtbin, startHtbin } from "./htbin-process.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";
const ENVIRONMENT = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nenv\n";

function explain(directory: string, ...words: string[]): Promise<Ended> {
  return runHtbin(["explain", ...words, "-d", directory]);
}

describe("htbin explain", { skip: onWindows }, () => {
  it("says how a script would be started, and starts nothing", async (context) => {
    const root = temporaryDirectory(context);
    const file = putScript(root, "cgi-bin/x", `#!/bin/sh\ntouch ${root}/was-run\n`);
    const { code, stdout, stderr } = await explain(root, "/cgi-bin/x/info?q=1", "--cgi");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^GET \/cgi-bin\/x\/info\?q=1\n\nscript +\S+\nrun by +#!\/bin\/sh, its first line\n/,
    );
    assert.ok(stdout.includes(`script        ${file}\n`));
    assert.match(stdout, /^SCRIPT_NAME +\/cgi-bin\/x\nPATH_INFO +\/info$/m);
    assert.match(stdout, /^arguments +none$/m);
    assert.match(stdout, /^limits +60 s and 65536 bytes to the end of the header, 600 s of silence,$/m);
    assert.match(stdout, /^ {2}QUERY_STRING=q=1$/m);
    assert.match(stdout, /^verdict +nothing speaks against it; --run runs it once$/m);
    const listing = await explain(root, "/was-run");
    assert.equal(listing.code, 1);
  });

  it("prints the environment that a script of the real server gets", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/x", ENVIRONMENT);
    await using server = await startHtbin(["--cgi", "-q", "-b", "127.0.0.1", "-d", root, "0"]);
    const real = await curl("-A", "", `${server.url}cgi-bin/x/a%20b?q`);
    const { stdout } = await explain(
      root,
      "/cgi-bin/x/a%20b?q",
      "--cgi",
      "-b",
      "127.0.0.1",
      String(server.port),
      "-H",
      "A: b",
    );
    const planned = stdout
      .split("\n")
      .filter((line) => /^ {2}\w+=/.test(line))
      .map((line) => line.slice(2));
    // What a shell sets by itself, and what differs from one connection to the next.
    const isCompared = (line: string): boolean =>
      !/^(?:PWD|OLDPWD|SHLVL|_|REMOTE_PORT|HTTP_HOST|SERVER_NAME)=/.test(line) && line !== "";
    assert.deepEqual(planned.filter(isCompared), real.body.split("\n").filter(isCompared).sort());
  });

  it("finds out beforehand what would keep a script from starting", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/x", "#!/no/such/bird\n");
    const { code, stdout } = await explain(root, "/cgi-bin/x", "--cgi");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^verdict +interpreter-missing: .*'\/no\/such\/bird', which does not exist\nremedy +install it/m,
    );
  });

  it("says why a path is refused, and what to do", async (context) => {
    const root = temporaryDirectory(context);
    const file = put(root, "cgi-bin/x", "#!/bin/sh\n");
    put(root, ".env", "secret");
    const refused = await explain(root, "/cgi-bin/x", "--cgi");
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^answer +HTTP\/1\.1 403 CGI script is not executable/m);
    assert.ok(refused.stdout.includes(`remedy        chmod +x ${file}\n`));
    const missing = await explain(root, "/cgi-bin/none", "--cgi");
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /^answer +HTTP\/1\.1 404 No such CGI script/m);
    assert.ok(missing.stdout.includes(`because       there is no ${root}/cgi-bin/none\n`));
    const misspelt = await explain(root, "/CGI-bin/x", "--cgi");
    assert.ok(
      misspelt.stdout.includes(`there is no ${root}/CGI-bin, but ${root}/cgi-bin\n`),
      misspelt.stdout,
    );
    const hidden = await explain(root, "/.env");
    assert.match(
      hidden.stdout,
      /^because +\/\.env: a name with a leading dot is not served \(--dotfiles allows that\)$/m,
    );
    assert.equal((await explain(root, "/.env", "--dotfiles")).code, 0);
    assert.equal((await explain(root, "/%zz")).code, 1);
  });

  it("warns of a script that lies where it is sent as a file", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "x.py", "#!/usr/bin/env python3\n");
    put(root, "y.txt", "text");
    const source = await explain(root, "/x.py", "--cgi");
    assert.match(source.stdout, /^because +it looks like a script, but is a file like any other here/m);
    assert.match(source.stdout, /^verdict +its source is sent, and it is not run$/m);
    assert.ok(!(await explain(root, "/y.txt", "--cgi")).stdout.includes("looks like a script"));
    const other = put(root, "cgi-bin/z", "<?php");
    const refused = await explain(root, "/cgi-bin/z", "--cgi");
    assert.ok(!refused.stdout.includes("looks like a script"), `${other} is not sent`);
  });

  it("gives a verdict on scripts that redirect to each other, and on one that prints too much", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/a", "#!/bin/sh\nprintf 'Location: /cgi-bin/a\\n\\n'\n");
    const loop = await explain(root, "--run", "/cgi-bin/a", "--cgi");
    assert.match(loop.stdout, /^verdict +redirect-loop: .*\nremedy +look at the Location/m);
    const long = "#!/bin/sh\nprintf 'Content-Type: text/plain\\nContent-Length: 1\\n\\nlong'\n";
    putScript(root, "cgi-bin/b", long);
    const cut = await explain(root, "--run", "/cgi-bin/b", "--cgi");
    assert.match(cut.stdout, /^verdict +it answers, but its page is cut/m);
  });

  it("says which file would be sent, which folder listed, and where a redirect leads", async (context) => {
    const root = temporaryDirectory(context);
    put(root, "a b.txt", "text");
    put(root, "site/index.html", "<p>");
    put(root, "big.bin", Buffer.alloc(3 * 1024 * 1024));
    mkdirSync(join(root, "empty"));
    const file = await explain(root, "/a b.txt");
    assert.equal(file.code, 0);
    assert.ok(file.stdout.includes(`sends         ${root}/a b.txt\n`));
    assert.match(file.stdout, /Content-Type: text\/plain[^]*^verdict +it would work$/m);
    assert.ok((await explain(root, "/site/")).stdout.includes(`sends         ${root}/site/index.html\n`));
    assert.ok((await explain(root, "/empty/")).stdout.includes(`lists         ${root}/empty/\n`));
    assert.match((await explain(root, "/site")).stdout, /301[^]*Location: \/site\//);
    assert.equal((await explain(root, "/big.bin")).code, 0);
    assert.match((await explain(root, "/big.bin", "--run")).stdout, /^body +3145728 bytes$/m);
    assert.equal((await explain(root, "-X", "PUT", "/a b.txt")).code, 1);
  });

  it("warns that without --cgi the source of a script is sent", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/x", "#!/bin/sh\n");
    assert.match((await explain(root, "/cgi-bin/x")).stdout, /^because +without --cgi nothing is run/m);
  });

  it("is a word that needs a URL, and no folder to serve: that is ./explain", async (context) => {
    const root = temporaryDirectory(context);
    mkdirSync(join(root, "explain"));
    const alone = await runHtbin(["explain"], { cwd: root });
    assert.equal(alone.code, 2);
    assert.match(alone.stderr, /^htbin: explain needs a URL, .* \.\/explain\.\n$/);
    await using server = await startHtbin(["0", "./explain", "-b", "127.0.0.1"], { cwd: root });
    assert.ok(server.stdout.includes(`Folder: ${join(root, "explain")}`));
  });

  it("answers wrong usage in one sentence", async (context) => {
    const root = temporaryDirectory(context);
    for (const [words, sentence] of [
      [["/x", "--bogus"], /there is no option --bogus/],
      [["/x", "--data", "/no/such/file"], /cannot read \/no\/such\/file \(ENOENT\)/],
    ] as const) {
      const { code, stdout, stderr } = await explain(root, ...words);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, sentence);
      assert.equal(stderr.split("\n").length, 2);
    }
    const gone = await explain(join(root, "none"), "/x");
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /there is no folder/);
    assert.match((await runHtbin(["explain", "--help"])).stdout, /^Usage: htbin explain /);
  });
});

describe("htbin explain --run", { skip: onWindows }, () => {
  it("runs a script once, with a body, and shows header, times, stderr and end", async (context) => {
    const root = temporaryDirectory(context);
    const data = put(root, "form.txt", "name=Ada");
    putScript(
      root,
      "cgi-bin/x",
      "#!/bin/sh\necho noted >&2\nprintf 'Content-Type: text/plain\\n\\n'\necho $REQUEST_METHOD $CONTENT_TYPE\ncat\n",
    );
    const { code, stdout } = await explain(root, "--run", "--data", data, "/cgi-bin/x", "--cgi");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^answer +HTTP\/1\.1 200 OK$/m);
    assert.match(stdout, /^ {2}\| POST application\/x-www-form-urlencoded\n {2}\| name=Ada$/m);
    assert.match(stdout, /^time +[\d.]+ m?s to the header, [\d.]+ m?s in all$/m);
    assert.match(stdout, /^ended +exit code 0, after [\d.]+ m?s$/m);
    assert.match(stdout, /^stderr +noted$/m);
    assert.match(stdout, /^verdict +it works, and says something on stderr$/m);
  });

  it("shows the verdict on a failure, once", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/x", "#!/bin/sh\necho oops >&2\necho Starting\n");
    const { code, stdout } = await explain(root, "--run", "/cgi-bin/x", "--cgi");
    assert.equal(code, 1);
    assert.match(stdout, /^answer +HTTP\/1\.1 502 /m);
    assert.match(stdout, /^because +\/cgi-bin\/x: malformed header from script/m);
    assert.match(stdout, /^verdict +text-before-header/m);
    assert.equal(stdout.split("oops").length, 2);
  });

  it("says of a script that fails behind its header that it answers, and fails", async (context) => {
    const root = temporaryDirectory(context);
    putScript(
      root,
      "cgi-bin/x",
      "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhalf'\nno-such-command\nexit 3\n",
    );
    const { stdout } = await explain(root, "--run", "/cgi-bin/x", "--cgi");
    assert.match(stdout, /^verdict +it answers, and then fails: exit code 3; see its stderr$/m);
  });

  it("tells an error that the script itself answers from a fault, and what it says from what htbin says", async (context) => {
    const root = temporaryDirectory(context);
    const answer = "printf 'Status: 500 Oops\\nContent-Type: text/html\\n\\n'";
    putScript(root, "cgi-bin/x", `#!/bin/sh\n${answer}\necho 'Parse error' >&2\nexit 255\n`);
    const { code, stdout } = await explain(root, "--run", "/cgi-bin/x", "--cgi");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^verdict +the script itself answers 500, and ends with exit code 255; on stderr it says 'Parse error'$/m,
    );
    assert.ok(!stdout.includes("CGI script exit code"), "that is no line of its stderr");
    putScript(root, "cgi-bin/y", "#!/bin/sh\nprintf 'Content-Type: text/html\\n\\n'\necho hm >&2\n");
    const talking = await explain(root, "--run", "/cgi-bin/y", "--cgi");
    assert.match(talking.stdout, /^verdict +it works, and says something on stderr$/m);
  });

  it("says of an empty file that it is empty, started or not", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/x", "");
    for (const words of [[], ["--run"]]) {
      const { code, stdout } = await explain(root, ...words, "/cgi-bin/x", "--cgi");
      assert.equal(code, 1);
      assert.match(stdout, /^verdict +empty-file: .*cgi-bin\/x is empty$/m);
    }
  });

  it("follows a local redirect as the server does", async (context) => {
    const root = temporaryDirectory(context);
    putScript(root, "cgi-bin/x", "#!/bin/sh\nprintf 'Location: /cgi-bin/y\\n\\n'\n");
    putScript(root, "cgi-bin/y", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nthere'\n");
    const { code, stdout } = await explain(root, "--run", "/cgi-bin/x", "--cgi");
    assert.equal(code, 0);
    assert.match(stdout, /SCRIPT_NAME +\/cgi-bin\/x\n[^]*SCRIPT_NAME +\/cgi-bin\/y\n/);
    assert.match(stdout, /^ {2}\| there$/m);
  });
});
