// Overrides of a server's steps that are async where nobody waits, or that throw: the connection ends, the log says why, and others go on.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { TestHandler } from "./serving.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

async function rejects(): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  throw new Error("rejected");
}

class Handler extends TestHandler {
  do_GET(): void {
    this.answer("hello");
  }
  do_POST(): void {
    throw new Error("the handler's own");
  }
}

interface Site {
  /** Sends a request, and resolves with all that comes. */
  ask(request?: string): Promise<string>;
  readonly log: { text: string; until(part: string): Promise<void> };
}

async function running(t: TestContext, steps: Record<string, unknown>, Class = Handler): Promise<Site> {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], Class);
  Object.assign(server, steps);
  let wake = (): void => {};
  const log: Site["log"] = {
    text: "",
    async until(part) {
      while (!log.text.includes(part)) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
  server.log = {
    write(text: string) {
      log.text += text;
      wake();
      return true;
    },
  };
  await server.listen();
  void server.serveForever();
  t.after(() => server.serverClose());
  const port = Number(server.serverAddress[1]);
  return {
    log,
    async ask(request = GET) {
      const socket = connect(port, "127.0.0.1");
      let output = "";
      socket.on("data", (chunk) => (output += chunk.toString("latin1")));
      socket.on("error", () => {});
      socket.write(request);
      await new Promise((resolve) => socket.once("close", resolve));
      return output;
    },
  };
}

describe("an override of a server's step", () => {
  it("verifyRequest() that is async: nobody comes in, and the log says why", async (t) => {
    for (const verifyRequest of [async () => true, rejects]) {
      const { ask, log } = await running(t, { verifyRequest });
      assert.equal(await ask(), "");
      await log.until("verifyRequest() returned a promise");
    }
  });

  it("shutdownRequest() that rejects: the answer is there, the connection ends, and the log says why", async (t) => {
    const { ask, log } = await running(t, { shutdownRequest: rejects });
    assert.match(await ask(), /hello$/);
    await log.until("Exception in shutdownRequest: Error: rejected");
  });

  it("closeRequest() that rejects: the connection ends", async (t) => {
    const { ask, log } = await running(t, { closeRequest: rejects, verifyRequest: () => false });
    assert.equal(await ask(), "");
    await log.until("Exception in closeRequest: Error: rejected");
  });

  it("handleError() that rejects, or throws: 500 all the same", async (t) => {
    const throws = (): never => {
      throw new Error("rejected");
    };
    for (const handleError of [rejects, throws]) {
      const { ask, log } = await running(t, { handleError });
      assert.match(await ask(GET.replace("GET", "POST")), /^HTTP\/1\.1 500 /);
      await log.until("Exception in handleError: Error: rejected");
    }
  });

  it("processRequest() and finishRequest() that throw, reject or return nonsense: the connection ends", async (t) => {
    const throws = (): never => {
      throw new Error("rejected");
    };
    for (const name of ["processRequest", "finishRequest"]) {
      for (const step of [throws, rejects]) {
        const { ask, log } = await running(t, { [name]: step });
        assert.equal(await ask(), "");
        await log.until("Error: rejected");
      }
      const { ask } = await running(t, { finishRequest: () => "nonsense" });
      assert.equal(await ask(), "");
    }
  });

  it("serverActivate() that rejects: listen() rejects", async () => {
    const server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
    Object.assign(server, { serverActivate: rejects });
    await assert.rejects(server.listen(), /rejected/);
  });

  it("handleTimeout() that rejects: the log says why", async (t) => {
    const server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
    let text = "";
    server.log = { write: (each: string) => ((text += each), true) };
    Object.assign(server, { handleTimeout: rejects, timeout: 1 });
    t.after(() => server.serverClose());
    await server.handleRequest();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    assert.match(text, /Exception in handleTimeout: Error: rejected/);
  });
});

describe("a handler's setup(), handle(), handleOneRequest() and finish()", () => {
  for (const name of ["setup", "handle", "handleOneRequest", "finish"]) {
    it(`${name}() that rejects: the connection ends, the log says why, and the next one is served`, async (t) => {
      let isFirst = true;
      class Failing extends Handler {}
      Object.defineProperty(Failing.prototype, name, {
        value(this: Record<string, () => unknown>) {
          if (!isFirst) return (Object.getPrototypeOf(Failing.prototype) as typeof this)[name]!.call(this);
          isFirst = false;
          return rejects();
        },
      });
      const { ask, log } = await running(t, {}, Failing);
      assert.match(await ask(), name === "finish" ? /hello$/ : /^$/);
      await log.until("Error: rejected");
      assert.match(await ask(), /hello$/);
    });
  }
});
