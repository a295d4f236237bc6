// htbin/cgi and htbin/files inside node:http, HTTP/2 and express: the same answers, and nothing left running when a client goes.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, symlinkSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { connect as connectHttp2, constants, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import express from "express";
import { type CGIOptions, cgiListener } from "htbin/cgi";
import { SimpleHTTPRequestHandler } from "htbin";
import { filesFetch, filesListener } from "htbin/files";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import { RawClient } from "../raw-client.ts";

const lines: string[] = [];
const log = { write: (entry: string): void => void lines.push(entry) };

/** Listens for the length of a test. @returns its port */
async function listen(context: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function serveWith(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  context.after(() => server.closeAllConnections());
  return `http://127.0.0.1:${await listen(context, server)}`;
}

async function cgiSite(
  context: TestContext,
  options: CGIOptions = {},
): Promise<{ root: string; url: string; script(name: string, source: string): string }> {
  const root = temporaryDirectory(context);
  const url = await serveWith(context, cgiListener({ directory: root, log, ...options }));
  return { root, url, script: (name, source) => putScript(root, `cgi-bin/${name}`, source) };
}

const ENVIRONMENT = "#!/bin/sh\necho Content-Type: text/plain\necho\nenv\n";
const ECHO = "#!/bin/sh\necho Content-Type: text/plain\necho\necho $CONTENT_LENGTH\ncat\n";

describe("cgiListener", () => {
  it("runs a script with the addresses of the outer connection", async (t) => {
    const site = await cgiSite(t);
    site.script("env", ENVIRONMENT);
    const response = await fetch(`${site.url}/cgi-bin/env/some%20where?a=b+c`, { headers: { "X-One": "1" } });
    assert.equal(response.status, 200);
    const text = await response.text();
    for (const line of [
      "REQUEST_METHOD=GET",
      "SCRIPT_NAME=/cgi-bin/env",
      "PATH_INFO=/some where",
      "QUERY_STRING=a=b+c",
      "REMOTE_ADDR=127.0.0.1",
      "SERVER_ADDR=127.0.0.1",
      `SERVER_PORT=${new URL(site.url).port}`,
      "SERVER_PROTOCOL=HTTP/1.1",
      "HTTP_X_ONE=1",
    ])
      assert.ok(text.split("\n").includes(line), `${line} in ${text}`);
  });

  it("hands on a body of known length, and one in chunks, with its exact length", async (t) => {
    const site = await cgiSite(t);
    site.script("echo", ECHO);
    const body = "x".repeat(100_000);
    const known = await fetch(`${site.url}/cgi-bin/echo`, { method: "POST", body });
    assert.equal(await known.text(), `100000\n${body}`);
    const stream = new Blob([body, body]).stream();
    const chunked = await fetch(`${site.url}/cgi-bin/echo`, {
      method: "POST",
      body: stream,
      duplex: "half",
    } as RequestInit);
    assert.equal(await chunked.text(), `200000\n${body}${body}`);
  });

  it("keeps status, reason, and fields of the same name", async (t) => {
    const site = await cgiSite(t);
    site.script(
      "teapot",
      "#!/bin/sh\nprintf 'Status: 418 A Teapot\\nSet-Cookie: a=1\\nSet-Cookie: b=2\\nContent-Type: text/plain\\n\\nshort'\n",
    );
    const response = await fetch(`${site.url}/cgi-bin/teapot`);
    assert.deepEqual([response.status, response.statusText], [418, "A Teapot"]);
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(await response.text(), "short");
    const head = await fetch(`${site.url}/cgi-bin/teapot`, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [418, ""]);
  });

  it("answers 502 for a script without a header, and logs why", async (t) => {
    const site = await cgiSite(t);
    site.script("broken", "#!/bin/sh\nexit 3\n");
    lines.length = 0;
    assert.equal((await fetch(`${site.url}/cgi-bin/broken`)).status, 502);
    assert.match(lines.join(""), /broken/);
  });

  it("breaks off visibly when the script dies in the middle", async (t) => {
    const site = await cgiSite(t);
    site.script(
      "dies",
      "#!/bin/sh\nprintf 'Content-Type: text/plain\\nContent-Length: 1000\\n\\nhalf'\nkill -9 $$\n",
    );
    const response = await fetch(`${site.url}/cgi-bin/dies`);
    assert.equal(response.status, 200);
    await assert.rejects(response.text());
  });

  it("hands output on at once", async (t) => {
    const site = await cgiSite(t);
    const go = join(site.root, "go");
    site.script(
      "events",
      `#!/bin/sh\nprintf 'Content-Type: text/event-stream\\n\\ndata: 1\\n\\n'\nwhile [ ! -e '${go}' ]; do sleep 0.02; done\nprintf 'data: 2\\n\\n'\n`,
    );
    const response = await fetch(`${site.url}/cgi-bin/events`);
    const reader = response.body!.getReader();
    assert.equal(Buffer.from((await reader.read()).value!).toString(), "data: 1\n\n");
    put(site.root, "go", "");
    assert.equal(Buffer.from((await reader.read()).value!).toString(), "data: 2\n\n");
    assert.equal((await reader.read()).done, true);
  });

  it("ends the script when its client goes", async (t) => {
    const site = await cgiSite(t);
    const [started, ended] = [join(site.root, "out/started"), join(site.root, "out/ended")];
    put(site.root, "out/.keep", "");
    chmodSync(join(site.root, "out"), 0o777);
    site.script(
      "waits",
      `#!/bin/sh\ntrap "touch '${ended}'; exit" TERM\ntouch '${started}'\nwhile :; do sleep 0.05; done\n`,
    );
    const client = await RawClient.connect(Number(new URL(site.url).port));
    client.send("GET /cgi-bin/waits HTTP/1.1\r\nHost: a\r\n\r\n");
    await exists(started);
    client.reset();
    await exists(ended);
  });

  it("serves no files, and nothing else that is no script", async (t) => {
    const site = await cgiSite(t);
    put(site.root, "a.txt", "text");
    assert.equal((await fetch(`${site.url}/a.txt`)).status, 404);
    assert.equal((await fetch(`${site.url}/`)).status, 404);
    assert.equal((await fetch(`${site.url}/a.txt`, { method: "POST", body: "x" })).status, 501);
  });
});

describe("cgiListener beside files", () => {
  /** Ways to the source of a script that are no script's path. */
  const DISGUISED = [
    "/cgi-bin%2fx.cgi",
    "/sub/..%2fcgi-bin%2fx.cgi",
    "/sub/link.txt",
    "/sub/folder/x.cgi",
    "/cgi-bin/x.cgi~",
    "/cgi-bin/.x.cgi.swp",
    "/page.php~",
    "/page.php.gz",
  ];

  function fill(t: TestContext): string {
    const directory = temporaryDirectory(t);
    putScript(
      directory,
      "cgi-bin/x.cgi",
      "#!/bin/sh\n# SOURCE\nprintf 'Content-Type: text/plain\\n\\nrun'\n",
    );
    for (const name of ["cgi-bin/x.cgi~", "cgi-bin/.x.cgi.swp", "page.php", "page.php~", "page.php.gz"])
      put(directory, name, "# SOURCE");
    put(directory, "sub/a.txt", "text");
    symlinkSync("../cgi-bin/x.cgi", join(directory, "sub/link.txt"));
    symlinkSync("../cgi-bin", join(directory, "sub/folder"));
    return directory;
  }

  /** `fetch` would resolve `..`, and an escape of it. */
  async function get(url: string, target: string): Promise<string> {
    const client = await RawClient.connect(Number(new URL(url).port));
    client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    return client.untilEnd();
  }

  it("leaves no path to the source of a script to a server of files behind it (CVE-2014-4650)", async (t) => {
    const directory = fill(t);
    const scripts = cgiListener({ directory, log, cgiInterpreters: { ".php": ["php-cgi"] } });
    const files = filesListener({ directory, log, dotfiles: true });
    const url = await serveWith(t, (request, response) =>
      scripts(request, response, () => files(request, response)),
    );
    assert.match(await get(url, "/cgi-bin/x.cgi"), /run$/);
    assert.match(await get(url, "/sub/a.txt"), /text$/);
    for (const target of DISGUISED) {
      const answer = await get(url, target);
      assert.match(answer, /^HTTP\/1\.1 40[34] /, target);
      assert.ok(!answer.includes("SOURCE"), target);
    }
  });

  it("sends files itself where it is asked to, without the source of a script, in archives neither", async (t) => {
    const directory = fill(t);
    const options = { directory, log, files: true, cgiInterpreters: { ".php": ["php-cgi"] } };
    const url = await serveWith(t, cgiListener(options));
    assert.match(await get(url, "/cgi-bin/x.cgi"), /run$/);
    assert.match(await get(url, "/sub/a.txt"), /text$/);
    for (const target of [...DISGUISED, "/?archive=tar", "/sub/?archive=tar", "/cgi-bin/?archive=tar"])
      assert.ok(!(await get(url, target)).includes("SOURCE"), target);
    const archive = await get(url, "/?archive=tar");
    assert.match(archive, /^HTTP\/1\.1 200 OK\r\n/);
    assert.ok(archive.includes("sub/a.txt"));
  });

  it("refuses a limit that is none before the first request", () => {
    assert.throws(() => cgiListener({ cgiLimits: { idle: -1 } }), { name: "LimitError", code: "ERR_LIMIT" });
  });

  it("has mounts, with an environment of their own", async (t) => {
    const directory = temporaryDirectory(t);
    const program = putScript(directory, "program", ENVIRONMENT);
    const cgiMounts = { "/tool": { program, environment: { OWN: "1" } } };
    const url = await serveWith(t, cgiListener({ directory: join(directory, "none"), log, cgiMounts }));
    assert.match(await get(url, "/tool/x"), /^OWN=1$/m);
    assert.match(await get(url, "/tool/x"), /^PATH_INFO=\/x$/m);
    assert.match(await get(url, "/tools/x"), /^HTTP\/1\.1 404 /);
  });
});

async function exists(file: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (existsSync(file)) return;
    await delay(20);
  }
  assert.fail(`${file} did not appear`);
}

describe("filesListener", () => {
  it("serves files, index pages and listings", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a.txt", "text");
    put(directory, "sub/index.html", "<p>index");
    const url = await serveWith(t, filesListener({ directory, log }));
    const file = await fetch(`${url}/a.txt`);
    assert.deepEqual(
      [file.status, file.headers.get("content-length"), await file.text()],
      [200, "4", "text"],
    );
    assert.equal(await (await fetch(`${url}/sub`)).text(), "<p>index");
    assert.match(await (await fetch(`${url}/`)).text(), /Directory listing for \//);
    assert.equal((await fetch(`${url}/missing`)).status, 404);
  });

  it("sends a large file whole to a client that reads slowly", async (t) => {
    const directory = temporaryDirectory(t);
    const bytes = randomBytes(16 * 1024 * 1024);
    put(directory, "big", bytes);
    const url = await serveWith(t, filesListener({ directory, log }));
    const response = await fetch(`${url}/big`);
    const received: Uint8Array[] = [];
    for await (const chunk of response.body!) {
      received.push(chunk);
      if (received.length % 50 === 0) await delay(1);
    }
    assert.ok(Buffer.concat(received).equals(bytes));
  });

  it("works behind HTTP/2", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a.txt", "text");
    // The types of the compatibility layer differ in members that are not needed.
    const server = createHttp2Server(filesListener({ directory, log }) as never);
    const port = await listen(t, server);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({ ":path": "/a.txt" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    let body = "";
    for await (const chunk of stream) body += String(chunk);
    assert.deepEqual([headers[":status"], body], [200, "text"]);
    session.close();
  });
});

describe("behind HTTP/2, a script", () => {
  async function ask(
    t: TestContext,
    header: string,
  ): Promise<[status: unknown, body: string, warnings: unknown[]]> {
    const directory = temporaryDirectory(t);
    const source = `#!/bin/sh\necho '${header}'\necho Content-Type: text/plain\necho\necho done\n`;
    putScript(directory, "cgi-bin/x", source);
    const warnings: unknown[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", note);
    t.after(() => process.off("warning", note));
    const server = createHttp2Server(cgiListener({ directory, log }) as never);
    const session = connectHttp2(`http://127.0.0.1:${await listen(t, server)}`);
    t.after(() => session.destroy());
    const stream = session.request({ ":path": "/cgi-bin/x" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    let body = "";
    for await (const chunk of stream) body += String(chunk);
    return [headers[":status"], body, warnings];
  }

  for (const header of ["HTTP2-Settings: AAMAAABk", "Upgrade: h2c", "Status: 404 Gone Fishing"]) {
    it(`may print what only HTTP/1.1 knows, and nobody is warned: ${header} (RFC 9113 §8.2.2)`, async (t) => {
      const status = header.startsWith("Status") ? 404 : 200;
      assert.deepEqual(await ask(t, header), [status, "done\n", []]);
    });
  }

  it("ends when its client cancels the stream, of which Node says that it is finished", async (t) => {
    const directory = temporaryDirectory(t);
    const ended = join(directory, "out/ended");
    put(directory, "out/.keep", "");
    chmodSync(join(directory, "out"), 0o777);
    putScript(
      directory,
      "cgi-bin/flows",
      `#!/bin/sh\ntrap "touch '${ended}'; exit" TERM\necho Content-Type: text/plain\necho\nwhile :; do echo line; sleep 0.05; done\n`,
    );
    const server = createHttp2Server(cgiListener({ directory, log }) as never);
    const session = connectHttp2(`http://127.0.0.1:${await listen(t, server)}`);
    t.after(() => session.destroy());
    const stream = session.request({ ":path": "/cgi-bin/flows" });
    await once(stream, "data");
    stream.close(constants.NGHTTP2_CANCEL);
    await exists(ended);
  });
});

describe("a status that HTTP/2 and Response do not have", () => {
  class Odd extends SimpleHTTPRequestHandler {
    override do_GET(): void {
      this.sendResponse(700, "Odd");
      this.endHeaders();
    }
  }

  it("is 500 in HTTP/2, and the log says why: it was left without an answer", async (t) => {
    lines.length = 0;
    const server = createHttp2Server(filesListener({ directory: ".", handlerClass: Odd, log }) as never);
    const session = connectHttp2(`http://127.0.0.1:${await listen(t, server)}`);
    t.after(() => session.destroy());
    const stream = session.request({ ":path": "/" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 500);
    assert.match(lines.join(""), /Invalid status code: 700/);
  });

  it("rejects the promise of the Fetch standard with the reason, which the log has as well", async () => {
    lines.length = 0;
    const handle = filesFetch({ directory: ".", handlerClass: Odd, log });
    await assert.rejects(handle(new Request("http://a/")), RangeError);
    assert.match(lines.join(""), /RangeError/);
  });
});

describe("in express", () => {
  it("what is neither script nor file is left to what comes next, with its body unread", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a.txt", "text");
    putScript(directory, "cgi-bin/echo", ECHO);
    lines.length = 0;
    const app = express()
      .use(cgiListener({ directory, log }))
      .use(filesListener({ directory, log }))
      .post("/api", express.text(), (request, response) => void response.send(`api ${String(request.body)}`))
      .use((_request, response) => void response.status(404).send("not in express either"));
    const url = await serveWith(t, app);
    assert.equal(await (await fetch(`${url}/a.txt`)).text(), "text");
    const script = await fetch(`${url}/cgi-bin/echo`, { method: "POST", body: "abc" });
    assert.equal(await script.text(), "3\nabc");
    const api = await fetch(`${url}/api`, {
      method: "POST",
      body: "hello",
      headers: { "Content-Type": "text/plain" },
    });
    assert.equal(await api.text(), "api hello");
    const missing = await fetch(`${url}/missing`);
    assert.deepEqual([missing.status, await missing.text()], [404, "not in express either"]);
    assert.deepEqual(lines, []);
  });

  it("a mount is part of SCRIPT_NAME and of redirects, and the rest of the path is looked for below it", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "sub/a.txt", "text");
    putScript(
      directory,
      "cgi-bin/env",
      "#!/bin/sh\necho Content-Type: text/plain\necho\necho $SCRIPT_NAME $PATH_INFO $REQUEST_URI\n",
    );
    const app = express().use("/tools", cgiListener({ directory, log }), filesListener({ directory, log }));
    const url = await serveWith(t, app);
    const script = await fetch(`${url}/tools/cgi-bin/env/x?y`);
    assert.equal(await script.text(), "/tools/cgi-bin/env /x /tools/cgi-bin/env/x?y\n");
    assert.equal(await (await fetch(`${url}/tools/sub/a.txt`)).text(), "text");
    const moved = await fetch(`${url}/tools/sub`, { redirect: "manual" });
    assert.deepEqual([moved.status, moved.headers.get("location")], [301, "/tools/sub/"]);
    assert.equal((await fetch(`${url}/cgi-bin/env`)).status, 404);
  });

  it("a body that was read before is an error that says so", async (t) => {
    const directory = temporaryDirectory(t);
    putScript(directory, "cgi-bin/echo", ECHO);
    const seen: unknown[] = [];
    const app = express().use(express.text(), cgiListener({ directory, log }));
    app.use(
      (
        error: unknown,
        _request: express.Request,
        response: express.Response,
        _next: express.NextFunction,
      ) => {
        seen.push(String(error));
        response.sendStatus(500);
      },
    );
    const url = await serveWith(t, app);
    const response = await fetch(`${url}/cgi-bin/echo`, {
      method: "POST",
      body: "abc",
      headers: { "Content-Type": "text/plain" },
    });
    assert.equal(response.status, 500);
    assert.match(String(seen), /body was read before/);
  });
});
