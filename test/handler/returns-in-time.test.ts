// A handler that never returns although its client has gone: what it held is free again.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { returnsInTime } from "../../src/handler/returns-in-time.ts";
import { HTTPServer } from "../../src/server/http-server.ts";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { serving, TestHandler } from "../server/serving.ts";
import { makeFed } from "./fed.ts";

const limits = { ...DEFAULT_LIMITS, abandonTime: 20 };

// Its timers keep no process alive.
const alive = setInterval(() => {}, 60_000);
after(() => clearInterval(alive));

describe("returnsInTime", () => {
  it("waits for a handler as long as its client is there", async () => {
    const { connection } = makeFed(TestHandler);
    const late = new Promise<void>((resolve) => setTimeout(resolve, 60));
    assert.equal(await returnsInTime(late, connection, limits), true);
  });

  it("passes on what the handler was rejected with", async () => {
    const { connection } = makeFed(TestHandler);
    const error = new Error("x");
    await assert.rejects(returnsInTime(Promise.reject(error), connection, limits), error);
  });

  it("waits for abandonTime once the connection is lost, or was lost before", async () => {
    const { connection } = makeFed(TestHandler);
    const never = new Promise<void>(() => {});
    const before = returnsInTime(never, connection, limits);
    connection.destroy();
    assert.equal(await before, false);
    assert.equal(await returnsInTime(never, connection, limits), false);
    assert.equal(await returnsInTime(Promise.resolve(), connection, limits), true);
  });
});

for (const Server of [ThreadingHTTPServer, HTTPServer]) {
  describe(`a handler of ${Server.name} that never returns`, { timeout: 30_000 }, () => {
    it("is told by `signal`; its turn goes to others, finish() is called, one line is logged, and shutdown() does not wait", async (t) => {
      const steps: string[] = [];
      class Never extends TestHandler {
        do_GET(): Promise<void> | void {
          if (this.path === "/next") return this.answer("next");
          steps.push("begun");
          this.signal.addEventListener("abort", () => steps.push("aborted"));
          return new Promise(() => {});
        }

        override finish(): void {
          steps.push("finished");
        }
      }
      const { server, connect, log, errors } = await serving(t, Never, { Server, limits });
      const client = await connect();
      client.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
      const next = await connect();
      while (!steps.includes("begun")) await new Promise((resolve) => setImmediate(resolve));
      next.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
      client.reset();
      await next.responses(1);
      await log.until("/never");
      while (!steps.includes("finished")) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(steps, ["begun", "aborted", "finished"]);
      assert.deepEqual(
        log.lines.filter((line) => line.includes("/never")),
        ["'GET /never HTTP/1.1' is still handled although its client has gone: not waited for"],
      );
      assert.deepEqual(errors, []);
      next.socket.destroy();
      const began = performance.now();
      await server.shutdown({ graceMs: 20_000 });
      assert.ok(performance.now() - began < 10_000);
    });

    it("and returns after all, late, takes no second turn and harms nobody", async (t) => {
      let goOn = (): void => {};
      class Late extends TestHandler {
        async do_GET(): Promise<void> {
          if (this.path === "/next") return this.answer("next");
          await new Promise<void>((resolve) => (goOn = resolve));
          this.answer("too late");
        }
      }
      const { connect, log, errors } = await serving(t, Late, { Server, limits });
      const client = await connect();
      client.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
      await new Promise((resolve) => setTimeout(resolve, 10));
      client.reset();
      await log.until("is still handled");
      goOn();
      await log.until('"GET /late HTTP/1.1"');
      const next = await connect();
      for (let i = 1; i <= 3; i++) await next.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").responses(i);
      assert.deepEqual(errors, []);
    });
  });
}
