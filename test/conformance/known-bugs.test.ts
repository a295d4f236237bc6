// http 79–87: bugs that other servers have had, and that no RFC speaks of.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { get, type Site, startSite } from "../cgi/running-site.ts";
import { put, putScript } from "../cgi/temporary-directory.ts";
import { parseResponses, type RawResponse } from "../raw-client.ts";
import { notingHandler, tell } from "./noting-handler.ts";
import { serving } from "../server/serving.ts";

const onWindows =
  process.platform === "win32" ? "scripts are started by #!, which Windows does not know" : false;

async function ask(site: Site, target: string, fields = ""): Promise<RawResponse> {
  return parseResponses(await site.exchange(get(target, fields)))[0]!;
}

describe("http 79–87: known bugs", () => {
  it("http 79: a redirect never leads to another host (CVE-2021-28861)", async (t) => {
    const site = await startSite(t);
    put(site.root, "sub/x", "x");
    for (const start of [
      "//evil.example/..",
      "///evil.example/..",
      "/\\evil.example/..",
      "//evil.example/%2e%2e",
    ]) {
      const { status, get } = await ask(site, `${start}/sub`);
      assert.equal(status, 301, start);
      // The path of a location on this host, whatever a browser makes of slashes and backslashes.
      const to = new URL(get("location")!, "http://here.example/");
      assert.equal(to.host, "here.example", start);
    }
  });

  it("http 80: %0d%0a of a target never becomes the end of a field", async (t) => {
    const site = await startSite(t);
    put(site.root, "a\r\nX-Injected: 1/x", "x");
    for (const target of [
      "/a%0d%0aX-Injected:%201",
      "/missing%0d%0aX-Injected:%201",
      "/%0aX-Injected:%201",
    ]) {
      const response = await ask(site, target);
      assert.ok([301, 404].includes(response.status), `${response.status}`);
      assert.equal(response.get("x-injected"), undefined);
    }
  });

  it("http 81: the source of a script is never sent", { skip: onWindows }, async (t) => {
    const site = await startSite(t);
    putScript(site.root, "cgi-bin/x.sh", "#!/bin/sh\n# SOURCE\nprintf 'Content-Type: text/plain\\n\\nran'\n");
    const ways = [
      "//cgi-bin/x.sh",
      "/%63gi-bin/x.sh",
      "/cgi-bin/x.sh/",
      "/./cgi-bin/x.sh",
      "/a/../cgi-bin/x.sh",
    ];
    ways.push("/cgi-bin//x.sh", "/cgi-bin%2fx.sh", "/cgi-bin/x.sh%00", "/cgi-bin/x.sh.", "/cgi-bin/x.sh%20");
    ways.push("/CGI-BIN/x.sh", "/cgi-bin/X.SH", "/cgi-bin/../cgi-bin/x.sh", "/cgi-bin");
    for (const way of ways) {
      const response = await ask(site, way, "Range: bytes=0-100\r\n");
      assert.doesNotMatch(response.body.toString(), /SOURCE/, way);
    }
    assert.equal((await ask(site, "/cgi-bin/x.sh")).body.toString(), "ran");
  });

  it("http 82: a folder beside the root whose name begins like the root's is not served", async (t) => {
    const site = await startSite(t);
    const sibling = `${site.root}-private`;
    t.after(() => spawnSync("rm", ["-r", sibling]));
    put(sibling, "secret.txt", "secret");
    const name = sibling.slice(dirname(sibling).length + 1);
    for (const target of [`/../${name}/secret.txt`, `/..%2f${name}%2fsecret.txt`, "-private/secret.txt"]) {
      const response = await ask(site, target);
      assert.ok(response.status >= 400, target);
      assert.doesNotMatch(response.body.toString(), /^secret/);
    }
  });

  it(
    "http 83: Proxy never becomes HTTP_PROXY, and User_Agent never HTTP_USER_AGENT",
    { skip: onWindows },
    async (t) => {
      const site = await startSite(t);
      putScript(site.root, "cgi-bin/env.sh", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; env\n");
      const { body } = await ask(
        site,
        "/cgi-bin/env.sh",
        "Proxy: http://evil.example/\r\nUser_Agent: evil\r\n",
      );
      assert.match(body.toString(), /^GATEWAY_INTERFACE=/m);
      assert.doesNotMatch(body.toString(), /^HTTP_PROXY=|evil/im);
    },
  );

  it(
    "http 84: a FIFO in the folder holds up nobody",
    { skip: process.platform === "win32" ? "no FIFO on Windows" : false, timeout: 20_000 },
    async (t) => {
      const site = await startSite(t);
      put(site.root, "a.txt", "a");
      assert.equal(spawnSync("mkfifo", [join(site.root, "fifo")]).status, 0);
      assert.equal((await ask(site, "/fifo")).status, 404);
      assert.equal((await ask(site, "/a.txt")).status, 200);
    },
  );

  it("http 85: a name that is too long for the system is 404", async (t) => {
    const site = await startSite(t);
    assert.equal((await ask(site, `/${"x".repeat(300)}`)).status, 404);
    assert.equal((await ask(site, `/${"x/".repeat(3000)}`)).status, 404);
  });

  it("http 86: names are escaped in listings and error pages", async (t) => {
    const site = await startSite(t);
    put(site.root, "<img src=x onerror=alert(1)>.d/x", "x");
    const listing = (await ask(site, "/")).body.toString();
    assert.match(listing, /&lt;img src=x/);
    assert.doesNotMatch(listing, /<img/);
    for (const input of ["GET /<img> HTTP/1.1\r\n\r\n", "<img> / HTTP/1.1\r\n\r\n", "GET / <img>\r\n\r\n"]) {
      const { responses } = await tell(input);
      assert.doesNotMatch(responses[0]!.body.toString(), /<img/);
    }
    const missing = (await ask(site, "/<img>")).body.toString();
    assert.doesNotMatch(missing, /<img/);
  });

  for (const [what, start, endless] of [
    ["method", "", "A"],
    ["target", "GET /", "x"],
    ["version", "GET / HTTP/1.", "1"],
    ["field name", "GET / HTTP/1.1\r\n", "X"],
    ["field value", "GET / HTTP/1.1\r\nX: ", "x"],
    ["white space of a value", "GET / HTTP/1.1\r\nX:", " \t"],
    ["set of fields", "GET / HTTP/1.1\r\n", "X: a\r\n"],
    ["fold", "GET / HTTP/1.1\r\nX: a\r\n", " a\r\n"],
    ["row of empty lines", "", "\r\n"],
    ["chunk size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "0"],
    ["chunk extension", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x"],
    [
      "row of chunk extensions",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
      `1;${"x".repeat(99)}\r\na\r\n`,
    ],
    ["trailer", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: a\r\n"],
  ] as const) {
    it(`http 87: an endless ${what} is bounded`, { timeout: 20_000 }, async (t) => {
      const { Handler, seen } = notingHandler();
      const { connect } = await serving(t, Handler);
      using client = await connect();
      client.send(start);
      const piece = endless.repeat(Math.ceil(8192 / endless.length));
      // Far more than any limit, if nobody stops us.
      for (let sent = 0; sent < 8 << 20 && !client.hasEnded && !client.isClosed; sent += piece.length) {
        client.send(piece);
        await new Promise(setImmediate);
      }
      const [response] = parseResponses(await client.untilEnd());
      assert.ok([400, 414, 431].includes(response!.status), `${response!.status}`);
      assert.equal(response!.get("connection"), "close");
      assert.deepEqual(seen, []);
    });
  }
});
