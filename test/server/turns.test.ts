// HTTPServer takes requests one at a time, ThreadingHTTPServer all at once.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { HTTPServer } from "../../src/server/http-server.ts";
import { TCPServer } from "../../src/server/tcp-server.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { serving, TestHandler } from "./serving.ts";

/** Each request waits until the test lets it go. */
function slowHandler(): {
  Handler: typeof TestHandler;
  readonly begun: string[];
  begin(path: string): Promise<void>;
  release(path: string): void;
} {
  const begun: string[] = [];
  const releases = new Map<string, () => void>();
  let wake = (): void => {};
  class Slow extends TestHandler {
    async do_GET(): Promise<void> {
      begun.push(this.path);
      const released = new Promise<void>((resolve) => releases.set(this.path, resolve));
      wake();
      await released;
      this.answer(this.path);
    }

    do_POST(): void {
      this.answer("ignored the body");
    }
  }
  return {
    Handler: Slow,
    begun,
    async begin(path) {
      while (!releases.has(path)) await new Promise<void>((resolve) => (wake = resolve));
    },
    release: (path) => releases.get(path)!(),
  };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** Lets everything that is under way on the loopback interface arrive: several turns of the event loop and a round trip. */
async function settled(connect: () => Promise<{ socket: { destroy(): void } }>): Promise<void> {
  for (let i = 0; i < 3; i++) (await connect()).socket.destroy();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

for (const Server of [HTTPServer, TCPServer]) {
  describe(`${Server.name} handles one request at a time`, { timeout: 30_000 }, () => {
    it("in the order in which they have arrived", async (t) => {
      const { Handler, begun, begin, release } = slowHandler();
      const { connect } = await serving(t, Handler, { Server });
      const [a, b, c] = [await connect(), await connect(), await connect()];
      c.send(get("/1"));
      await begin("/1");
      a.send(get("/2"));
      await settled(connect);
      b.send(get("/3"));
      await settled(connect);
      assert.deepEqual(begun, ["/1"], "the second and the third wait");
      release("/1");
      await begin("/2");
      assert.deepEqual(begun, ["/1", "/2"]);
      release("/2");
      await begin("/3");
      release("/3");
      assert.equal((await b.responses(1))[0]!.body.toString(), "/3");
    });

    it("a connection that is silent, or has sent half a head, blocks nobody", async (t) => {
      const { Handler, begin, release } = slowHandler();
      const { connect } = await serving(t, Handler, { Server });
      await connect();
      (await connect()).send("GET / HTTP/1.1\r\nHos");
      const client = await connect();
      client.send(get("/1"));
      await begin("/1");
      release("/1");
      await client.responses(1);
    });

    it("a connection that is kept alive blocks nobody between its requests", async (t) => {
      const { Handler, begin, release } = slowHandler();
      const { connect } = await serving(t, Handler, { Server });
      const [kept, other] = [await connect(), await connect()];
      for (const [client, path] of [
        [kept, "/1"],
        [other, "/2"],
        [kept, "/3"],
      ] as const) {
        client.send(get(path));
        await begin(path);
        release(path);
        await client.until(() => client.text.endsWith(path));
      }
    });

    it("a body that nobody reads and that does not come blocks nobody", async (t) => {
      const { Handler, begin, release } = slowHandler();
      const { connect } = await serving(t, Handler, { Server });
      const stalled = await connect();
      await stalled.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n").responses(1);
      const other = await connect();
      other.send(get("/1"));
      await begin("/1");
      release("/1");
      await other.responses(1);
    });

    it("a client that leaves while it waits for its turn costs the others nothing", async (t) => {
      const { Handler, begin, release } = slowHandler();
      const { connect } = await serving(t, Handler, { Server });
      const [first, gone, last] = [await connect(), await connect(), await connect()];
      first.send(get("/1"));
      await begin("/1");
      gone.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
      await settled(connect);
      gone.reset();
      last.send(get("/2"));
      await settled(connect);
      release("/1");
      await begin("/2");
      release("/2");
      await last.responses(1);
    });

    it("a client that left while it waited for its turn is not handled: nobody would read the answer", async (t) => {
      const { Handler, begin, begun, release } = slowHandler();
      const { connect } = await serving(t, Handler, { Server });
      const [first, gone, last] = [await connect(), await connect(), await connect()];
      first.send(get("/1"));
      await begin("/1");
      gone.send(get("/gone"));
      await settled(connect);
      gone.reset();
      last.send(get("/2"));
      await settled(connect);
      release("/1");
      await begin("/2");
      release("/2");
      await last.responses(1);
      assert.deepEqual(begun, ["/1", "/2"]);
    });

    it("a body of broken framing that is piped into the answer gives its turn back, through a transform, too", async (t) => {
      class Piping extends TestHandler {
        do_POST(): void {
          this.sendResponse(200);
          this.endHeaders();
          if (this.path === "/direct") this.rfile.pipe(this.wfile);
          else this.rfile.pipe(new PassThrough()).pipe(this.wfile);
        }
        do_GET(): void {
          this.answer("alive");
        }
      }
      const { connect } = await serving(t, Piping, { Server });
      for (const path of ["/direct", "/transformed"]) {
        const broken = await connect();
        broken.send(
          `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnothing`,
        );
        const other = await connect();
        const [response] = await other.send(get("/")).responses(1);
        assert.equal(response!.body.toString(), "alive");
        assert.ok(!(await broken.untilEnd()).endsWith("0\r\n\r\n"));
      }
    });
  });
}

describe("ThreadingHTTPServer", { timeout: 30_000 }, () => {
  it("handles requests at the same time, and answers in any order", async (t) => {
    const { Handler, begin, release } = slowHandler();
    const { connect } = await serving(t, Handler, { Server: ThreadingHTTPServer });
    const [a, b] = [await connect(), await connect()];
    a.send(get("/1"));
    await begin("/1");
    b.send(get("/2"));
    await begin("/2");
    release("/2");
    assert.equal((await b.responses(1))[0]!.body.toString(), "/2");
    assert.equal(a.text, "");
    release("/1");
    assert.equal((await a.responses(1))[0]!.body.toString(), "/1");
  });
});
