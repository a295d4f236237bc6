// cgi 1–10: which script runs, when, and with which rights (RFC 3875 §3, §8.1, §9).

import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { HTTPRequestError } from "../../src/errors.ts";
import { parseResponse, startSite } from "../cgi/running-site.ts";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";
import {
  answerTo,
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
  printer,
  SILENT,
  until,
} from "./cgi-site.ts";

describe("cgi 1–10: invocation and selection", { skip: noShell }, () => {
  it("cgi 1: the client gets one well-formed response, whatever a script prints (RFC 3875 §3.1)", async (context) => {
    const site = await startSite(context);
    const outputs = [
      "",
      "\n",
      "\0\0\0",
      "garbage",
      "Content-Type: a/b\n",
      "<html>\n</html>\n",
      ":\n\n",
      "HTTP/1.1",
    ];
    for (const output of outputs) {
      printer(site, "x", output);
      const text = await site.exchange(get("/cgi-bin/x"));
      assert.match(text, /^HTTP\/1\.1 502 /, JSON.stringify(output));
      assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
      const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(text)?.[1]);
      assert.equal(text.slice(text.indexOf("\r\n\r\n") + 4).length, length);
    }
  });

  it("cgi 2: what is refused starts no process (RFC 3875 §3.1)", async (context) => {
    const refuse = (): never => {
      throw new HTTPRequestError(403, "Not yours");
    };
    const site = await startSite(context, {}, { body: 10 });
    const guarded = await startSite(context, { do_GET: refuse });
    for (const each of [site, guarded]) {
      chmodSync(each.root, 0o777);
      each.script("x", `#!/bin/sh\ntouch '${each.root}/started'\necho Status: 200\necho\n`);
      each.script(".x", `#!/bin/sh\ntouch '${each.root}/started'\necho Status: 200\necho\n`);
    }
    const isStarted = (each: typeof site): boolean => existsSync(join(each.root, "started"));
    assert.equal((await ask(guarded, get("/cgi-bin/x"))).status, 403);
    for (const request of [
      get("/cgi-bin/.x"),
      get("/cgi-bin%2fx"),
      get("/cgi-bin/x/..%2f..%2fy"),
      get("/cgi-bin/x", "Content-Length: x\r\n"),
      get("/cgi-bin/x").replace("a.example", "$(x)"),
      post("/cgi-bin/x", "more than ten bytes"),
      chunked("/cgi-bin/x", "more than ten bytes"),
      get("/cgi-bin/x", "", "TRACE"),
    ]) {
      const { status } = await ask(site, request);
      assert.ok(status >= 400 && status < 500, `${status}: ${request}`);
    }
    assert.ok(!isStarted(site) && !isStarted(guarded));
    assert.equal((await ask(site, get("/cgi-bin/x"))).status, 200);
    assert.ok(isStarted(site), "this test can see a start");
  });

  it("cgi 3: SCRIPT_NAME, PATH_INFO and QUERY_STRING make a URL that gives them again (RFC 3875 §3.3)", async (context) => {
    const site = await startSite(context);
    site.script("a b%", ENVIRONMENT);
    const encode = (path = ""): string => path.split("/").map(encodeURIComponent).join("/");
    for (const tail of [
      "",
      "/",
      "/a/b",
      "/%20%25+;=",
      "/a%2Fb",
      "//x//",
      "/%C3%A9?%C3%A9&a=b?c",
      "/a?",
      "/.%2e./x",
    ]) {
      const first = await environmentOf(site, get(`/cgi-bin/a%20b%25${tail}`));
      const { SCRIPT_NAME, PATH_INFO, QUERY_STRING } = first;
      const again = await environmentOf(
        site,
        get(`${encode(SCRIPT_NAME)}${encode(PATH_INFO)}?${QUERY_STRING}`),
      );
      assert.deepEqual(
        [again["SCRIPT_NAME"], again["PATH_INFO"], again["QUERY_STRING"]],
        [SCRIPT_NAME, PATH_INFO, QUERY_STRING],
        tail,
      );
    }
  });

  it("cgi 4: only the path chooses the script, not query or body (RFC 3875 §3.2)", async (context) => {
    const site = await startSite(context);
    site.script("env", ENVIRONMENT);
    site.script("other", HELLO);
    for (const request of [
      ...["..", "a=/x", "/../other", "/cgi-bin/other", "%2f..%2fother"].map((query) =>
        get(`/cgi-bin/env?${query}`),
      ),
      post("/cgi-bin/env", "/cgi-bin/other"),
    ]) {
      const { SCRIPT_NAME, PATH_INFO } = await environmentOf(site, request);
      assert.deepEqual([SCRIPT_NAME, PATH_INFO], ["/cgi-bin/env", undefined]);
    }
  });

  it("cgi 5: a script gets all of its body however slowly that comes; where it streams, it starts before (RFC 3875 §3.4)", async (context) => {
    const source = "#!/bin/sh\necho started >&2\necho Content-Type: text/plain\necho\nexec cat\n";
    const program = putScript(temporaryDirectory(context), "program", source);
    const site = await startSite(context, { cgiMounts: { "/m": { program, requestBody: "stream" } } });
    site.script("x", source);
    const slow = site.connect();
    slow.socket.setNoDelay(true);
    slow.socket.write(get("/cgi-bin/x", "Content-Length: 5\r\n", "POST"));
    const streamed = site.connect();
    streamed.socket.setNoDelay(true);
    streamed.socket.write(get("/m", "Content-Length: 5\r\n", "POST"));
    await until(() => site.logged.some((line) => line.startsWith("/m") && line.endsWith("started")));
    for (const byte of "abcde") {
      slow.socket.write(byte);
      streamed.socket.write(byte);
      await until(() => streamed.received().includes(`1\r\n${byte}\r\n`));
    }
    await Promise.all([slow.closed, streamed.closed]);
    assert.equal(parseResponse(slow.received()).body, "abcde");
    assert.equal(parseResponse(streamed.received()).body, "abcde");
  });

  it("cgi 6: a script whose client has gone is ended (RFC 3875 §3.4)", async (context) => {
    const site = await startSite(context);
    site.script("x", SILENT);
    const { socket } = site.connect();
    socket.write(get("/cgi-bin/x"));
    const pid = await pidOf(site);
    socket.resetAndDestroy();
    await until(() => !isAlive(pid));
  });

  it("cgi 7: '.' and '..' are resolved before the path is split (RFC 3875 §9.8)", async (context) => {
    const site = await startSite(context);
    site.script("env", ENVIRONMENT);
    put(site.root, "secret", "a file beside");
    assert.equal((await ask(site, get("/cgi-bin/../secret"))).body, "a file beside");
    for (const path of [
      "/cgi-bin/env/../../../../etc/passwd",
      "/cgi-bin/../../etc/passwd",
      "/cgi-bin/%2e%2e/x",
    ]) {
      assert.equal((await ask(site, get(path))).status, 404, path);
    }
    const { PATH_INFO } = await environmentOf(site, get("/cgi-bin/x/../env/a/./b/../c"));
    assert.equal(PATH_INFO, "/a/c");
  });

  it("cgi 8: PATH_TRANSLATED never leads out of the served directory (RFC 3875 §9.8)", async (context) => {
    const site = await startSite(context);
    site.script("env", ENVIRONMENT);
    for (const info of [
      "/%2e%2e/%2e%2e/x",
      "/..%2f..%2fx",
      "/%2e%2e%2fx",
      "/%5c..%5c..",
      "/a/%2e%2e%5c/x",
      "//../../x",
    ]) {
      const response = await ask(site, get(`/cgi-bin/env${info}`));
      const translated = /PATH_TRANSLATED=([^\0]*)/.exec(response.body)?.[1];
      if (translated !== undefined) assert.ok(translated.startsWith(site.root), `${info}: ${translated}`);
      else assert.ok(response.status >= 400, info);
    }
  });

  it("cgi 9: the sizes that a script may print are no assumption but limits with a status (RFC 3875 §9.6)", async (context) => {
    const site = await startSite(context, { cgiLimits: { ...defaultCGILimits, headerSize: 1_000 } });
    const padded = (size: number): string => `X: ${"x".repeat(size)}\nContent-Type: a/b\n\n`;
    assert.equal((await answerTo(site, padded(900))).status, 200);
    assert.equal((await answerTo(site, padded(1_000))).status, 502);
    assert.equal(
      (await answerTo(site, `Content-Type: a/b\n\n${"x".repeat(3_000_000)}`)).body.length,
      3_000_000,
    );
  });

  it("cgi 10: what is too long for a limit is 414 or 431, and never cut (RFC 3875 §8.1)", async (context) => {
    const site = await startSite(context);
    site.script("env", ENVIRONMENT);
    const long = "x".repeat(60_000);
    assert.equal((await environmentOf(site, get(`/cgi-bin/env?${long}`)))["QUERY_STRING"], long);
    assert.equal((await environmentOf(site, get("/cgi-bin/env", `A: ${long}\r\n`)))["HTTP_A"], long);
    assert.equal((await ask(site, get(`/cgi-bin/env?${long}${long}`))).status, 414);
    assert.equal((await ask(site, get(`/cgi-bin/env/${long}${long}`))).status, 414);
    assert.equal((await ask(site, get("/cgi-bin/env", `A: ${long}${long}\r\n`))).status, 431);
    assert.equal((await ask(site, get("/cgi-bin/env", `A: ${long}\r\n`.repeat(3)))).status, 431);
    site.script("echo", ECHO);
    assert.equal((await ask(site, post("/cgi-bin/echo", long))).body, long);
  });
});
