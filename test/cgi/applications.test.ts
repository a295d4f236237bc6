// Paths that running applications answer: FastCGI and SCGI, by the same rules as scripts.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { defaultCGILimits } from "../../src/cgi/limits.ts";
import { type FakeRequest, fastCGIApplication, scgiApplication } from "./fake-application.ts";
import { get, parseResponse, post, type Response, type Site, startSite } from "./running-site.ts";
import { put } from "./temporary-directory.ts";

const HEADER = "Content-Type: text/plain\r\n\r\n";

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

describe("a FastCGI application", () => {
  it("gets the variables of a script, and its answer goes by the rules of scripts", async (context) => {
    const seen: FakeRequest[] = [];
    const { address } = await fastCGIApplication(context, (request) => {
      seen.push(request);
      request.stdout(`Status: 201 Made\r\nX-A: b\r\nConnection: close\r\n${HEADER}made`);
      request.end();
    });
    const site = await startSite(context, {
      fastcgi: { "/app": address },
      cgiEnvironment: { APP_MODE: "test" },
    });
    const { head, body } = await ask(site, get("/app/x%20y?q=1", "X-Field: value\r\nProxy: evil\r\n"));
    assert.match(head, /^HTTP\/1\.1 201 Made\r\n/);
    assert.match(head, /\r\nX-A: b\r\n/);
    assert.equal(body, "made");
    const { variables, keepsConnection } = seen[0]!;
    assert.ok(keepsConnection);
    const expected = {
      GATEWAY_INTERFACE: "CGI/1.1",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/app/x%20y?q=1",
      SCRIPT_NAME: "/app",
      PATH_INFO: "/x y",
      QUERY_STRING: "q=1",
      HTTP_X_FIELD: "value",
      DOCUMENT_ROOT: site.root,
      SCRIPT_FILENAME: `${site.root}/app`,
      APP_MODE: "test",
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(variables[name], value, name);
    assert.equal(variables["HTTP_PROXY"], undefined);
    assert.equal(variables["LANG"], undefined);
  });

  it("keeps its connection for the next request, and opens one more for two at once", async (context) => {
    const waiting: FakeRequest[] = [];
    const application = await fastCGIApplication(context, (request) => {
      if (request.variables["PATH_INFO"] === "/wait") waiting.push(request);
      else {
        request.stdout(`${HEADER}${request.connection}`);
        request.end();
      }
    });
    const site = await startSite(context, { fastcgi: { "/app": application.address } });
    for (let i = 0; i < 3; i++) assert.equal((await ask(site, get("/app/a"))).body, "1");
    const slow = ask(site, get("/app/wait"));
    await until(() => waiting.length === 1);
    assert.equal((await ask(site, get("/app/a"))).body, "2");
    waiting[0]!.stdout(`${HEADER}slow ${waiting[0]!.connection}`);
    waiting[0]!.end();
    assert.equal((await slow).body, "slow 1");
    assert.equal(application.connections(), 2);
  });

  it("gives up kept connections while a request waits, for it may wait for their processes", async (context) => {
    // Takes one connection at a time, as php-fpm with one child.
    const queue: FakeRequest[] = [];
    let holder: number | undefined;
    const serve = (request: FakeRequest): void => {
      holder = request.connection;
      request.stdout(`${HEADER}${request.connection}`);
      request.end();
      request.socket.once("close", () => {
        holder = undefined;
        const next = queue.shift();
        if (next !== undefined) serve(next);
      });
    };
    const held: FakeRequest[] = [];
    const application = await fastCGIApplication(context, (request) => {
      if (request.variables["PATH_INFO"] === "/held") held.push(request);
      else if (holder === undefined || holder === request.connection) serve(request);
      else queue.push(request);
    });
    const site = await startSite(context, { fastcgi: { "/app": application.address } });
    const first = ask(site, get("/app/held"));
    await until(() => held.length === 1);
    const second = ask(site, get("/app/b"));
    assert.equal((await second).body, "2");
    const third = ask(site, get("/app/held"));
    await until(() => held.length === 2);
    const fourth = ask(site, get("/app/c"));
    for (const request of held) {
      request.stdout(`${HEADER}held`);
      request.end();
    }
    assert.deepEqual(
      (await Promise.all([first, third, fourth])).map(({ status }) => status),
      [200, 200, 200],
    );
  });

  it("has no connection kept for a while after a request has waited long", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      const answer = (): void => {
        request.stdout(`${HEADER}${request.connection}`);
        request.end();
      };
      // Longer than a request waits before the application counts as crowded.
      if (request.variables["PATH_INFO"] === "/slow") setTimeout(answer, 400);
      else answer();
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    assert.equal((await ask(site, get("/app/slow"))).body, "1");
    assert.equal((await ask(site, get("/app/b"))).body, "2");
  });

  it("is heard in the records of its own request alone", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      // FCGI_STDOUT of a request 2, which nobody has made.
      request.socket.write(Buffer.from([1, 6, 0, 2, 0, 4, 4, 0, 0x65, 0x76, 0x69, 0x6c, 0, 0, 0, 0]));
      request.stdout(`${HEADER}mine`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    assert.equal((await ask(site, get("/app/x"))).body, "mine");
  });

  it("streams the answer as it comes", async (context) => {
    let goOn = (): void => {};
    const { address } = await fastCGIApplication(context, (request) => {
      request.stdout(`${HEADER}first `);
      goOn = () => {
        request.stdout("second");
        request.end();
      };
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    const { socket, received, closed } = site.connect();
    socket.write(get("/app/"));
    await until(() => received().includes("first "));
    assert.ok(!received().includes("second"));
    goOn();
    await closed;
    assert.equal(parseResponse(received()).body, "first second");
  });

  it("gets the body with its exact length, also one that has come in chunks", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      void request.bodyEnd.then(() => {
        request.stdout(`${HEADER}${request.variables["CONTENT_LENGTH"]}:`);
        request.stdout(Buffer.concat(request.body));
        request.end();
      });
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    const body = "0123456789".repeat(30_000);
    assert.equal((await ask(site, post("/app/", body))).body, `300000:${body}`);
    const chunked =
      "POST /app/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert.equal((await ask(site, chunked)).body, "5:abcde");
    assert.equal((await ask(site, post("/app/", ""))).body, "0:");
  });

  it("may answer before it has read the body, and that connection is not used again", async (context) => {
    const application = await fastCGIApplication(context, (request) => {
      request.stdout(`${HEADER}early`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { "/app": application.address } });
    assert.equal((await ask(site, post("/app/", "x".repeat(5_000_000)))).body, "early");
    assert.equal((await ask(site, get("/app/"))).body, "early");
    assert.equal(application.connections(), 2);
  });

  it("takes every method", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      request.stdout(`${HEADER}${request.variables["REQUEST_METHOD"]}`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "POST"]) {
      const request = `${method} /app/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
      assert.equal((await ask(site, request)).body, method);
    }
    const head = await ask(site, "HEAD /app/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.deepEqual([head.status, head.body], [200, ""]);
    assert.equal((await ask(site, "PUT /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).status, 405);
  });

  it("logs what it says on FCGI_STDERR, line by line", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      request.stderr("PHP Warning: a\nand ");
      request.stdout(`${HEADER}x`);
      request.stderr("b");
      request.end(3);
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    assert.equal((await ask(site, get("/app"))).status, 200);
    await until(() => site.logged.includes("/app: CGI script exit code 3"));
    assert.deepEqual(site.logged.filter((line) => line.startsWith("/app: ")).slice(0, 2), [
      "/app: PHP Warning: a",
      "/app: and b",
    ]);
  });

  it("is told when the client goes", async (context) => {
    const seen: FakeRequest[] = [];
    const { address } = await fastCGIApplication(context, (request) => {
      seen.push(request);
      request.stdout(HEADER);
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    const { socket, received } = site.connect();
    socket.write(get("/app/"));
    await until(() => received().includes("\r\n\r\n"));
    socket.resetAndDestroy();
    await seen[0]!.aborted;
    assert.equal(seen.length, 1);
  });

  it("holds its output back while the client reads nothing", async (context) => {
    let sent = 0;
    const { address } = await fastCGIApplication(context, (request) => {
      request.stdout(HEADER);
      const piece = Buffer.alloc(60_000, "x");
      const more = (): void => {
        while (sent < 200_000_000) {
          request.stdout(piece);
          sent += piece.length;
          if (request.socket.writableNeedDrain) {
            request.socket.once("drain", more);
            return;
          }
        }
        request.end();
      };
      more();
    });
    const site = await startSite(context, { fastcgi: { "/app": address } });
    const { socket } = site.connect();
    socket.pause();
    socket.write(get("/app/"));
    let before = -1;
    await until(() => {
      const isStill = sent > 0 && sent === before;
      before = sent;
      return isStill;
    });
    assert.ok(sent < 50_000_000, `${sent} bytes are on their way to nobody`);
    socket.destroy();
  });

  it("is 502 with one record when nobody listens, and the client learns no address", async (context) => {
    const site = await startSite(context, { fastcgi: { "/app": "unix:/no/such/socket" } });
    const { status, body } = await ask(site, get("/app/x"));
    assert.equal(status, 502);
    assert.ok(!body.includes("socket"));
    const record = site.logged.find((line) => line.includes("verdict"))!;
    assert.match(record, /^unix:\/no\/such\/socket cannot be reached: ENOENT\n/);
    assert.match(record, /^asked +unix:\/no\/such\/socket \(FastCGI\), for \S+\/app$/m);
    assert.match(record, /^ended +it was not reached$/m);
    assert.match(record, /^verdict +application-unreachable: nobody listens/m);
  });

  it("is 502 when it closes without an answer or sends what is no FastCGI, and 503 when it is overloaded", async (context) => {
    const answers: ((request: FakeRequest) => void)[] = [
      (request) => request.socket.destroy(),
      (request) => request.socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      (request) => request.end(0, 1),
      (request) => request.end(),
      (request) => {
        request.stdout("no header at all\n\n");
        request.end();
      },
      (request) => request.end(0, 2),
    ];
    const { address } = await fastCGIApplication(context, (request) => answers.shift()!(request));
    const site = await startSite(context, { fastcgi: { "/app": address } });
    for (const [status, words] of [
      [502, /verdict +application-broke-off: the application at \S+ closed the connection before/],
      [502, /verdict +application-broke-off: .*no FastCGI \(a record of version 72\)/],
      [502, /verdict +application-broke-off: .*refused the request/],
      [502, /verdict +no-output/],
      [502, /verdict +text-before-header/],
      [503, /the application at \S+ is overloaded/],
    ] as const) {
      site.logged.length = 0;
      assert.equal((await ask(site, get("/app/"))).status, status);
      assert.ok(
        site.logged.some((line) => words.test(line)),
        `${words}: ${site.logged.join("\n")}`,
      );
    }
  });

  it("is 504 when it takes too long, and cut when it breaks off", async (context) => {
    const seen: FakeRequest[] = [];
    const { address } = await fastCGIApplication(context, (request) => {
      seen.push(request);
      if (request.variables["PATH_INFO"] !== "/half") return;
      request.stdout(`${HEADER}half`);
      setTimeout(() => request.socket.destroy(), 50);
    });
    const cgiLimits = { ...defaultCGILimits, timeToHeader: 200 };
    const site = await startSite(context, { fastcgi: { "/app": address }, cgiLimits });
    assert.equal((await ask(site, get("/app/slow"))).status, 504);
    await seen[0]!.aborted;
    // It goes on, and has no exit code.
    assert.ok(
      site.logged.some((line) =>
        /^ended +after \d+ ms, 0 bytes of output\n[^]*verdict +too-slow/m.test(line),
      ),
      site.logged.join("\n"),
    );
    const { status, isWhole } = await ask(site, get("/app/half"));
    assert.deepEqual([status, isWhole], [200, false]);
    assert.ok(site.logged.some((line) => /^response cut: [^]*verdict +application-broke-off/.test(line)));
  });

  it("asks once more when it closes a kept connection at the moment when it is asked there", async (context) => {
    let requests = 0;
    const application = await fastCGIApplication(context, (request) => {
      if (++requests === 2) return void request.socket.destroy();
      request.stdout(`${HEADER}${request.connection}`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { "/app": application.address } });
    assert.equal((await ask(site, get("/app/"))).body, "1");
    assert.equal((await ask(site, get("/app/"))).body, "2");
    // What cannot be repeated gets a connection of its own.
    assert.equal((await ask(site, post("/app/", "x"))).body, "3");
    assert.equal((await ask(site, post("/app/", ""))).body, "4");
  });

  it("opens another connection when a kept one has been closed meanwhile", async (context) => {
    const seen: FakeRequest[] = [];
    const application = await fastCGIApplication(context, (request) => {
      seen.push(request);
      request.stdout(`${HEADER}ok`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { "/app": application.address } });
    assert.equal((await ask(site, get("/app/"))).body, "ok");
    const closed = new Promise((resolve) => seen[0]!.socket.once("close", resolve));
    seen[0]!.socket.end();
    await closed;
    assert.equal((await ask(site, get("/app/"))).body, "ok");
    assert.equal(application.connections(), 2);
  });

  it("answers for files with its extension, whose source is never sent", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      const { SCRIPT_FILENAME, SCRIPT_NAME, PATH_INFO } = request.variables;
      request.stdout(`${HEADER}${SCRIPT_FILENAME}|${SCRIPT_NAME}|${PATH_INFO ?? "-"}`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { ".php": address }, cgiDirectories: [] });
    const file = put(site.root, "blog/x.php", "<?php SOURCE");
    put(site.root, "index.php", "<?php SOURCE");
    put(site.root, "a.txt", "text");
    assert.equal((await ask(site, get("/blog/x.php/info"))).body, `${file}|/blog/x.php|/info`);
    assert.equal((await ask(site, get("/"))).body, `${site.root}/index.php|/index.php|-`);
    assert.equal((await ask(site, get("/a.txt"))).body, "text");
    for (const path of [
      "/blog/x.php",
      "/blog/x.php/",
      "/blog/x.php.",
      "/blog/x.php%20",
      "/blog/x.PHP",
      "/blog%2fx.php",
      "/blog/x.php%00",
    ]) {
      for (const method of ["GET", "HEAD", "POST"]) {
        const { body } = await ask(site, get(path, "Range: bytes=0-20\r\n").replace("GET", method));
        assert.ok(!body.includes("SOURCE"), `${method} ${path}`);
      }
    }
    assert.equal((await ask(site, get("/none.php"))).status, 404);
  });

  it("sends no source under a name that is not UTF-8: neither by itself nor in an archive", async (context) => {
    const { address } = await fastCGIApplication(context, (request) => {
      request.stdout(`${HEADER}answered`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { ".php": address } });
    try {
      writeFileSync(Buffer.from(`${site.root}/\xff.php`, "latin1"), "<?php SOURCE");
    } catch (error) {
      context.skip(`this file system takes UTF-8 alone: ${(error as Error).message}`);
      return;
    }
    const { status, body } = await ask(site, get("/%FF.php"));
    assert.equal(status, 404);
    assert.ok(!body.includes("SOURCE"));
    const { body: archive } = await ask(site, get("/?archive=tar"));
    assert.ok(!archive.includes("SOURCE"));
  });

  it("gives no application a PATH_INFO that climbs, or that no variable can hold", async (context) => {
    const seen: string[] = [];
    const { address } = await fastCGIApplication(context, (request) => {
      seen.push(request.variables["PATH_INFO"] ?? "-");
      request.stdout(`${HEADER}answered`);
      request.end();
    });
    const site = await startSite(context, { fastcgi: { "/app": address, ".php": address } });
    put(site.root, "x.php", "<?php SOURCE");
    for (const path of ["/app/..%2f..%2fetc", "/x.php/..%2f..%2fetc", "/app/%FF", "/x.php/%FF"]) {
      const { status, body } = await ask(site, get(path));
      assert.equal(status, 404, path);
      assert.ok(!body.includes("SOURCE"), path);
    }
    assert.equal((await ask(site, get("/x.php/a%2fb"))).body, "answered");
    assert.deepEqual(seen, ["/a/b"]);
  });
});

describe("an SCGI application", () => {
  it("gets variables and body, and answers until it closes", async (context) => {
    const { address } = await scgiApplication(context, (socket, variables, bodyStart) => {
      const length = Number(variables["CONTENT_LENGTH"]);
      let body = bodyStart.toString();
      const answer = (): void => {
        if (body.length === length)
          socket.end(`${HEADER}${variables["SCGI"]} ${variables["PATH_INFO"]} ${body}`);
      };
      socket.on("data", (bytes) => {
        body += bytes.toString();
        answer();
      });
      answer();
    });
    const site = await startSite(context, { scgi: { "/s": address } });
    assert.equal((await ask(site, get("/s/a"))).body, "1 /a ");
    const body = "b".repeat(100_000);
    assert.equal((await ask(site, post("/s/a", body))).body, `1 /a ${body}`);
  });

  it("is 502 when it is not there or says nothing, and cut when it is reset", async (context) => {
    const { address } = await scgiApplication(context, (socket, variables) => {
      if (variables["PATH_INFO"] !== "/half") return void socket.end();
      socket.write(`${HEADER}half`);
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
    const site = await startSite(context, { scgi: { "/s": address, "/none": "unix:/no/such/socket" } });
    assert.equal((await ask(site, get("/none/"))).status, 502);
    assert.equal((await ask(site, get("/s/nothing"))).status, 502);
    const { status, isWhole } = await ask(site, get("/s/half"));
    assert.deepEqual([status, isWhole], [200, false]);
  });
});
