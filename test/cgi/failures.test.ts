// Real scripts with the faults that people make: what the log says, and what the client sees.

import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { stderrLog } from "../../src/log/log-sink.ts";
import { get, parseResponse, post, type Response, type Site, startSite } from "./running-site.ts";
import { RawClient } from "../raw-client.ts";
import { put, putScript, temporaryDirectory } from "./temporary-directory.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";
const isRoot = process.getuid?.() === 0;

async function ask(site: Site, request: string): Promise<Response> {
  return parseResponse(await site.exchange(request));
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await sleep(10);
  }
}

/** The record that the log has of a script's failure. */
async function recordOf(site: Site): Promise<string> {
  const record = (): string | undefined => site.logged.find((message) => /\nverdict /.test(message));
  await until(() => record() !== undefined);
  return record()!;
}

describe("a failed run", { skip: onWindows }, () => {
  const faults: Readonly<
    Record<string, readonly [source: string | Buffer, verdict: RegExp, remedy: RegExp]>
  > = {
    "a missing interpreter": [
      "#!/no/such/bird\n",
      /interpreter-missing: .*'\/no\/such\/bird'/,
      /install it, or name/,
    ],
    "a program that env does not find": [
      "#!/usr/bin/env bird9\n",
      /command-not-found: .*'bird9'/,
      /full path/,
    ],
    "CRLF behind #!": ["#!/bin/sh\r\necho\r\n", /carriage-return/, /dos2unix \S+\/x, /m],
    "a byte order mark before #!": [
      "\u{feff}#!/bin/sh\necho\n",
      /byte-order-mark-in-script/,
      /without a byte order mark/,
    ],
    "no #! at all": ["echo hello\n", /no-interpreter-line/, /#!\/bin\/sh/],
    "a program for another machine": [otherProgram(), /wrong-architecture/, /compile it/],
    "a byte order mark before the header": [
      "#!/bin/sh\nprintf '\\357\\273\\277Content-Type: text/html\\n\\nx'\n",
      /byte-order-mark: /,
      /save the script/,
    ],
    "a blank line before the header": [
      "#!/bin/sh\necho\necho Content-Type: text/html\necho\n",
      /blank-line-first/,
      /nothing before it/,
    ],
    "no blank line behind the header": [
      "#!/bin/sh\necho Content-Type: text/html\necho '<p>Hello'\n",
      /no-blank-line: .*'<p>Hello' comes right after/,
      /print an empty line/,
    ],
    "an end before the blank line": [
      "#!/bin/sh\necho Content-Type: text/html\nexit 3\n",
      /no-blank-line: .*exit code 3/,
      /print an empty line/,
    ],
    "a stray print": ["#!/bin/sh\necho Starting\n", /text-before-header: .*'Starting'/, /stray print/],
    "an error on stdout": [
      "#!/bin/sh\necho 'Traceback (most recent call last):'\n",
      /error-instead-of-header/,
      /repair that/,
    ],
    "a wrong status": [
      "#!/bin/sh\necho Status: fine\necho\n",
      /bad-header-line: .*status/,
      /correct that line/,
    ],
    "nothing at all": ["#!/bin/sh\n", /no-output: it printed nothing, and nothing on stderr/, /by hand/],
    "a missing command": [
      "#!/bin/sh\nexec frobnicate\n",
      /command-not-found: .*frobnicate.*12[67]/,
      /--cgi-env PATH=/,
    ],
    "a shot": ["#!/bin/sh\nkill -KILL $$\n", /killed: SIGKILL/, /Out of memory/],
  };
  for (const [fault, [source, verdict, remedy]] of Object.entries(faults)) {
    it(`has a record that knows ${fault}`, async (context) => {
      const site = await startSite(context);
      const file = put(site.root, "cgi-bin/x", source, 0o755);
      const { status, body } = await ask(site, get("/cgi-bin/x?a=1"));
      assert.ok(status === 500 || status === 502, String(status));
      assert.ok(!body.includes(site.root) && !body.includes("verdict"), body);
      const record = await recordOf(site);
      assert.match(record, new RegExp(`^verdict +${verdict.source}`, "m"));
      assert.match(record, new RegExp(`^remedy +.*${remedy.source}`, "m"));
      assert.match(record, /^request +GET \/cgi-bin\/x\?a=1$/m);
      assert.match(record, new RegExp(`^script +${file},? .*as .*, in ${join(site.root, "cgi-bin")}$`, "m"));
      assert.match(record, /^ended +(it was not started|.*after \d+ ms, \d+ bytes of output)$/m);
    });
  }

  it("shows the first and the last lines of stderr, also those that come when the output is at its end", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\nexec >&-\nfor i in $(seq 30); do echo line $i >&2; done\nprintf 'the last' >&2\nexit 1\n",
    );
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
    const record = await recordOf(site);
    assert.match(record, /^stderr +line 1\n[^(]+ line 5\n +\(14 more lines\)\n +line 20\n/m);
    assert.match(record, /^ +the last$/m);
    assert.match(record, /^ended +exit code 1, after /m);
    assert.match(record, /but on stderr 'the last'$/m);
  });

  it("waits for the traceback of a script that printed something first", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho debugging\necho 'NameError: y' >&2\nexit 1\n");
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
    assert.match(await recordOf(site), /^stderr +NameError: y$/m);
  });

  it("says that htbin gave up, where a script is too slow or too talkative", async (context) => {
    const cgiLimits = { ...defaultCGILimits, timeToHeader: 300, headerSize: 100, killGrace: 200 };
    const site = await startSite(context, { cgiLimits });
    site.script("x", "#!/bin/sh\necho waiting >&2\nsleep 30\n");
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 504);
    const slow = await recordOf(site);
    assert.match(slow, /^verdict +too-slow/m);
    assert.match(slow, /^ended +still running when htbin gave up, after /m);
    assert.match(slow, /^stderr +waiting$/m);
    site.logged.length = 0;
    site.script("x", `#!/bin/sh\necho X-Long: ${"a".repeat(200)}\n`);
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
    assert.match(await recordOf(site), /^verdict +header-too-large/m);
  });

  it("has a record for a body that breaks off, and the client sees the cut", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho Content-Type: text/plain\necho\necho half\nkill -SEGV $$\n");
    const { status, isWhole } = await ask(site, get("/cgi-bin/x"));
    assert.deepEqual([status, isWhole], [200, false]);
    const record = await recordOf(site);
    assert.match(record, /^response cut: \/cgi-bin\/x: /);
    assert.match(record, /^verdict +killed: SIGSEGV/m);
    site.logged.length = 0;
    site.script("x", "#!/bin/sh\nprintf 'Content-Type: a/b\\nContent-Length: 9\\n\\nabc'\n");
    await ask(site, get("/cgi-bin/x"));
    assert.match(await recordOf(site), /^verdict +too-short/m);
  });

  it("says so when a script falls silent in the middle of its page", async (context) => {
    const site = await startSite(context, { cgiLimits: { ...defaultCGILimits, idle: 200, killGrace: 200 } });
    site.script("x", "#!/bin/sh\necho Content-Type: text/plain\necho\necho half\nsleep 30\n");
    assert.equal((await ask(site, get("/cgi-bin/x"))).isWhole, false);
    const silent = await recordOf(site);
    assert.match(silent, /^verdict +silent: in the middle of its page: it printed nothing for 0\.2 s$/m);
    assert.match(silent, /^remedy +.*cgiLimits\.idle/m);
  });

  it("does not blame the script for a client that breaks its chunks in the middle of the page", async (context) => {
    const root = temporaryDirectory(context);
    const program = putScript(root, "x", "#!/bin/sh\necho Content-Type: text/plain\necho\necho half\ncat\n");
    const site = await startSite(context, { cgiMounts: { "/x": { program, requestBody: "stream" } } });
    using client = await RawClient.connect(site.port);
    client.send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    await client.untilText("half");
    client.send("no number\r\n");
    assert.ok(!(await client.untilEnd()).endsWith("0\r\n\r\n"));
    await until(() => site.logged.some((line) => line.includes("chunk")));
    assert.ok(!site.logged.some((line) => line.includes("verdict")), site.logged.join("\n"));
  });

  it("says chmod +x for a script without its bit, and the client reads what the original says", async (context) => {
    const site = await startSite(context);
    const file = put(site.root, "cgi-bin/x", "#!/bin/sh\n");
    const { head } = await ask(site, get("/cgi-bin/x"));
    assert.match(head, /^HTTP\/1\.1 403 CGI script is not executable \('\/cgi-bin\/x'\)/);
    const record = await recordOf(site);
    assert.match(record, /^verdict +no-execute-permission/m);
    assert.ok(record.endsWith(`remedy   chmod +x ${file}`), record);
  });

  it(
    "names the directory that keeps nobody out",
    { skip: !isRoot && "only root can start scripts as nobody" },
    async (context) => {
      const site = await startSite(context);
      const file = site.script("closed/x", "#!/bin/sh\n");
      const directory = join(site.root, "cgi-bin", "closed");
      chmodSync(directory, 0o700);
      assert.equal((await ask(site, get("/cgi-bin/closed/x"))).status, 500);
      const record = await recordOf(site);
      assert.ok(
        record.includes(`no-permission: the user nobody may not pass the directory ${directory}`),
        record,
      );
      assert.ok(record.includes(`chmod a+x ${directory}`));
      chmodSync(directory, 0o755);
      chmodSync(file, 0o711);
      site.logged.length = 0;
      assert.equal((await ask(site, get("/cgi-bin/closed/x"))).status, 502);
      assert.ok((await recordOf(site)).includes(`the user nobody may not read ${file}`));
    },
  );
});

describe("stderr of a script", { skip: onWindows }, () => {
  it("is logged with the request where the script's name does not say it all", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho said >&2\necho Status: 200\necho\n");
    await ask(site, post("/cgi-bin/x/info?q=1", "body"));
    await until(() => site.logged.includes("/cgi-bin/x (POST /cgi-bin/x/info?q=1): said"));
    await ask(site, get(`/cgi-bin/x?${"q".repeat(1000)}`));
    await until(() =>
      site.logged.some(
        (line) => line === `/cgi-bin/x (GET ${`/cgi-bin/x?${"q".repeat(1000)}`.slice(0, 200)}...): said`,
      ),
    );
  });

  it("comes whole: a burst, very long lines, bytes that are no text, and no line end at the end", async (context) => {
    const written: string[] = [];
    context.mock.method(stderrLog, "write", (entry: string) => void written.push(entry));
    const { logMessage } = CGIHTTPRequestHandler.prototype;
    const site = await startSite(context, { logMessage });
    site.script(
      "x",
      "#!/bin/sh\necho Status: 200\necho\nseq 20000 >&2\n" +
        "head -c 100000 /dev/zero | tr '\\0' a >&2\nprintf '\\n\\000\\377\\200\\nthe end' >&2\n",
    );
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
    await until(() => written.some((entry) => entry.endsWith("/cgi-bin/x: the end\n")));
    const lines = written
      .filter((entry) => entry.includes(" /cgi-bin/x: "))
      .map((entry) => entry.replace(/^.*?\/cgi-bin\/x: /, "").trimEnd());
    assert.deepEqual(
      lines.slice(0, 20_000),
      Array.from({ length: 20_000 }, (_, index) => String(index + 1)),
    );
    const long = lines.slice(20_000, -2);
    assert.equal(long.join("").length, 100_000);
    assert.ok(long.every((line) => line.length <= 4096));
    assert.deepEqual(lines.slice(-2), ["\\x00\u00ff\\x80", "the end"]);
  });

  it("makes a record whose lines cannot be taken for entries of the log", async (context) => {
    const written: string[] = [];
    context.mock.method(stderrLog, "write", (entry: string) => void written.push(entry));
    const { logMessage } = CGIHTTPRequestHandler.prototype;
    const site = await startSite(context, { logMessage });
    site.script("x", "#!/bin/sh\nprintf '127.0.0.1 - - forged\\rx' >&2\nexit 1\n");
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
    await until(() => written.some((entry) => entry.includes("verdict")));
    const record = written.find((entry) => entry.includes("verdict"))!;
    assert.match(record, /^127\.0\.0\.1 - - \[[^\]]+\] \/cgi-bin\/x: premature end of script headers: /);
    assert.match(record, /\n {4}stderr {3}127\.0\.0\.1 - - forged\\x0dx\n/);
    for (const line of record.trimEnd().split("\n").slice(1)) assert.match(line, /^ {4}/);
  });
});

describe("a local redirect to nothing", { skip: onWindows }, () => {
  it("has a line in the log, since the script that the client asked for is there", async (context) => {
    const site = await startSite(context);
    site.script("astray", "#!/bin/sh\necho Location: /none.html\necho\n");
    assert.equal((await ask(site, get("/cgi-bin/astray"))).status, 404);
    const line = "/cgi-bin/astray: its Location, /none.html, is answered with 404";
    await until(() => site.logged.includes(line));
    site.script("well", "#!/bin/sh\necho Location: /cgi-bin/page\necho\n");
    site.script("page", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhi'\n");
    assert.equal((await ask(site, get("/cgi-bin/well"))).status, 200);
    assert.ok(!site.logged.some((each) => each.startsWith("/cgi-bin/well: its Location")));
  });
});

describe("cgiDebug", { skip: onWindows }, () => {
  const FAILING = "#!/bin/sh\necho '<script>alert(1)</script>' >&2\nexit 1\n";

  it("shows the record to a client on this machine, escaped", async (context) => {
    const site = await startSite(context, { cgiDebug: true });
    site.script("x", FAILING);
    const { status, head, body } = await ask(site, get("/cgi-bin/x"));
    assert.equal(status, 502);
    assert.match(head, /^Content-Type: text\/html/m);
    assert.match(body, /<pre>\/cgi-bin\/x: premature end of script headers/);
    assert.match(body, /\nverdict +no-output/);
    assert.ok(body.includes("&lt;script&gt;alert(1)") && !body.includes("<script>"));
    await recordOf(site);
    put(site.root, "cgi-bin/plain", "#!/bin/sh\n");
    assert.match((await ask(site, get("/cgi-bin/plain"))).body, /\nremedy +chmod \+x /);
  });

  it("shows it to nobody behind a proxy, and to nobody without the option", async (context) => {
    const site = await startSite(context, { cgiDebug: true });
    site.script("x", FAILING);
    for (const field of [
      "X-Forwarded-For: 127.0.0.1",
      "Forwarded: for=127.0.0.1",
      "Via: 1.1 proxy",
      "X-Real-IP: ::1",
    ]) {
      const { body } = await ask(site, get("/cgi-bin/x", `${field}\r\n`));
      assert.ok(!body.includes("verdict") && !body.includes(site.root), field);
    }
    const other = await startSite(context);
    other.script("x", FAILING);
    assert.ok(!(await ask(other, get("/cgi-bin/x"))).body.includes("verdict"));
  });

  it("says which name may be meant, and what a folder of scripts is not", async (context) => {
    const site = await startSite(context, { cgiDebug: true });
    put(site.root, "cgi-bin/form.py.txt", "");
    const missing = await ask(site, get("/cgi-bin/form.py"));
    assert.equal(missing.status, 404);
    assert.match(missing.body, /There is no \S+\/form\.py, but \S+\/form\.py\.txt\./);
    const folder = await ask(site, get("/cgi-bin/"));
    assert.equal(folder.status, 403);
    assert.match(folder.body, /Name a script in the URL: /);
    assert.ok(site.logged.some((line) => line.includes("but ") && line.includes("form.py.txt")));
    const proxied = await ask(site, get("/cgi-bin/form.py", "Via: 1.1 proxy\r\n"));
    assert.ok(!proxied.body.includes(site.root));
    const other = await startSite(context);
    put(other.root, "cgi-bin/form.py.txt", "");
    assert.ok(!(await ask(other, get("/cgi-bin/form.py"))).body.includes("form.py.txt"));
    assert.ok(!other.logged.some((line) => line.includes("form.py.txt")), "no look at names for a scanner");
  });

  it("leaves the page of every other error as it was", async (context) => {
    const site = await startSite(context, { cgiDebug: true });
    site.script("x", FAILING);
    const both = await site.exchange(`GET /cgi-bin/x HTTP/1.1\r\nHost: a\r\n\r\n${get("/nothing")}`);
    assert.equal(both.split("HTTP/1.1 404").length, 2);
    assert.ok(!both.split("HTTP/1.1 404")[1]!.includes("<pre>"));
  });
});

/** An ELF program for a machine that is not this one, whichever that is. */
function otherProgram(): Buffer {
  const program = Buffer.alloc(256);
  program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  program.writeUInt16LE(2, 16);
  const mine = readFileSync(process.execPath).readUInt16LE(18);
  program.writeUInt16LE(mine === 22 ? 62 : 22, 18);
  return program;
}

describe("a script that has no access to its data", () => {
  it(
    "is told apart from one whose data is not there, whatever it says itself",
    { skip: !isRoot && "only root can start scripts as nobody" },
    async (context) => {
      const site = await startSite(context);
      const data = put(site.root, "private/x.conf", "");
      chmodSync(join(site.root, "private"), 0o700);
      site.script("x", `#!/bin/sh\necho "abort: config file ${data} not found!" >&2\nexit 255\n`);
      assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
      const record = await recordOf(site);
      assert.match(
        record,
        /no-permission: .* is there, but the user nobody may not pass the directory \S+\/private$/m,
      );
      assert.match(
        record,
        /^remedy +let the user nobody pass the directory \S+, or run scripts as another user/m,
      );
    },
  );

  it("has the first line of a long trace in its record", { skip: onWindows }, async (context) => {
    const site = await startSite(context);
    const trace =
      'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo "  from $i" >&2; done';
    site.script("x", `#!/bin/sh\necho "x.rb:1: no page (NameError)" >&2\n${trace}\nexit 1\n`);
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 502);
    const record = await recordOf(site);
    assert.match(record, /^stderr +x\.rb:1: no page \(NameError\)\n +from 1\n/m);
    assert.match(record, /^ +from 4\n +\(4 more lines\)\n +from 9\n/m);
    assert.match(record, /^verdict +no-output: .* on stderr 'x\.rb:1: no page \(NameError\)'$/m);
  });
});
