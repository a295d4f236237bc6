import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { stderrLog } from "../../src/log/log-sink.ts";
import { get, parseResponse, post, type Response, type Site, startSite } from "./running-site.ts";
import { put, putScript } from "./temporary-directory.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";

const HELLO = "#!/bin/sh\necho Content-Type: text/plain\necho\necho hello\n";
const ENVIRONMENT = "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n";
const ECHO = "#!/bin/sh\necho Content-Type: application/octet-stream\necho\nexec cat\n";

/** However busy the machine is, the whole of a short answer is waited for. */
const PATIENT = { cgiLimits: { ...defaultCGILimits, gatherTime: 10_000 } };

function printing(output: string): string {
  return `#!/bin/sh\nprintf '${output.replaceAll("%", "%%")}'\n`;
}

async function ask(site: Site, request: string): Promise<Response> {
  return parseResponse(await site.exchange(request));
}

async function until(condition: () => boolean, milliseconds = 5_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await sleep(10);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

/** A script that tells its number by stderr, and then stays. */
const STAYING = "#!/bin/sh\necho pid $$ >&2\necho Content-Type: text/plain\necho\nsleep 30 &\nwait\n";
const SILENT = "#!/bin/sh\necho pid $$ >&2\nsleep 30 &\nwait\n";

async function pidOf(site: Site): Promise<number> {
  const line = (): string | undefined => site.logged.find((message) => message.includes(": pid "));
  await until(() => line() !== undefined);
  return Number(/pid (\d+)/.exec(line()!)?.[1]);
}

describe("CGIHTTPRequestHandler", { skip: onWindows }, () => {
  it("runs a script and sends what it prints, with a status of our own", async (context) => {
    const site = await startSite(context);
    site.script("file1.sh", HELLO);
    const response = await ask(site, get("/cgi-bin/file1.sh"));
    assert.match(response.head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(response.head, /\r\nContent-Type: text\/plain(\r\n|$)/);
    assert.equal(response.body, "hello\n");
    assert.ok(response.isWhole);
    assert.ok(site.logged.includes('"GET /cgi-bin/file1.sh HTTP/1.1" 200 6'), site.logged.join("\n"));
  });

  it("serves files beside the CGI directories, and only files take no POST", async (context) => {
    const site = await startSite(context);
    put(site.root, "a.txt", "text");
    assert.equal((await ask(site, get("/a.txt"))).body, "text");
    const refused = await ask(site, post("/a.txt", "x"));
    assert.match(refused.head, /^HTTP\/1\.1 501 Can only POST to CGI scripts/);
  });

  it("redirects a CGI directory without its slash, runs its index script, and never lists one", async (context) => {
    const site = await startSite(context);
    site.script("x", HELLO);
    const redirect = await ask(site, get("/cgi-bin?q"));
    assert.equal(redirect.status, 301);
    assert.match(redirect.head, /\r\nLocation: \/cgi-bin\/\?q\r\n/);
    const listing = await ask(site, get("/cgi-bin/"));
    assert.match(listing.head, /^HTTP\/1\.1 403 CGI script is not a plain file \('\/cgi-bin\/'\)/);
    site.script("index.cgi", HELLO);
    site.script("sub/index.cgi", HELLO);
    assert.equal((await ask(site, get("/cgi-bin/"))).body, "hello\n");
    assert.equal((await ask(site, get("/cgi-bin/sub/"))).body, "hello\n");
    const sub = await ask(site, get("/cgi-bin/sub?q"));
    assert.equal(sub.status, 301);
    assert.match(sub.head, /\r\nLocation: \/cgi-bin\/sub\/\?q\r\n/);
  });

  it("runs scripts below a base path, which is part of SCRIPT_NAME and of redirects, and can be left by none", async (context) => {
    const site = await startSite(context, { base: "/app" });
    site.script("sub/index.cgi", HELLO);
    site.script("env", "#!/bin/sh\necho Content-Type: text/plain\necho\necho $SCRIPT_NAME $PATH_INFO\n");
    site.script("local", "#!/bin/sh\necho Location: /app/cgi-bin/env/there\necho\n");
    site.script("out", "#!/bin/sh\necho Location: /cgi-bin/env\necho\n");
    const sub = await ask(site, get("/app/cgi-bin/sub?q"));
    assert.match(sub.head, /^HTTP\/1\.1 301 [^]*\r\nLocation: \/app\/cgi-bin\/sub\/\?q\r\n/);
    assert.equal((await ask(site, get("/app/cgi-bin/env/x"))).body, "/app/cgi-bin/env /x\n");
    assert.equal((await ask(site, get("/app/cgi-bin/local"))).body, "/app/cgi-bin/env /there\n");
    assert.equal((await ask(site, get("/app/cgi-bin/out"))).status, 404);
    assert.equal((await ask(site, get("/cgi-bin/env"))).status, 404);
  });

  it("answers 404 and 403 as specified, and sends no source whatever it is asked (RFC 3875 §9.8)", async (context) => {
    const site = await startSite(context);
    site.script("run.sh", HELLO);
    const secret = put(site.root, "cgi-bin/secret.sh", "#!/bin/sh\n# SOURCE\n");
    symlinkSync(secret, join(site.root, "link.txt"));
    symlinkSync(join(site.root, "cgi-bin"), join(site.root, "alias"));
    put(site.root, "docs/a.txt", "");
    symlinkSync(secret, join(site.root, "docs/index.html"));
    const missing = await ask(site, get("/cgi-bin/nothere.sh"));
    assert.match(missing.head, /^HTTP\/1\.1 404 No such CGI script \('\/cgi-bin\/nothere\.sh'\)/);
    const plain = await ask(site, get("/cgi-bin/secret.sh"));
    assert.match(plain.head, /^HTTP\/1\.1 403 CGI script is not executable \('\/cgi-bin\/secret\.sh'\)/);
    const disguises = [
      "secret.sh/",
      "secret.sh.",
      "secret.sh%20",
      "./secret.sh",
      "..%2fcgi-bin/secret.sh",
      "%2e/secret.sh",
    ];
    const paths = [
      ...disguises.map((name) => `/cgi-bin/${name}`),
      "/cgi-bin%2fsecret.sh",
      "//cgi-bin//secret.sh",
    ];
    for (const path of [
      ...paths,
      "/x/../cgi-bin/secret.sh",
      "/../cgi-bin/secret.sh",
      "/link.txt",
      "/alias/secret.sh",
      "/alias/",
      "/docs/",
    ]) {
      for (const fields of ["", "Range: bytes=0-10\r\n", "If-None-Match: *\r\n"]) {
        const response = await ask(site, get(path, fields));
        assert.ok(response.status === 403 || response.status === 404, `${path}: ${response.head}`);
        assert.ok(!response.body.includes("SOURCE") && !response.body.includes("secret.sh</a>"), path);
      }
    }
  });

  it("answers a path that is no path by 400 or 404, and lives on", async (context) => {
    const site = await startSite(context);
    site.script("x", HELLO);
    for (const path of [
      "/cgi-bin/%zz",
      "/cgi-bin/x/%00",
      "/cgi-bin/x/%A4",
      "/..",
      "/%",
      "/cgi-bin/../../x",
    ]) {
      const { status } = await ask(site, get(path));
      assert.ok(status === 400 || status === 404 || status === 200, `${path}: ${status}`);
    }
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
  });

  it("finds nested CGI directories and scripts in directories below them", async (context) => {
    const site = await startSite(context, { cgiDirectories: ["/cgi-bin", "/sub/dir/cgi-bin"] });
    putScript(site.root, "cgi-bin/child-dir/file3.sh", HELLO);
    putScript(site.root, "sub/dir/cgi-bin/file5.sh", HELLO);
    for (const path of [
      "/cgi-bin/child-dir/file3.sh",
      "/sub/dir/cgi-bin/file5.sh",
      "///x/..///cgi-bin//child-dir/file3.sh",
    ]) {
      assert.equal((await ask(site, get(path))).body, "hello\n", path);
    }
  });

  it("tells a script about its request (RFC 3875 §4.1), and nothing of the server", async (context) => {
    process.env["HTBIN_TEST_SECRET"] = "s";
    const site = await startSite(context, { cgiEnvironment: { GREETING: "" } });
    site.script("env", ENVIRONMENT);
    const fields =
      "Accept: a/b\r\nAccept: c/d\r\nProxy: http://evil\r\nAuthorization: Basic eDp5\r\nX_Y: 1\r\nX-Y: 2\r\n";
    const { body } = await ask(site, get("/cgi-bin/env/p%20q/%C3%A9?k=aa%2F%2Fbb&//q//p//=//a?c=d", fields));
    const lines = Buffer.from(body, "latin1").toString("utf8").split("\n");
    for (const line of [
      "AUTH_TYPE=",
      "CONTENT_LENGTH=",
      "CONTENT_TYPE=",
      "HTTP_AUTHORIZATION=",
      "HTTP_PROXY=",
      "HTBIN_TEST_SECRET=",
      "REMOTE_USER=",
    ]) {
      assert.ok(!body.includes(line), line);
    }
    for (const line of [
      "GATEWAY_INTERFACE=CGI/1.1",
      "GREETING=",
      "HTTP_ACCEPT=a/b, c/d",
      "HTTP_X_Y=2",
      "HTTP_HOST=test.example:81",
      "PATH_INFO=/p q/é",
      `PATH_TRANSLATED=${site.root}/p q/é`,
      "QUERY_STRING=k=aa%2F%2Fbb&//q//p//=//a?c=d",
      "REMOTE_ADDR=127.0.0.1",
      "REQUEST_METHOD=GET",
      "REQUEST_URI=/cgi-bin/env/p%20q/%C3%A9?k=aa%2F%2Fbb&//q//p//=//a?c=d",
      `SCRIPT_FILENAME=${site.root}/cgi-bin/env`,
      "SCRIPT_NAME=/cgi-bin/env",
      "SERVER_NAME=test.example",
      `SERVER_PORT=${site.port}`,
      "SERVER_PROTOCOL=HTTP/1.1",
      `PWD=${site.root}/cgi-bin`,
    ]) {
      assert.ok(lines.includes(line), `${line} in\n${body}`);
    }
  });

  it("says 400 for a Host that scripts could stumble over", async (context) => {
    const site = await startSite(context);
    site.script("x", HELLO);
    const request = "GET /cgi-bin/x HTTP/1.1\r\nHost: $(x)\r\nConnection: close\r\n\r\n";
    assert.equal((await ask(site, request)).status, 400);
  });

  it("gives the body to the script, exactly, and its length", async (context) => {
    const site = await startSite(context);
    site.script("echo", ECHO);
    site.script("env", ENVIRONMENT);
    assert.equal((await ask(site, post("/cgi-bin/echo", "1, python, 123456"))).body, "1, python, 123456");
    assert.match(
      (await ask(site, post("/cgi-bin/env", "abc", "Content-Type: X/y; b=C\r\n"))).body,
      /^CONTENT_TYPE=X\/y; b=C$/m,
    );
    assert.match((await ask(site, post("/cgi-bin/env", "abc"))).body, /^CONTENT_LENGTH=3$/m);
    assert.match((await ask(site, post("/cgi-bin/env", ""))).body, /^CONTENT_LENGTH=0$/m);
    assert.equal((await ask(site, get("/cgi-bin/echo"))).body, "");
  });

  it("keeps the next request of the connection out of the script's stdin", async (context) => {
    const site = await startSite(context, PATIENT);
    site.script("echo", ECHO);
    const first = "POST /cgi-bin/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    const text = await site.exchange(first + get("/cgi-bin/echo"));
    assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
    assert.ok(text.includes("\r\n\r\nabcHTTP/1.1 200 OK"), text);
  });

  it("decodes a chunked body and knows its length before the script starts, whatever its size", async (context) => {
    const site = await startSite(context);
    site.script(
      "count",
      `#!/bin/sh\necho Content-Type: text/plain\necho\necho "$CONTENT_LENGTH $HTTP_TRANSFER_ENCODING"\nwc -c`,
    );
    for (const count of [0, 1, 3, 20]) {
      const chunk = "x".repeat(10_000);
      const body = `2710;ext=1\r\n${chunk}\r\n`.repeat(count);
      const head =
        "POST /cgi-bin/count HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
      const response = await ask(site, `${head}${body}0\r\n\r\n`);
      assert.match(response.body, new RegExp(`^${count * 10_000} \\n\\s*${count * 10_000}\\n$`));
    }
  });

  it("answers a broken chunked body by 400, and a lost one by nothing, without a script", async (context) => {
    const site = await startSite(context);
    site.script("touch", `#!/bin/sh\necho started >&2\necho Status: 200\necho\n`);
    const head =
      "POST /cgi-bin/touch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert.equal((await ask(site, `${head}zz\r\n`)).status, 400);
    const { socket, closed, received } = site.connect();
    socket.end(`${head}5\r\nab`);
    await closed;
    assert.equal(received(), "");
    assert.ok(!site.logged.some((message) => message.includes("started")));
  });

  it("says 100 Continue when the script is accepted, and an error in its place when it is not", async (context) => {
    const site = await startSite(context);
    site.script("echo", ECHO);
    const head = (path: string, framing: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n${framing}\r\n\r\n`;
    for (const [framing, body] of [
      ["Content-Length: 3", "abc"],
      ["Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"],
    ] as const) {
      const { socket, received, closed } = site.connect();
      socket.write(head("/cgi-bin/echo", framing));
      await until(() => received().startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
      socket.write(body);
      await closed;
      assert.equal(parseResponse(received().slice(25)).body, "abc");
    }
    for (const [path, status] of [
      ["/cgi-bin/nothere", 404],
      ["/cgi-bin/", 403],
      ["/a.txt", 501],
    ] as const) {
      const response = await ask(site, head(path, "Content-Length: 3"));
      assert.equal(response.status, status);
    }
  });

  it("relays status, reason, repeated fields and a length, and drops what is not the script's to say", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      printing(
        "Set-Cookie: a=1\\nStatus: 404 Not here\\nSet-Cookie: b=2\\nContent-Type: text/x\\nContent-Length: 4\\nServer: evil\\nConnection: close\\n\\nbody",
      ),
    );
    const { head, body } = await ask(site, get("/cgi-bin/x"));
    assert.match(head, /^HTTP\/1\.1 404 Not here\r\nServer: SimpleHTTP\/[^\r]+\r\nDate: [^\r]+\r\n/);
    assert.ok(
      head.includes("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Type: text/x\r\nContent-Length: 4"),
      head,
    );
    assert.equal(head.match(/^server:/gim)?.length, 1);
    assert.equal(body, "body");
    assert.doesNotMatch(head, /Transfer-Encoding/);
  });

  it("keeps the connection after an answer without a length, of HTTP/1.0 as well where it is short", async (context) => {
    const site = await startSite(context, PATIENT);
    site.script("x", HELLO);
    const request = "GET /cgi-bin/x HTTP/1.1\r\nHost: x\r\n\r\n";
    const text = await site.exchange(request + request + get("/cgi-bin/x"));
    assert.equal(text.match(/Content-Length: 6\r\n(Connection: close\r\n)?\r\nhello\n/g)?.length, 3, text);
    const old = "GET /cgi-bin/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    assert.equal((await site.exchange(old + get("/cgi-bin/x"))).match(/hello\n/g)?.length, 2);
    const hasty = await startSite(context);
    hasty.script("bits", "#!/bin/sh\necho Content-Type: text/plain\necho\necho a\nsleep 0.3\necho b\n");
    const bits = "GET /cgi-bin/bits HTTP/1.1\r\nHost: x\r\n\r\n";
    const inChunks = await hasty.exchange(bits + get("/cgi-bin/bits"));
    assert.equal(inChunks.match(/2\r\na\n\r\n2\r\nb\n\r\n0\r\n\r\n/g)?.length, 2, inChunks);
  });

  it("has no body for HEAD, 204 and 304, whatever the script prints, and lets the script come to its end", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\nprintf 'Content-Type: a/b\\nContent-Length: 5\\n\\n'\necho body && echo $REQUEST_METHOD done >&2\n",
    );
    const head = await ask(site, get("/cgi-bin/x").replace("GET", "HEAD"));
    assert.match(head.head, /\r\nContent-Length: 5/);
    assert.equal(head.body, "");
    await until(() => site.logged.includes("/cgi-bin/x: HEAD done"));
    for (const status of [204, 304]) {
      site.script("y", printing(`Status: ${status}\\nContent-Type: a/b\\nContent-Length: 5\\n\\nbody\\n`));
      const response = await site.exchange(`GET /cgi-bin/y HTTP/1.1\r\nHost: x\r\n\r\n${get("/cgi-bin/y")}`);
      assert.equal(response.match(/HTTP\/1\.1/g)?.length, 2);
      assert.ok(!response.includes("body") && !response.includes("Transfer-Encoding"), response);
      assert.equal(response.includes("Content-Length"), status === 304);
    }
  });

  it("redirects the client for an absolute Location (RFC 3875 §6.2.3)", async (context) => {
    const site = await startSite(context);
    site.script("x", printing('Location: http://example.com/?a&"b\\n\\n'));
    const { head, body } = await ask(site, get("/cgi-bin/x"));
    assert.match(head, /^HTTP\/1\.1 302 Found\r\n/);
    assert.match(head, /\r\nLocation: http:\/\/example\.com\/\?a&"b\r\n/);
    assert.ok(body.includes('<a href="http://example.com/?a&amp;&quot;b">'));
  });

  it("answers a local redirect as if the other path had been asked for (RFC 3875 §6.2.2)", async (context) => {
    const site = await startSite(context);
    put(site.root, "a.txt", "file");
    put(site.root, ".hidden", "no");
    site.script("env", ENVIRONMENT);
    site.script("go", "#!/bin/sh\nprintf 'Location: %s\\n\\n' \"$QUERY_STRING\"\n");
    assert.equal((await ask(site, get("/cgi-bin/go?/a.txt"))).body, "file");
    const { body } = await ask(site, post("/cgi-bin/go?/cgi-bin/env/p?q", "abc", "Content-Type: a/b\r\n"));
    for (const line of [
      "REQUEST_METHOD=GET",
      "QUERY_STRING=q",
      "PATH_INFO=/p",
      "REQUEST_URI=/cgi-bin/go?/cgi-bin/env/p?q",
      "REDIRECT_URL=/cgi-bin/go",
      "REDIRECT_QUERY_STRING=/cgi-bin/env/p?q",
    ]) {
      assert.ok(body.split("\n").includes(line), `${line} in\n${body}`);
    }
    assert.ok(!body.includes("CONTENT_"), body);
    // The same rules as from outside; and no way to another host.
    for (const target of ["/.hidden", "/nothere", "/cgi-bin/nothere", "/../../etc/passwd"]) {
      assert.equal((await ask(site, get(`/cgi-bin/go?${target}`))).status, 404, target);
    }
    assert.equal((await ask(site, get("/cgi-bin/go?//a.example/x"))).status, 502);
    const head = await ask(site, get("/cgi-bin/go?/a.txt").replace("GET", "HEAD"));
    assert.match(head.head, /Content-Length: 4/);
    assert.equal(head.body, "");
    assert.ok(
      site.logged.includes('"POST /cgi-bin/go?/cgi-bin/env/p?q HTTP/1.1" 200 ' + body.length),
      site.logged.join("\n"),
    );
  });

  it("reads the next request after a local redirect of one with an unread body", async (context) => {
    const site = await startSite(context);
    put(site.root, "a.txt", "file");
    site.script("go", printing("Location: /a.txt\\n\\n"));
    const first = `POST /cgi-bin/go HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${"b".repeat(1000)}`;
    const text = await site.exchange(first + get("/a.txt"));
    assert.equal(text.match(/\r\n\r\nfile/g)?.length, 2);
  });

  it("ends a circle of local redirects", async (context) => {
    const site = await startSite(context);
    site.script("round", printing("Location: /cgi-bin/round\\n\\n"));
    assert.equal((await ask(site, get("/cgi-bin/round"))).status, 500);
    assert.ok(site.logged.some((message) => message.includes("more than 10 local redirects")));
  });

  it("answers 502 for what is no CGI output; the client sees no detail, and the log sees all", async (context) => {
    const site = await startSite(context);
    const outputs = {
      nothing: "",
      half: "Content-Type: a/b\\n",
      text: "Hello\\n",
      split: "Content-Type: a/b\\rSet-Cookie: x\\n\\n",
      chunked: "Content-Type: a/b\\nTransfer-Encoding: chunked\\n\\n0\\r\\n\\r\\nHTTP/1.1 200 OK",
      status: "Status: 99\\n\\n",
      length: "Content-Type: a/b\\nContent-Length: +3\\n\\nabc",
    };
    for (const [name, output] of Object.entries(outputs)) {
      site.script(name, printing(output));
      const { status, body } = await ask(site, get(`/cgi-bin/${name}`));
      assert.equal(status, 502, name);
      assert.ok(!body.includes(site.root) && !body.includes("header"), body);
      assert.ok(
        site.logged.some((message) => message.startsWith(`/cgi-bin/${name}: `) && /script/.test(message)),
        `${name}: ${site.logged.join("\n")}`,
      );
    }
  });

  it("answers 500 for what cannot be started, and tells the log what to do", async (context) => {
    const site = await startSite(context);
    site.script("crlf", "#!/bin/sh\r\necho\r\n");
    site.script("none", "#!/no/such/interpreter\n");
    site.script("plain", "echo Content-Type: text/plain\n");
    for (const [name, words] of [
      ["crlf", /CR LF/],
      ["none", /'\/no\/such\/interpreter', which does not exist/],
      ["plain", /begin it with a line like '#!\/bin\/sh'/],
    ] as const) {
      const { status, body } = await ask(site, get(`/cgi-bin/${name}`));
      assert.equal(status, 500, name);
      assert.ok(!body.includes(site.root) && !body.includes("interpreter"));
      assert.ok(
        site.logged.some((message) => words.test(message)),
        site.logged.join("\n"),
      );
    }
  });

  it("logs stderr line by line, with the script's name", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\necho one >&2\necho Status: 200\necho\necho two >&2\nexec >&-\nsleep 0.1\necho three >&2\n",
    );
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
    await until(() => site.logged.includes("/cgi-bin/x: three"));
    assert.deepEqual(
      site.logged.filter((message) => message.startsWith("/cgi-bin/x: ")),
      ["/cgi-bin/x: one", "/cgi-bin/x: two", "/cgi-bin/x: three"],
    );
  });

  it("makes what a script prints on stderr visible, so that it forges no line", async (context) => {
    const written: string[] = [];
    context.mock.method(stderrLog, "write", (entry: string) => void written.push(entry));
    const { logMessage } = CGIHTTPRequestHandler.prototype;
    const site = await startSite(context, { logMessage });
    site.script("x", "#!/bin/sh\nprintf 'a\\033[2J\\rforged %%s\\n' >&2\necho Status: 200\necho\n");
    await ask(site, get("/cgi-bin/x"));
    await until(() => written.some((entry) => entry.includes("forged")));
    const entry = written.find((each) => each.includes("forged"));
    assert.match(entry ?? "", /^127\.0\.0\.1 - - \[[^\]]+\] \/cgi-bin\/x: a\\x1b\[2J\\x0dforged %s\n$/);
  });

  it("waits for a script whose promise an override of do_POST() or do_OPTIONS() does not return", async (context) => {
    const { prototype } = CGIHTTPRequestHandler;
    const site = await startSite(context, {
      do_POST(this: CGIHTTPRequestHandler) {
        void prototype.do_POST.call(this);
      },
      do_OPTIONS(this: CGIHTTPRequestHandler) {
        void prototype.do_OPTIONS.call(this);
      },
    });
    site.script("x", `#!/bin/sh\nsleep 0.1\n${HELLO.slice(10)}`);
    site.script("broken", "#!/bin/sh\necho nothing\n");
    assert.equal((await ask(site, post("/cgi-bin/x", "a"))).body, "hello\n");
    assert.equal((await ask(site, post("/cgi-bin/broken", "a"))).status, 502);
    assert.equal((await ask(site, get("/cgi-bin/x").replace("GET", "OPTIONS"))).body, "hello\n");
  });

  it("gives a script no arguments, whatever the query is (CVE-2012-1823)", async (context) => {
    const site = await startSite(context);
    site.script("x", '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n%s:%s" "$#" "$QUERY_STRING"\n');
    for (const query of ["-s", "-d+allow_url_include%3d1", "a+b", "-"]) {
      assert.equal((await ask(site, get(`/cgi-bin/x?${query}`))).body, `0:${query}`);
    }
  });

  it("sends what is printed at once", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\necho Content-Type: text/event-stream\necho\nsleep 0.5\necho one\nsleep 0.5\necho two\n",
    );
    const { socket, received, closed } = site.connect();
    socket.write(get("/cgi-bin/x"));
    await until(() => received().includes("text/event-stream"));
    assert.ok(!received().includes("one"), "the head waits for nothing");
    await until(() => received().includes("one"));
    assert.ok(!received().includes("two"));
    await closed;
    assert.ok(parseResponse(received()).isWhole);
  });

  it("cuts visibly what a killed script leaves unfinished", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho Content-Type: text/plain\necho\necho half\nkill -9 $$\n");
    const chunked = await ask(site, get("/cgi-bin/x"));
    assert.equal(chunked.body, "half\n");
    assert.equal(chunked.isWhole, false);
    assert.equal(site.logged.filter((message) => message.includes("SIGKILL")).length, 1, "told once");
    // The pause is for the client of this test: libuv reports data and a reset that come together as data and an end.
    site.script("y", "#!/bin/sh\necho Content-Type: text/plain\necho\necho half\nsleep 0.3\nkill -9 $$\n");
    const { socket, received, closed } = site.connect();
    socket.write("GET /cgi-bin/y HTTP/1.0\r\n\r\n");
    assert.equal(await closed, "reset");
    assert.ok(received().endsWith("half\n"));
    site.script("short", printing("Content-Type: a/b\\nContent-Length: 10\\n\\nabc"));
    assert.equal((await ask(site, get("/cgi-bin/short"))).body, "abc");
    assert.ok(site.logged.some((message) => /ended 7 bytes before its Content-Length/.test(message)));
  });

  it("never lets output beyond the length into the next answer", async (context) => {
    const site = await startSite(context);
    site.script("long", printing("Content-Type: a/b\\nContent-Length: 3\\n\\nabcHTTP/1.1 200 evil\\n\\n"));
    const text = await site.exchange(`GET /cgi-bin/long HTTP/1.1\r\nHost: x\r\n\r\n${get("/cgi-bin/long")}`);
    assert.ok(!text.includes("evil"));
    assert.equal(text.match(/\r\n\r\nabc/g)?.length, 2);
  });

  it("answers 504 for a header that does not come, and ends the script", async (context) => {
    const site = await startSite(context, {
      cgiLimits: { ...defaultCGILimits, timeToHeader: 300, killGrace: 200 },
    });
    site.script("x", SILENT);
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 504);
    const pid = await pidOf(site);
    await until(() => !isAlive(pid));
  });

  it("answers 503 with Retry-After when all places are taken", async (context) => {
    const limits = { ...defaultCGILimits, scriptsAtOnce: 1, queueLength: 0 };
    const site = await startSite(context, { cgiLimits: limits });
    site.script(
      "x",
      "#!/bin/sh\necho runs >&2\nwhile [ ! -e go ]; do sleep 0.05; done\necho Status: 200\necho\n",
    );
    const first = ask(site, get("/cgi-bin/x"));
    await until(() => site.logged.some((message) => message.endsWith("runs")));
    const second = await ask(site, get("/cgi-bin/x"));
    assert.equal(second.status, 503);
    assert.match(second.head, /\r\nRetry-After: 5\r\n/);
    put(site.root, "cgi-bin/go", "");
    assert.equal((await first).status, 200);
    await until(() => site.logged.some((message) => message.includes("1 scripts are running")));
  });

  it("ends a script whose client has gone, be it silent or not", async (context) => {
    for (const source of [STAYING, SILENT]) {
      const site = await startSite(context);
      site.script("x", source);
      const { socket } = site.connect();
      socket.write(get("/cgi-bin/x"));
      const pid = await pidOf(site);
      socket.resetAndDestroy();
      await until(() => !isAlive(pid));
    }
  });

  it("leaves one line in the log of a client that has gone, whatever its script says about that", async (context) => {
    const site = await startSite(context);
    const complaining = "trap 'echo I was stopped >&2; exit 1' TERM\necho ready >&2\n";
    const sources = {
      endless: `while :; do echo and so on; done`,
      waiting: "sleep 30 & wait",
    };
    for (const [name, source] of Object.entries(sources)) {
      site.script(name, `#!/bin/sh\n${complaining}echo Content-Type: text/plain\necho\n${source}\n`);
      site.logged.length = 0;
      const { socket, received } = site.connect();
      socket.write(get(`/cgi-bin/${name}`));
      await until(() => received().includes("200 OK") && site.logged.some((line) => line.endsWith("ready")));
      socket.resetAndDestroy();
      await until(() => site.logged.some((line) => line.includes(`/cgi-bin/${name} HTTP/1.1" 200`)));
      // The script is given time to complain.
      await sleep(200);
      assert.equal(site.logged.length, 2, site.logged.join("\n"));
    }
  });

  it("lives on when an override of a log method throws, whatever a script prints", async (context) => {
    const written: string[] = [];
    context.mock.method(stderrLog, "write", (entry: string) => void written.push(entry));
    const site = await startSite(context, {
      logError: (_format, message) => {
        throw new Error(`cannot log ${String(message)}`);
      },
    });
    site.script("x", "#!/bin/sh\necho complaint >&2\necho Content-Type: text/plain\necho\nexit 3\n");
    for (let i = 1; i <= 2; i++) {
      assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
      await until(() => written.length >= i * 2);
    }
    assert.match(written.join(""), /^Exception in logError: Error: cannot log \/cgi-bin\/x: complaint\n/m);
    assert.match(written.join(""), /^Exception in logError: Error: cannot log [^\n]*exit code 3\n/m);
  });

  it("ends a silent script whose client has closed in order", async (context) => {
    const site = await startSite(context);
    site.script("x", SILENT);
    const { socket } = site.connect();
    socket.write(get("/cgi-bin/x"));
    const pid = await pidOf(site);
    socket.destroy();
    await until(() => !isAlive(pid), 10_000);
  });

  it("answers a client that has only ended its own side", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\nsleep 1\necho Content-Type: text/plain\necho\nsleep 1.2\necho a\nsleep 1.2\necho b\n",
    );
    const { socket, received, closed } = site.connect();
    socket.end(get("/cgi-bin/x"));
    await closed;
    assert.equal(parseResponse(received()).body, "a\nb\n");
  });

  it("starts no script for an upload that breaks off", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\ncat > /dev/null\necho stored >&2\necho Status: 200\necho\n");
    for (const end of ["destroy", "resetAndDestroy"] as const) {
      const { socket, received } = site.connect();
      const head =
        "POST /cgi-bin/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n";
      socket.write(head);
      await until(() => received().startsWith("HTTP/1.1 100 "));
      socket.write("abc");
      socket[end]();
      await until(() => site.logged.length > 0);
      await ask(site, get("/cgi-bin/x"));
      assert.equal(site.logged.filter((message) => message.includes("stored")).length, 1);
      site.logged.length = 0;
    }
  });

  it("keeps nothing back for a client that reads slowly, and nothing in memory", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\necho Content-Type: a/b\necho\nhead -c 50000000 /dev/zero\necho all written >&2\n",
    );
    const { socket, received, closed } = site.connect();
    socket.pause();
    socket.write(get("/cgi-bin/x"));
    await sleep(1_000);
    assert.ok(
      !site.logged.some((message) => message.includes("all written")),
      "the script waits for the client",
    );
    socket.resume();
    await closed;
    assert.equal(parseResponse(received()).body.length, 50_000_000);
  });

  it("leaves no descriptor and no process behind, whatever the outcome", async (context) => {
    if (!existsSync("/proc/self/fd")) return context.skip("no /proc");
    const site = await startSite(context);
    const sources = {
      fine: HELLO,
      empty: "#!/bin/sh\nexit 3\n",
      killed: "#!/bin/sh\necho Content-Type: text/plain\necho\nkill -9 $$\n",
      unstartable: "#!/no/such/interpreter\n",
      silent: SILENT,
    };
    for (const [name, source] of Object.entries(sources)) site.script(name, source);
    const round = async (): Promise<void> => {
      for (const name of ["fine", "empty", "killed", "unstartable"])
        await site.exchange(get(`/cgi-bin/${name}`));
      await site.exchange(post("/cgi-bin/fine", "x".repeat(100_000)));
      const { socket, closed } = site.connect();
      socket.write(get("/cgi-bin/silent"));
      await sleep(50);
      socket.resetAndDestroy();
      await closed;
    };
    const open = (): number => readdirSync("/proc/self/fd").length;
    await round();
    await sleep(1_500);
    const before = open();
    await Promise.all(Array.from({ length: 10 }, round));
    await until(() => open() <= before);
    const pids = site.logged.flatMap((message) => /: pid (\d+)/.exec(message)?.[1] ?? []);
    assert.ok(pids.length > 0);
    await until(() => !pids.map(Number).some(isAlive));
  });

  it("speaks HTTP/1.0 where the client or the server does", async (context) => {
    const site = await startSite(context, { protocolVersion: "HTTP/1.0" });
    site.script("env", ENVIRONMENT);
    const response = await ask(site, "GET /cgi-bin/env HTTP/1.0\r\n\r\n");
    assert.match(response.head, /^HTTP\/1\.0 200 OK/);
    assert.doesNotMatch(response.head, /Transfer-Encoding/);
    assert.match(response.body, /^SERVER_PROTOCOL=HTTP\/1\.0$/m);
    assert.match(response.body, /^SERVER_NAME=127\.0\.0\.1$/m);
  });

  it("gives a script every method but TRACE and CONNECT; a file knows as few as before", async (context) => {
    const site = await startSite(context);
    site.script("method", '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n$REQUEST_METHOD"\n');
    put(site.root, "a.txt", "");
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "spam"]) {
      assert.equal((await ask(site, get("/cgi-bin/method").replace("GET", method))).body, method);
    }
    const trace = await ask(site, get("/cgi-bin/method").replace("GET", "TRACE"));
    assert.equal(trace.status, 405);
    assert.match(trace.head, /\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n/);
    assert.equal((await ask(site, get("/a.txt").replace("GET", "SPAM"))).status, 501);
    const put405 = await ask(site, get("/a.txt").replace("GET", "PUT"));
    assert.equal(put405.status, 405);
    assert.match(put405.head, /\r\nAllow: GET, HEAD, OPTIONS\r\n/);
  });

  it(
    "runs scripts as nobody when it is root itself",
    { skip: process.getuid?.() !== 0 && "needs root" },
    async (context) => {
      const site = await startSite(context);
      site.script("x", "#!/bin/sh\necho Content-Type: text/plain\necho\nid -un\n");
      assert.equal((await ask(site, get("/cgi-bin/x"))).body, "nobody\n");
      const asDaemon = await startSite(context, { cgiUser: "daemon" });
      asDaemon.script("x", "#!/bin/sh\necho Content-Type: text/plain\necho\nid -un\n");
      assert.equal((await ask(asDaemon, get("/cgi-bin/x"))).body, "daemon\n");
      const asNoOne = await startSite(context, { cgiUser: "no-such-user" });
      asNoOne.script("x", HELLO);
      assert.equal((await ask(asNoOne, get("/cgi-bin/x"))).status, 500);
      assert.match(asNoOne.logged.join("\n"), /there is no such user to run scripts as/);
    },
  );

  it("lets a subclass decide what is a script", async (context) => {
    assert.equal(CGIHTTPRequestHandler.prototype.isPython("/x/a.py"), true);
    assert.equal(CGIHTTPRequestHandler.prototype.isPython("/x/a.PYW"), true);
    assert.equal(CGIHTTPRequestHandler.prototype.isPython("/x/a.sh"), false);
    const site = await startSite(context);
    assert.equal(CGIHTTPRequestHandler.prototype.isExecutable(site.script("x", HELLO)), true);
  });
});
