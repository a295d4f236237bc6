// The life of a server and its hooks.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import dns from "node:dns";
import { mkdtempSync, rmSync } from "node:fs";
import type { ListenOptions, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { ListenerLostError } from "../../src/errors.ts";
import type { Connection } from "../../src/server/connection.ts";
import { HTTPServer } from "../../src/server/http-server.ts";
import type { ClientAddress } from "../../src/server/server-address.ts";
import { type RequestHandler, TCPServer } from "../../src/server/tcp-server.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { exchange, parseResponses, RawClient } from "../raw-client.ts";
import { listening, logOf, serving, TestHandler } from "./serving.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_CLOSE = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

class Hello extends TestHandler {
  do_GET(): void {
    this.answer("hello");
  }
}

/** A promise and the way to keep it. */
function gate(): { readonly promise: Promise<void>; open(): void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open: () => open() };
}

function closing<S extends TCPServer>(t: TestContext, server: S): S {
  t.after(async () => {
    await server.shutdown({ graceMs: 0 });
    await server.serverClose();
  });
  return server;
}

describe("listen()", { timeout: 30_000 }, () => {
  it("makes serverAddress, serverName, serverPort real for port 0", async (t) => {
    const server = closing(t, new HTTPServer(["127.0.0.1", 0], Hello));
    assert.equal(server.serverPort, 0);
    await server.listen();
    assert.ok(server.serverPort > 0);
    assert.deepEqual(server.serverAddress, ["127.0.0.1", server.serverPort]);
    assert.equal(server.serverName, "127.0.0.1");
    await server.listen();
  });

  it("takes '' for all interfaces: IPv4 clients are served, and shown without ::ffff:", async (t) => {
    let seen: ClientAddress | undefined;
    class Seeing extends Hello {
      override setup(): void {
        seen = this.clientAddress;
      }
    }
    const server = closing(t, new ThreadingHTTPServer(["", 0], Seeing));
    await server.listen();
    void server.serveForever();
    const client = await RawClient.connect(server.serverPort);
    await client.send(GET).responses(1);
    assert.deepEqual(seen, ["127.0.0.1", client.socket.localPort]);
    client.socket.destroy();
  });

  it("rejects with EADDRINUSE when the port is taken, and serveForever() does, too", async (t) => {
    const { port } = await listening(t, Hello);
    await assert.rejects(new HTTPServer(["127.0.0.1", port], Hello).listen(), { code: "EADDRINUSE" });
    const second = new HTTPServer(["127.0.0.1", port], Hello);
    await assert.rejects(second.serveForever(), { code: "EADDRINUSE" });
    await second.shutdown();
    await second.serverClose();
  });

  it("can be tried again after it has failed", async (t) => {
    const first = await listening(t, Hello);
    const second = closing(t, new HTTPServer(["127.0.0.1", first.port], Hello));
    await assert.rejects(second.listen(), { code: "EADDRINUSE" });
    await first.server.serverClose();
    await second.listen();
    assert.equal(second.serverPort, first.port);
  });

  it("rejects for an address that is not ours", async () => {
    await assert.rejects(new HTTPServer(["192.0.2.1", 0], Hello).listen(), { code: "EADDRNOTAVAIL" });
  });

  it("asks no DNS for the name of a bound address", async (t) => {
    const asked: string[] = [];
    for (const name of ["reverse", "lookupService", "resolvePtr"] as const) {
      t.mock.method(dns, name, () => asked.push(name));
    }
    const server = closing(t, new HTTPServer(["", 0], Hello));
    await server.listen();
    assert.ok(server.serverName.length > 0);
    assert.deepEqual(asked, []);
  });

  it(
    "binds a Unix socket path, where clients have no address",
    { skip: process.platform === "win32" },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "htbin-test-"));
      t.after(() => rmSync(folder, { recursive: true }));
      const path = join(folder, "socket");
      const seen: unknown[] = [];
      class Seeing extends Hello {
        override setup(): void {
          seen.push(this.clientAddress, this.addressString());
        }
      }
      const server = closing(t, new ThreadingHTTPServer(path, Seeing));
      void server.serveForever();
      await server.listen();
      assert.equal(server.serverAddress, path);
      assert.equal(server.serverPort, 0);
      assert.match(await exchange(path, GET_CLOSE), /hello$/);
      assert.deepEqual(seen, [["", 0], "-"]);
    },
  );
});

describe("serveForever() and shutdown()", { timeout: 30_000 }, () => {
  it("serveForever() listens if needed, gives one promise however often it is called, and resolves after shutdown()", async (t) => {
    const server = closing(t, new HTTPServer(["127.0.0.1", 0], Hello));
    const serving = server.serveForever();
    assert.equal(server.serveForever(), serving);
    await server.listen();
    assert.match(await exchange(server.serverPort, GET_CLOSE), /hello$/);
    await server.shutdown();
    await serving;
  });

  it("shutdown() right after serveForever() ends it, although it does not listen yet", async (t) => {
    const server = closing(t, new HTTPServer(["127.0.0.1", 0], Hello));
    const serving = server.serveForever();
    await server.shutdown();
    await serving;
  });

  it("a server that was shut down can serve again", async (t) => {
    const server = closing(t, new HTTPServer(["127.0.0.1", 0], Hello));
    void server.serveForever();
    await server.listen();
    await server.shutdown();
    void server.serveForever();
    await server.listen();
    assert.match(await exchange(server.serverPort, GET_CLOSE), /hello$/);
  });

  it("shutdown() waits for the request that runs, takes no new connection, and closes idle ones", async (t) => {
    const inside = gate();
    const goOn = gate();
    class Slow extends Hello {
      async do_SLOW(): Promise<void> {
        inside.open();
        await goOn.promise;
        this.answer("slow");
      }
    }
    const { server, connect, port } = await serving(t, Slow);
    const idle = await connect();
    await idle.send(GET).responses(1);
    const silent = await connect();
    const busy = await connect();
    busy.send("SLOW / HTTP/1.1\r\nHost: a\r\n\r\n");
    await inside.promise;
    let isDown = false;
    const down = server.shutdown().then(() => (isDown = true));
    await idle.untilEnd();
    await silent.untilEnd();
    await assert.rejects(RawClient.connect(port), { code: "ECONNREFUSED" });
    assert.ok(!isDown);
    goOn.open();
    const [response] = await busy.responses(1);
    assert.equal(response!.body.toString(), "slow");
    assert.equal(response!.get("connection"), "close");
    await busy.untilEnd();
    await down;
  });

  it("shutdown() does not wait for an idle client that leaves its side open", async (t) => {
    const { server, connect } = await serving(t, Hello, { limits: { lingerTime: 100, lingerTotal: 200 } });
    const idle = await connect();
    idle.socket.allowHalfOpen = true;
    await idle.send(GET).responses(1);
    const begin = Date.now();
    await server.shutdown({ graceMs: 5_000 });
    assert.ok(Date.now() - begin < 2_500);
    await idle.untilEnd();
    // Its deadline outlives the listener.
    const ticking = setInterval(() => idle.socket.writable && idle.send("x"), 50);
    t.after(() => clearInterval(ticking));
    await idle.until(() => idle.isClosed, "the cut");
  });

  it("shutdown() is over when the response is, although its head had promised another (RFC 9112 §9.3)", async (t) => {
    const goOn = gate();
    class Streaming extends Hello {
      async do_SLOW(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("first");
        await goOn.promise;
      }
    }
    const { server, connect } = await serving(t, Streaming);
    const client = await connect();
    await client.send("SLOW / HTTP/1.1\r\nHost: a\r\n\r\n").untilText("first");
    const began = Date.now();
    const down = server.shutdown({ graceMs: 5_000 });
    goOn.open();
    await down;
    assert.ok(Date.now() - began < 2_500, `${Date.now() - began} ms`);
    assert.ok((await client.responses(1))[0]!.isComplete);
  });

  it("shutdown() cuts what still runs after graceMs, and tells it by signal", async (t) => {
    const aborted = gate();
    const inside = gate();
    class Endless extends Hello {
      async do_SLOW(): Promise<void> {
        this.signal.addEventListener("abort", () => aborted.open());
        inside.open();
        await aborted.promise;
      }
    }
    const { server, connect } = await serving(t, Endless);
    const client = await connect();
    client.send("SLOW / HTTP/1.1\r\nHost: a\r\n\r\n");
    await inside.promise;
    await server.shutdown({ graceMs: 20 });
    await aborted.promise;
    await client.untilEnd();
  });

  it("shutdown() is not held up by a handler that never returns", async (t) => {
    const inside = gate();
    class Never extends Hello {
      async do_SLOW(): Promise<void> {
        inside.open();
        await new Promise(() => {});
      }
    }
    const { server, connect } = await serving(t, Never);
    (await connect()).send("SLOW / HTTP/1.1\r\nHost: a\r\n\r\n");
    await inside.promise;
    await server.shutdown({ graceMs: 10 });
  });

  it("a pipelined request behind the one that runs during shutdown() is not begun", async (t) => {
    const goOn = gate();
    const inside = gate();
    class Slow extends Hello {
      async do_SLOW(): Promise<void> {
        inside.open();
        await goOn.promise;
        this.answer("slow");
      }
    }
    const { server, connect, log } = await serving(t, Slow);
    const client = await connect();
    client.send(`SLOW / HTTP/1.1\r\nHost: a\r\n\r\n${GET}`);
    await inside.promise;
    const down = server.shutdown();
    goOn.open();
    await down;
    assert.equal(parseResponses(await client.untilEnd()).length, 1);
    assert.equal(log.lines.length, 1);
  });

  it("serverClose() cuts everything at once, twice if you like", async (t) => {
    const { server, connect } = await serving(t, Hello);
    const client = await connect();
    await client.send(GET).responses(1);
    await server.serverClose();
    await client.untilEnd();
    await server.serverClose();
  });

  it("await using shuts down at the end of the block", async () => {
    let port = 0;
    {
      await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Hello);
      void server.serveForever();
      await server.listen();
      port = server.serverPort;
      assert.match(await exchange(port, GET_CLOSE), /hello$/);
    }
    await assert.rejects(RawClient.connect(port), { code: "ECONNREFUSED" });
  });

  it("keeps no timer behind: the process ends when shutdown() has", async () => {
    const url = new URL("../../src/server/http-server.js", import.meta.url).href;
    const program = `
      import { HTTPServer } from ${JSON.stringify(url)};
      import { connect } from "node:net";
      const server = new HTTPServer(["127.0.0.1", 0], class { run() { return new Promise((done) => setTimeout(done, 100)); } });
      void server.serveForever();
      await server.listen();
      const socket = connect(server.serverPort, "127.0.0.1");
      await new Promise((done) => socket.once("connect", done));
      setTimeout(async () => { await server.shutdown(); console.log("down"); socket.destroy(); }, 20);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      timeout: 4_000,
    });
    assert.equal(stdout, "down\n");
  });
});

describe("a server that loses its listener", { timeout: 30_000 }, () => {
  it("ends, and serveForever() rejects with a typed error; it can serve again", async (t) => {
    let listener: Server | undefined;
    class Kept extends ThreadingHTTPServer {
      protected override serverActivate(given: Server, options: ListenOptions): void {
        listener = given;
        super.serverActivate(given, options);
      }
    }
    const server = closing(t, new Kept(["127.0.0.1", 0], Hello));
    await server.listen();
    const serving = server.serveForever();
    listener!.close();
    await assert.rejects(serving, (error) => {
      assert.ok(error instanceof ListenerLostError);
      assert.equal(error.code, "ERR_LISTENER_LOST");
      assert.match(error.message, /the listening socket was closed/);
      return true;
    });
    const again = server.serveForever();
    await server.listen();
    assert.match(await exchange(server.serverPort, GET_CLOSE), /hello$/);
    await server.shutdown();
    await again;
  });

  it("goes on after an error of accept(), which is no reason to end", async (t) => {
    let listener: Server | undefined;
    class Kept extends ThreadingHTTPServer {
      protected override serverActivate(given: Server, options: ListenOptions): void {
        listener = given;
        super.serverActivate(given, options);
      }
    }
    const { ask } = await serving(t, Hello, { Server: Kept });
    for (let i = 0; i < 100; i++) listener!.emit("error", new Error("accept ENOBUFS"));
    assert.match(await ask(GET_CLOSE), /hello$/);
  });
});

describe("the hooks of a connection", { timeout: 30_000 }, () => {
  it("verifyRequest() that gives false drops the connection silently: no byte, no log", async (t) => {
    class Picky extends ThreadingHTTPServer {
      override verifyRequest(_request: Connection, [host]: ClientAddress): boolean {
        assert.equal(host, "127.0.0.1");
        return false;
      }
    }
    const { connect, log, errors } = await serving(t, Hello, { Server: Picky });
    const client = await connect();
    await client.until(() => client.isClosed || client.hasEnded, "close");
    assert.equal(client.text, "");
    assert.deepEqual(log.lines, []);
    assert.deepEqual(errors, []);
  });

  it("verifyRequest() that throws is an error of that connection, and no other", async (t) => {
    let calls = 0;
    class Broken extends ThreadingHTTPServer {
      override verifyRequest(): boolean {
        if (calls++ === 0) throw new Error("no idea");
        return true;
      }
    }
    const { connect, ask, errors } = await serving(t, Hello, { Server: Broken });
    const client = await connect();
    await client.until(() => client.isClosed || client.hasEnded, "close");
    assert.match(await ask(GET_CLOSE), /hello$/);
    assert.equal(errors.length, 1);
  });

  it("are called in the order of the original: process, finish, shutdown; close and error only when needed", async (t) => {
    const steps: string[] = [];
    const over = gate();
    class Steps extends ThreadingHTTPServer {
      override verifyRequest(request: Connection, clientAddress: ClientAddress): boolean {
        steps.push("verifyRequest");
        return super.verifyRequest(request, clientAddress);
      }

      override processRequest(request: Connection, clientAddress: ClientAddress): Promise<void> {
        steps.push("processRequest");
        return super.processRequest(request, clientAddress);
      }

      override finishRequest(request: Connection, clientAddress: ClientAddress): Promise<void> {
        steps.push("finishRequest");
        return super.finishRequest(request, clientAddress);
      }

      override shutdownRequest(request: Connection): void {
        steps.push("shutdownRequest");
        super.shutdownRequest(request);
        over.open();
      }

      override closeRequest(request: Connection): void {
        steps.push("closeRequest");
        super.closeRequest(request);
      }

      override handleError(): void {
        steps.push("handleError");
      }
    }
    const { ask } = await serving(t, Hello, { Server: Steps });
    await ask(GET_CLOSE);
    await over.promise;
    assert.deepEqual(steps, ["verifyRequest", "processRequest", "finishRequest", "shutdownRequest"]);
  });

  for (const [what, Handler] of [
    [
      "whose constructor throws",
      class implements RequestHandler {
        constructor() {
          throw new Error("constructor");
        }

        async run(): Promise<void> {}
      },
    ],
    [
      "whose setup() throws",
      class extends Hello {
        override setup(): void {
          throw new Error("setup");
        }
      },
    ],
    [
      "whose run() rejects",
      class implements RequestHandler {
        async run(): Promise<void> {
          throw new Error("run");
        }
      },
    ],
  ] as const) {
    it(`a handler ${what} is told to handleError, its connection closed, and the server goes on`, async (t) => {
      const { connect, errors } = await serving(t, Handler);
      for (const count of [1, 2]) {
        const client = await connect();
        await client.until(() => client.isClosed || client.hasEnded, "close");
        assert.equal(errors.length, count);
      }
    });
  }

  it("processRequest() and handleError() that throw cost their connection, and never the process", async (t) => {
    class Failing extends ThreadingHTTPServer {
      override processRequest(request: Connection, clientAddress: ClientAddress): Promise<void> {
        if (this.failures-- > 0) throw new Error("processRequest");
        return super.processRequest(request, clientAddress);
      }
      failures = 2;
      override handleError(): void {
        throw new Error("handleError");
      }
    }
    t.mock.method(process.stderr, "write", () => true);
    const { connect } = await serving(t, Hello, { Server: Failing });
    for (let i = 0; i < 2; i++) {
      const client = await connect();
      await client.until(() => client.isClosed || client.hasEnded, "close");
    }
    const client = await connect();
    await client.send(GET).responses(1);
  });

  it("finishRequest() may do without a handler, and write itself: shutdownRequest() lets the client read it all", async (t) => {
    class Banner extends TCPServer {
      override async finishRequest(request: Connection): Promise<void> {
        request.write("220 welcome\r\n");
      }
    }
    const { connect } = await serving(t, Hello, { Server: Banner });
    const client = await connect();
    client.send("HELO\r\n");
    assert.equal(await client.untilEnd(), "220 welcome\r\n");
    assert.equal(client.errorCode, undefined);
  });

  it("handleError() writes one entry with the stack to stderr, with the client's characters made visible", async (t) => {
    const { stderrLog } = await import("../../src/log/log-sink.ts");
    const entries: string[] = [];
    t.mock.method(stderrLog, "write", (entry: string) => void entries.push(entry));
    const server = new HTTPServer(["127.0.0.1", 0], Hello);
    server.handleError(undefined as unknown as Connection, ["192.0.2.7", 1], new Error("bad \x1b[31m thing"));
    assert.equal(entries.length, 1);
    assert.match(
      entries[0]!,
      /^Exception while handling a request from 192\.0\.2\.7: Error: bad \\x1b\[31m thing\n\s+at /,
    );
  });
});

describe("handleRequest()", { timeout: 30_000 }, () => {
  it("handles one request, closes its connection, and leaves the next client waiting for the next call", async (t) => {
    const { server, connect, log } = await listening(t, Hello);
    const first = await connect();
    const second = await connect();
    const handled = server.handleRequest();
    const [response] = await first.send(GET + GET).responses(1);
    assert.equal(response!.get("connection"), "close");
    await first.untilEnd();
    await handled;
    assert.equal(log.lines.length, 1);
    second.send(GET);
    const again = server.handleRequest();
    await second.responses(1);
    await again;
    assert.equal(log.lines.length, 2);
  });

  it("listens if needed", async (t) => {
    const server = closing(t, new HTTPServer(["127.0.0.1", 0], Hello));
    const handled = server.handleRequest();
    await server.listen();
    assert.match(await exchange(server.serverPort, GET), /hello$/);
    await handled;
    assert.equal(logOf(server).lines.length, 1);
  });

  it("calls handleTimeout() when `timeout` milliseconds pass without a request", async (t) => {
    let timeouts = 0;
    class Impatient extends HTTPServer {
      override handleTimeout(): void {
        timeouts++;
      }
    }
    const { server, connect } = await listening(t, Hello, { Server: Impatient });
    server.timeout = 20;
    await connect(); // silent: no request
    await server.handleRequest();
    assert.equal(timeouts, 1);
    server.timeout = undefined;
    const client = await connect();
    client.send(GET);
    await server.handleRequest();
    await client.responses(1);
    assert.equal(timeouts, 1);
  });

  it("can be called again before it has resolved: each call handles a request of its own", async (t) => {
    for (const Server of [HTTPServer, ThreadingHTTPServer]) {
      const { server, ask, log } = await listening(t, Hello, { Server });
      const both = [server.handleRequest(), server.handleRequest()];
      assert.match(await ask(GET), /hello$/);
      await both[0];
      assert.equal(log.lines.length, 1);
      assert.match(await ask(GET), /hello$/);
      await both[1];
      assert.equal(log.lines.length, 2);
    }
  });

  it("that cannot listen fails alone: the call after it listens again", async (t) => {
    const { server: other, port } = await listening(t, Hello);
    const server = closing(t, new HTTPServer(["127.0.0.1", port], Hello));
    const first = server.handleRequest();
    const second = assert.rejects(server.handleRequest(), { code: "EADDRINUSE" });
    await assert.rejects(first, { code: "EADDRINUSE" });
    await second;
    await other.serverClose();
    const third = server.handleRequest();
    await server.listen();
    assert.match(await exchange(port, GET), /hello$/);
    await third;
  });

  it("gives a handler all the time that it takes: `timeout` is for the request to come", async (t) => {
    let timeouts = 0;
    const [begun, release] = [gate(), gate()];
    class Impatient extends HTTPServer {
      override handleTimeout(): void {
        timeouts++;
      }
    }
    class Slow extends TestHandler {
      async do_GET(): Promise<void> {
        begun.open();
        await release.promise;
        this.answer("at last");
      }
    }
    const { server, ask } = await listening(t, Slow, { Server: Impatient });
    server.timeout = 200;
    const answer = ask(GET);
    const handled = server.handleRequest();
    await begun.promise;
    // The time runs out while the handler works: a timer that was set later has ended.
    await new Promise((resolve) => setTimeout(resolve, 250));
    release.open();
    assert.match(await answer, /at last$/);
    await handled;
    assert.equal(timeouts, 0);
  });

  it("during serveForever() resolves with the next request, and stops nothing", async (t) => {
    const { server, ask } = await serving(t, Hello);
    const handled = server.handleRequest();
    assert.match(await ask(GET_CLOSE), /hello$/);
    await handled;
    assert.match(await ask(GET_CLOSE), /hello$/);
    server.timeout = 10;
    await server.handleRequest();
    assert.match(await ask(GET_CLOSE), /hello$/);
  });

  it("is followed by serveForever() without loss", async (t) => {
    const { server, ask } = await listening(t, Hello);
    const handled = server.handleRequest();
    assert.match(await ask(GET), /hello$/);
    await handled;
    void server.serveForever();
    assert.match(await ask(GET_CLOSE), /hello$/);
  });
});
