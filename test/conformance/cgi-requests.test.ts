// cgi 51–69: the body, the methods and the command line of a script (RFC 3875 §4.2, §4.3, §4.4).

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, it } from "node:test";

import { startSite } from "../cgi/running-site.ts";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import {
  ARGUMENTS,
  ask,
  chunked,
  ECHO,
  ENVIRONMENT,
  environmentOf,
  get,
  HELLO,
  isAlive,
  noShell,
  pidOf,
  post,
  until,
} from "./cgi-site.ts";

/** Answers how long its input is, and what it was told. */
const COUNT =
  '#!/bin/sh\necho Content-Type: text/plain\necho\necho "${CONTENT_LENGTH-unset} $HTTP_TRANSFER_ENCODING$(wc -c | tr -d " ")"\n';

const random = (size: number): string => randomBytes(size).toString("latin1");

describe("cgi 51–61: the body of a request", { skip: noShell }, () => {
  it("cgi 51: CONTENT_LENGTH bytes can be read, and then the end (RFC 3875 §4.2)", async (context) => {
    const site = await startSite(context);
    site.script("echo", ECHO);
    for (const size of [1, 4_096, 65_536, 300_000]) {
      const body = random(size);
      const response = await ask(site, Buffer.from(post("/cgi-bin/echo", body), "latin1"));
      assert.ok(response.body === body && response.isWhole, `${size}`);
    }
  });

  it("cgi 52: never more than CONTENT_LENGTH bytes (RFC 3875 §4.2)", async (context) => {
    const site = await startSite(context);
    site.script("count", COUNT);
    const first = post("/cgi-bin/count", "abc").replace("Connection: close\r\n", "");
    const text = await site.exchange(first + first + get("/cgi-bin/count"));
    assert.equal(text.match(/\n3 3\n/g)?.length, 2, text);
    assert.match(text, /\nunset 0\n/);
  });

  it("cgi 53: without a body stdin is at its end at once (RFC 3875 §4.2)", async (context) => {
    const site = await startSite(context);
    site.script("count", COUNT);
    assert.equal((await ask(site, get("/cgi-bin/count"))).body, "unset 0\n");
    assert.equal((await ask(site, post("/cgi-bin/count", ""))).body, "0 0\n");
  });

  it("cgi 54: of a body in chunks the coding is removed, and its length known; a mount may have it as it comes (RFC 3875 §4.2)", async (context) => {
    const program = putScript(temporaryDirectory(context), "count", COUNT);
    const site = await startSite(context, {
      cgiMounts: { "/stored": { program }, "/streamed": { program, requestBody: "stream" } },
    });
    site.script("count", COUNT);
    for (const size of [0, 5, 200_000]) {
      const body = "x".repeat(size);
      assert.equal((await ask(site, chunked("/cgi-bin/count", body))).body, `${size} ${size}\n`);
      assert.equal((await ask(site, chunked("/stored", body))).body, `${size} ${size}\n`);
      assert.equal((await ask(site, chunked("/streamed", body))).body, `unset ${size}\n`);
    }
    assert.equal((await ask(site, post("/streamed", "abc"))).body, "3 3\n");
  });

  it("cgi 54: a body that streams is with the script before it is complete", async (context) => {
    const source = "#!/bin/sh\nread line\necho Content-Type: text/plain\necho\necho got $line\nexec cat\n";
    const program = putScript(temporaryDirectory(context), "program", source);
    const site = await startSite(context, { cgiMounts: { "/m": { program, requestBody: "stream" } } });
    const { socket, received, closed } = site.connect();
    socket.write(get("/m", "Transfer-Encoding: chunked\r\n", "POST"));
    socket.write("6\r\nfirst\n\r\n");
    await until(() => received().includes("got first\n"));
    socket.write("4\r\nrest\r\n0\r\n\r\n");
    await closed;
    assert.match(received(), /4\r\nrest\r\n/);
  });

  it("cgi 55: a content coding is left for the script (RFC 3875 §4.2)", async (context) => {
    const site = await startSite(context);
    site.script("unzip", "#!/bin/sh\necho Content-Type: text/plain\necho\nexec gzip -dc\n");
    site.script("env", ENVIRONMENT);
    const body = gzipSync("x".repeat(5_000)).toString("latin1");
    const request = Buffer.from(post("/cgi-bin/unzip", body, "Content-Encoding: gzip\r\n"), "latin1");
    assert.equal((await ask(site, request)).body, "x".repeat(5_000));
    const seen = await environmentOf(site, post("/cgi-bin/env", "x", "Content-Encoding: gzip\r\n"));
    assert.deepEqual([seen["HTTP_CONTENT_ENCODING"], seen["CONTENT_LENGTH"]], ["gzip", "1"]);
  });

  it("cgi 56: a script need not read its body (RFC 3875 §4.2)", async (context) => {
    const site = await startSite(context);
    site.script("x", HELLO);
    const response = await ask(site, post("/cgi-bin/x", "x".repeat(10 * 1024 * 1024)));
    assert.deepEqual([response.status, response.body], [200, "hello\n"]);
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
  });

  it("cgi 57: a script that sends back what it reads holds up nothing, whatever the size", async (context) => {
    const site = await startSite(context);
    site.script("echo", ECHO);
    const size = 20 * 1024 * 1024;
    const { body, isWhole } = await ask(site, post("/cgi-bin/echo", "y".repeat(size)));
    assert.ok(isWhole && body.length === size);
  });

  it("cgi 58: a body that breaks off is never given as a whole one: the script is ended", async (context) => {
    const source = "#!/bin/sh\necho pid $$ >&2\ncat >/dev/null\necho took it >&2\necho Status: 200\necho\n";
    const program = putScript(temporaryDirectory(context), "program", source);
    const site = await startSite(context, { cgiMounts: { "/m": { program, requestBody: "stream" } } });
    site.script("x", source);
    for (const path of ["/m", "/cgi-bin/x"]) {
      const { socket, received, closed } = site.connect();
      socket.write(get(path, "Content-Length: 100\r\n", "POST"));
      socket.write("abc");
      const pid = path === "/m" ? await pidOf(site) : undefined;
      socket.end();
      await closed;
      if (pid !== undefined) await until(() => !isAlive(pid));
      assert.ok(!received().includes("200 OK"), received());
    }
    assert.ok(!site.logged.some((line) => line.includes("took it")));
  });

  it("cgi 59: 100 Continue comes when the script is accepted; a refusal comes instead of it", async (context) => {
    const site = await startSite(context, {}, { body: 1_000 });
    site.script("echo", ECHO);
    put(site.root, "cgi-bin/plain", HELLO);
    const expecting = (path: string, length: number, method = "POST"): string =>
      get(path, `Expect: 100-continue\r\nContent-Length: ${length}\r\n`, method);
    for (const method of ["POST", "PUT"]) {
      const { socket, received, closed } = site.connect();
      socket.write(expecting("/cgi-bin/echo", 3, method));
      await until(() => received().startsWith("HTTP/1.1 100 Continue\r\n\r\n"));
      socket.write("abc");
      await closed;
      assert.match(received(), /HTTP\/1\.1 200 OK[^]*abc/);
    }
    for (const [path, length, status] of [
      ["/cgi-bin/echo", 2_000, 413],
      ["/cgi-bin/nothere", 3, 404],
      ["/cgi-bin/plain", 3, 403],
    ] as const) {
      assert.equal((await ask(site, expecting(path, length))).status, status);
    }
  });

  it("cgi 60: a body beyond the limit is 413, without a script if that is known before", async (context) => {
    const program = putScript(
      temporaryDirectory(context),
      "x",
      `#!/bin/sh\necho pid $$ >&2\ncat >/dev/null\nsleep 60\n`,
    );
    const site = await startSite(
      context,
      { cgiMounts: { "/m": { program, requestBody: "stream" } } },
      { body: 50_000 },
    );
    assert.equal((await ask(site, post("/m", "x".repeat(50_001)))).status, 413);
    assert.ok(!site.logged.some((line) => line.includes("pid")));
    assert.equal((await ask(site, chunked("/m", "x".repeat(200_000)))).status, 413);
    const told = site.logged.find((line) => line.includes("pid "));
    if (told !== undefined) await until(() => !isAlive(Number(/pid (\d+)/.exec(told)?.[1])));
  });

  it("cgi 61: trailers never become variables (CVE-2025-12642)", async (context) => {
    const site = await startSite(context);
    site.script("env", ENVIRONMENT);
    const request = chunked("/cgi-bin/env", "abc").replace(
      /0\r\n\r\n$/,
      "0\r\nX-Late: 1\r\nProxy: x\r\n\r\n",
    );
    const seen = await environmentOf(site, request);
    assert.deepEqual(
      [seen["HTTP_X_LATE"], seen["HTTP_PROXY"], seen["CONTENT_LENGTH"]],
      [undefined, undefined, "3"],
    );
  });
});

describe("cgi 62–64: methods", { skip: noShell }, () => {
  it("cgi 62: HEAD runs the script, and sends its header alone (RFC 3875 §4.3.3)", async (context) => {
    const site = await startSite(context);
    site.script(
      "x",
      "#!/bin/sh\nprintf 'Content-Length: 5\\nX-Method: %s\\nContent-Type: a/b\\n\\nabcde' $REQUEST_METHOD\n",
    );
    const { head, body } = await ask(site, get("/cgi-bin/x", "", "HEAD"));
    assert.match(head, /\r\nX-Method: HEAD\r\n/);
    assert.match(head, /\r\nContent-Length: 5/);
    assert.equal(body, "");
  });

  it("cgi 63: a body goes to the script with every method (RFC 3875 §4.3.4)", async (context) => {
    const site = await startSite(context);
    site.script("x", '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\n$REQUEST_METHOD "\nexec cat\n');
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "GET"]) {
      const request = post("/cgi-bin/x", "body").replace("POST", method);
      assert.equal((await ask(site, request)).body, `${method} body`);
    }
  });

  it("cgi 64: TRACE is 405, and no script's (RFC 9110 §9.3.8)", async (context) => {
    const site = await startSite(context);
    site.script("x", "#!/bin/sh\necho started >&2\necho Status: 200\necho\n");
    const response = await ask(site, get("/cgi-bin/x", "Cookie: secret\r\n", "TRACE"));
    assert.equal(response.status, 405);
    assert.match(response.head, /\r\nAllow: GET, HEAD, POST/);
    assert.ok(!response.body.includes("secret") && !site.logged.some((line) => line.includes("started")));
  });
});

describe("cgi 65–69: the command line", { skip: noShell }, () => {
  it("cgi 65: where it is asked for, the words of a query without '=' are arguments (RFC 3875 §4.4)", async (context) => {
    const site = await startSite(context, { cgiQueryArguments: true });
    site.script("args", ARGUMENTS);
    assert.equal(
      (await ask(site, get("/cgi-bin/args?two+words%20here+%41%2B"))).body,
      "two\nwords here\nA+\n",
    );
    assert.equal((await ask(site, get("/cgi-bin/args?a%3Db"))).body, "a=b\n");
  });

  it("cgi 66: one word that cannot be passed leaves out all (RFC 3875 §4.4)", async (context) => {
    const site = await startSite(context, { cgiQueryArguments: true }, { requestLine: 200_000 });
    site.script("args", ARGUMENTS);
    for (const query of ["a+%00", "a+%zz", "a+%A4"])
      assert.equal((await ask(site, get(`/cgi-bin/args?${query}`))).body, "", query);
  });

  it("cgi 67: a query with '=', another method, or an empty query means no arguments (RFC 3875 §4.4)", async (context) => {
    const site = await startSite(context, { cgiQueryArguments: true });
    site.script("args", ARGUMENTS);
    for (const request of [get("/cgi-bin/args?a+b=c"), get("/cgi-bin/args?"), post("/cgi-bin/args?a", "b")])
      assert.equal((await ask(site, request)).body, "");
  });

  it("cgi 68: words reach a script as they are, for no shell comes between (RFC 3875 §7.2)", async (context) => {
    const site = await startSite(context, { cgiQueryArguments: true });
    site.script("args", ARGUMENTS);
    const words = ["$(id)", "`id`", "a;b", "'\"", "*", "\\"];
    const query = words.map(encodeURIComponent).join("+");
    assert.equal((await ask(site, get(`/cgi-bin/args?${query}`))).body, `${words.join("\n")}\n`);
  });

  it("cgi 69: by default there are none; a hyphen in front and an interpreter leave them out always (CVE-2012-1823)", async (context) => {
    const site = await startSite(context);
    site.script("args", ARGUMENTS);
    assert.equal((await ask(site, get("/cgi-bin/args?-s"))).body, "");
    assert.equal((await ask(site, get("/cgi-bin/args?a+b"))).body, "");
    const asked = await startSite(context, {
      cgiQueryArguments: true,
      cgiInterpreters: { ".sh": ["/bin/sh"] },
    });
    asked.script("args", ARGUMENTS);
    put(asked.root, "x.sh", ARGUMENTS);
    for (const query of ["-s", "a+-s", "%2Ds"])
      assert.equal((await ask(asked, get(`/cgi-bin/args?${query}`))).body, "", query);
    assert.deepEqual((await ask(asked, get("/x.sh?a+b"))).body, "");
    assert.equal((await ask(asked, get("/cgi-bin/args?a+b"))).body, "a\nb\n");
  });
});
