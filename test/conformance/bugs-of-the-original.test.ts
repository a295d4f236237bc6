// What has been reported against the original, by the number of its report: none of it may be true of htbin.
// Left out are reports about TLS, Windows, terminals and Python's own modules, and wishes.

import assert from "node:assert/strict";
import { mkdirSync, statSync, utimesSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { get, parseResponse, post, type Response, type Site, startSite } from "../cgi/running-site.ts";
import { put, putScript } from "../cgi/temporary-directory.ts";
import { makeVisible } from "../../src/text/visible.ts";
import { HTTPServer } from "../../src/server/http-server.ts";
import { feed } from "../handler/fed.ts";
import { listening, serving, TestHandler } from "../server/serving.ts";
import { tell } from "./noting-handler.ts";

const onWindows =
  process.platform === "win32" ? "scripts are started by #!, which Windows does not know" : false;

async function ask(site: Site, target: string, fields = "", method = "GET"): Promise<Response> {
  return parseResponse(await site.exchange(get(target, fields).replace("GET", method)));
}

function location(response: Response): string | undefined {
  return /^Location: (.*)\r?$/im.exec(response.head)?.[1]?.trimEnd();
}

const script = (site: Site): string =>
  putScript(site.root, "cgi-bin/x.sh", "#!/bin/sh\n# SOURCE\nprintf 'Content-Type: text/plain\\n\\nran'\n");

describe("reports about paths", () => {
  for (const [report, target] of [
    ["CVE-2021-28861", "//evil.example/..%2fsub"],
    ["gh-132826", "/\\evil.example/%2e%2e/sub"],
  ] as const) {
    it(`${report}: no redirect leads to another host`, async (t) => {
      const site = await startSite(t);
      mkdirSync(join(site.root, "sub"));
      const to = location(await ask(site, target));
      assert.equal(new URL(to!, "http://here.example/").host, "here.example", to);
    });
  }

  for (const [report, target] of [
    ["CVE-2014-4650", "/cgi-bin%2fx.sh"],
    ["CVE-2011-1015", "cgi-bin/x.sh"],
    ["bpo-19435", "///////////nocgi/../cgi-bin/x.sh/../x.sh"],
  ] as const) {
    it(`${report}: the source of a script is never sent`, { skip: onWindows }, async (t) => {
      const site = await startSite(t);
      script(site);
      const { head, body } = await ask(site, target);
      assert.doesNotMatch(head + body, /SOURCE/);
    });
  }

  it("gh-103223: NUL in a path is 400, and not an empty reply", async (t) => {
    assert.equal((await ask(await startSite(t), "/a%00b")).status, 400);
  });

  it("gh-132741: an absolute URL for a target means its path", async (t) => {
    const site = await startSite(t);
    put(site.root, "a.txt", "a");
    assert.equal((await ask(site, "http://test.example/a.txt")).body, "a");
  });

  it("bpo-10231: the slash of a redirect stands before the query", async (t) => {
    const site = await startSite(t);
    mkdirSync(join(site.root, "sub"));
    assert.equal(location(await ask(site, "/sub?a=b")), "/sub/?a=b");
  });

  it("bpo-17324, bpo-34711: a file with a slash at its end is 404", async (t) => {
    const site = await startSite(t);
    put(site.root, "a.txt", "a");
    assert.equal((await ask(site, "/a.txt/")).status, 404);
  });

  it("gh-134098: %2f at the end is a slash, and is shown as one: links of the page lead to its files then", async (t) => {
    const site = await startSite(t);
    put(site.root, "sub/x", "x");
    const answer = await ask(site, "/sub%2f");
    assert.equal(answer.status, 301);
    assert.match(answer.head, /^Location: \/sub\/\r?$/m);
  });
});

describe("reports about pages and the log", () => {
  it("CVE-2011-4940: a listing names its charset", async (t) => {
    assert.match((await ask(await startSite(t), "/")).head, /^Content-Type: text\/html; charset=utf-8\r?$/m);
  });

  it("bpo-1100201: an error page shows markup as text", async () => {
    const { responses } = await tell("GET / <script>alert(1)</script>\r\n\r\n");
    assert.doesNotMatch(responses[0]!.body.toString(), /<script/);
  });

  it("gh-100001: no control character reaches the log", () => {
    assert.equal(makeVisible("\x1b[31m\n\x9b\\"), "\\x1b[31m\\x0a\\x9b\\\\");
  });

  it("bpo-14574: a client that goes leaves no stack trace", async (t) => {
    class Slow extends TestHandler {
      async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("begun");
        await new Promise<void>((resolve) => this.signal.addEventListener("abort", () => resolve()));
        this.wfile.write("nobody reads this");
      }
    }
    const { connect, log, errors } = await serving(t, Slow);
    const client = await connect();
    await client.send("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n").untilText("begun");
    client.reset();
    await log.until("/gone");
    assert.deepEqual(errors, []);
  });
});

describe("reports about the wire", () => {
  it("gh-142533, gh-150679: CR and LF in a field or a reason phrase throw, and never leave", async () => {
    for (const split of ["field", "name", "reason"]) {
      class Splitting extends TestHandler {
        do_GET(): void {
          this.sendResponse(200, split === "reason" ? "OK\r\nX-Injected: 1" : "OK");
          this.sendHeader(
            split === "name" ? "X\r\nX-Injected" : "X",
            split === "field" ? "a\r\nX-Injected: 1" : "a",
          );
          this.endHeaders();
        }
      }
      const { output } = await feed(Splitting, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assert.match(output, /^HTTP\/1\.1 500 /);
      assert.doesNotMatch(output, /X-Injected/);
    }
  });

  it("gh-150499: lengths that contradict each other, codings and unread bodies smuggle nothing", async () => {
    const next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    const head = "POST / HTTP/1.1\r\nHost: a\r\n";
    for (const fields of [
      "Content-Length: 0\r\nContent-Length: 5",
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
    ]) {
      assert.deepEqual((await tell(`${head}${fields}\r\n\r\n${next}`)).statuses, [400]);
    }
    const chunked = await tell(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n${next}`);
    assert.deepEqual(
      chunked.seen.map(({ body }) => body),
      ["hi", ""],
    );
    const unread = await tell(`BREW / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${next}`);
    assert.deepEqual(unread.statuses, [501, 200]);
  });

  it("gh-114782: a bare CR ends no field", async () => {
    const { statuses } = await tell("GET / HTTP/1.1\r\nHost: a\r\nX: a\rConnection: close\r\n\r\n");
    assert.deepEqual(statuses, [400]);
  });

  it("bpo-10714, bpo-6791: lines and fields are bounded", async () => {
    assert.deepEqual((await tell(`GET /${"x".repeat(100_000)}`)).statuses, [414]);
    assert.deepEqual((await tell(`GET / HTTP/1.1\r\nX: ${"x".repeat(100_000)}`)).statuses, [431]);
    assert.deepEqual((await tell(`GET / HTTP/1.1\r\n${"X: a\r\n".repeat(1000)}`)).statuses, [431]);
  });

  it("gh-54930: an error for a malformed line has a status line and fields", async () => {
    const { output } = await tell("GET / HTTP/x\r\n\r\n");
    assert.match(output, /^HTTP\/1\.1 400 .*\r\nServer: .*\r\nDate: .*\r\n/);
  });

  it("gh-70765, gh-139492: HTTP/0.9 waits for no fields", async (t) => {
    class Simple extends TestHandler {
      do_GET(): void {
        this.answer("simple");
      }
    }
    const { connect } = await serving(t, Simple);
    const client = await connect();
    assert.equal(await client.send("GET /\r\n").untilEnd(), "simple");
  });

  it("gh-124271: a request line of HTTP/2 is 505", async () => {
    assert.deepEqual((await tell("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).statuses, [505]);
  });

  it("`X : 1` hides no later field, 100 fields pass, and an empty line before the request is skipped", async () => {
    assert.deepEqual((await tell("GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\nY: 2\r\n\r\n")).statuses, [400]);
    const fields = `Host: a\r\n${"X: a\r\n".repeat(99)}`;
    assert.deepEqual((await tell(`\r\nGET / HTTP/1.1\r\n${fields}\r\n`)).statuses, [200]);
  });
});

describe("reports about servers", () => {
  it("gh-75820, gh-76699: connections that are opened ahead hold up nobody, not even in HTTPServer", async (t) => {
    class Hello extends TestHandler {
      do_GET(): void {
        this.answer("hello");
      }
    }
    const { connect } = await serving(t, Hello, { Server: HTTPServer });
    await connect();
    await connect();
    const client = await connect();
    assert.equal((await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").responses(1))[0]!.status, 200);
    const other = await connect();
    assert.equal((await other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").responses(1))[0]!.status, 200);
  });

  it("a burst of 200 connections is not refused: the backlog is not 5", async (t) => {
    const { port } = await listening(t, TestHandler);
    const sockets = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise((resolve, reject) => {
            socket.once("connect", resolve);
            socket.once("error", reject);
          }),
      ),
    );
  });

  it("gh-131715: endHeaders() with nothing before it is one clear error", async () => {
    class Headless extends TestHandler {
      do_GET(): void {
        this.endHeaders();
      }
    }
    const { output, errors } = await feed(Headless, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(output, /^HTTP\/1\.1 500 /);
    assert.match(String(errors[0]), /sendResponse\(\)/);
  });
});

describe("reports about files and scripts", () => {
  it("gh-73840: If-Modified-Since is answered with 304", async (t) => {
    const site = await startSite(t);
    const file = put(site.root, "a.txt", "a");
    utimesSync(file, 1_000_000_000, 1_000_000_000);
    const since = `If-Modified-Since: ${statSync(file).mtime.toUTCString()}\r\n`;
    assert.equal((await ask(site, "/a.txt", since)).status, 304);
  });

  it(
    "gh-119452: a huge Content-Length takes no memory before the bytes come",
    { skip: onWindows },
    async (t) => {
      const site = await startSite(t, {}, { bodyTime: 200 });
      script(site);
      const before = process.memoryUsage().rss;
      const request = post("/cgi-bin/x.sh", "").replace("Content-Length: 0", "Content-Length: 4000000000");
      assert.match(await site.exchange(request), /^HTTP\/1\.1 408 /);
      assert.ok(process.memoryUsage().rss - before < 500 << 20);
    },
  );

  for (const [report, name, field, value] of [
    ["bpo-5054", "HTTP_ACCEPT", "Accept", "text/html, text/plain"],
    ["bpo-10486", "HTTP_X_ANY", "X-Any", "value"],
  ] as const) {
    it(`${report}: a script gets ${name} as it was sent`, { skip: onWindows }, async (t) => {
      const site = await startSite(t);
      putScript(site.root, "cgi-bin/env.sh", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; env\n");
      const { body } = await ask(site, "/cgi-bin/env.sh", `${field}: ${value}\r\n`);
      assert.ok(body.split("\n").includes(`${name}=${value}`), body);
    });
  }

  it("bpo-24657: a query keeps its slashes and question marks", { skip: onWindows }, async (t) => {
    const site = await startSite(t);
    const source = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s' \"$QUERY_STRING\"\n";
    putScript(site.root, "cgi-bin/query.sh", source);
    assert.equal((await ask(site, "/cgi-bin/query.sh?a=//b//?c")).body, "a=//b//?c");
  });

  it("a script may redirect, and send any status", { skip: onWindows }, async (t) => {
    const site = await startSite(t);
    putScript(site.root, "cgi-bin/go.sh", "#!/bin/sh\nprintf 'Location: http://b.example/\\n\\n'\n");
    putScript(
      site.root,
      "cgi-bin/gone.sh",
      "#!/bin/sh\nprintf 'Status: 410 Gone\\nContent-Type: text/plain\\n\\n'\n",
    );
    assert.equal((await ask(site, "/cgi-bin/go.sh")).status, 302);
    assert.equal((await ask(site, "/cgi-bin/gone.sh")).status, 410);
  });

  it("`/..` in front of everything is no crash with scripts, either", async (t) => {
    assert.equal((await ask(await startSite(t), "/..")).status, 200);
  });
});
