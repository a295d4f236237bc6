import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { HTTPServer } from "../../src/server/http-server.ts";
import { withSharedReceiveBuffer } from "../../src/server/shared-receive-buffer.ts";
import { TestHandler } from "./serving.ts";

interface Pair {
  readonly listener: Server;
  readonly client: Socket;
  readonly accepted: Socket;
  readonly socket: Socket;
}

async function listen(t: TestContext, where: { port: 0; host: string } | { path: string }): Promise<Server> {
  const listener = createServer({ allowHalfOpen: true });
  t.after(() => listener.close());
  listener.listen(where);
  await once(listener, "listening");
  return listener;
}

async function connectTo(t: TestContext, listener: Server): Promise<Pair> {
  const address = listener.address()!;
  const connection = once(listener, "connection").then(([accepted]: Socket[]) => ({
    accepted: accepted!,
    socket: withSharedReceiveBuffer(accepted!),
  }));
  const client =
    typeof address === "string"
      ? connect({ path: address, allowHalfOpen: true })
      : connect({ port: address.port, host: "127.0.0.1", allowHalfOpen: true });
  const { accepted, socket } = await connection;
  for (const each of [client, socket]) {
    each.on("error", () => {});
    t.after(() => each.destroy());
  }
  return { listener, client, accepted, socket };
}

const onTCP = async (t: TestContext): Promise<Pair> =>
  connectTo(t, await listen(t, { port: 0, host: "127.0.0.1" }));

/** All that the client sends, as the socket's listeners get it; each piece is looked at when all have come. */
async function receiveAll(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  await once(socket, "end");
  return Buffer.concat(pieces);
}

describe("withSharedReceiveBuffer", () => {
  it("is in effect on this version of Node", async (t) => {
    const { accepted, socket } = await onTCP(t);
    assert.notEqual(socket, accepted);
    assert.equal(socket.remoteAddress, "127.0.0.1");
    assert.ok(socket.allowHalfOpen);
  });

  it("gives each socket its own bytes, however many receive at once", async (t) => {
    const listener = await listen(t, { port: 0, host: "127.0.0.1" });
    const pairs: Pair[] = [];
    for (let i = 0; i < 8; i++) pairs.push(await connectTo(t, listener));
    const sent = pairs.map(() => randomBytes(300_000));
    const received = Promise.all(pairs.map(({ socket }) => receiveAll(socket)));
    for (let at = 0; at < 300_000; at += 30_000) {
      for (const [i, { client }] of pairs.entries()) client.write(sent[i]!.subarray(at, at + 30_000));
      await turn();
    }
    for (const { client } of pairs) client.end();
    assert.deepEqual(await received, sent);
  });

  it("does the same on a Unix socket", { skip: process.platform === "win32" }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "htbin-receive-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const listener = await listen(t, { path: join(folder, "s") });
    const { client, accepted, socket } = await connectTo(t, listener);
    assert.notEqual(socket, accepted);
    const sent = randomBytes(500_000);
    client.end(sent);
    assert.deepEqual(await receiveAll(socket), sent);
  });

  it("keeps what comes before anybody listens, and makes the client wait for the rest", async (t) => {
    const { client, socket } = await onTCP(t);
    const sent = randomBytes(8_000_000);
    client.end(sent);
    while (socket.readableLength < socket.readableHighWaterMark) await turn();
    await turn();
    assert.ok(socket.bytesRead < sent.length);
    assert.deepEqual(await receiveAll(socket), sent);
  });

  it("receives nothing while it is paused, and loses nothing by it", async (t) => {
    const { client, socket } = await onTCP(t);
    const sent = randomBytes(3_000_000);
    const received = receiveAll(socket);
    let pauses = 0;
    socket.on("data", () => {
      if (pauses++ % 3 !== 0) return;
      socket.pause();
      const before = socket.bytesRead;
      void turn().then(async () => {
        await turn();
        assert.equal(socket.bytesRead, before);
        socket.resume();
      });
    });
    client.end(sent);
    assert.deepEqual(await received, sent);
    assert.ok(pauses > 3);
  });

  it("goes on when what comes is dropped unread", async (t) => {
    const { client, socket } = await onTCP(t);
    socket.resume();
    client.end(randomBytes(1_000_000));
    await once(socket, "end");
    assert.equal(socket.bytesRead, 1_000_000);
  });

  it("can be read as text and piece by piece, as any socket", async (t) => {
    const { client, socket } = await onTCP(t);
    socket.setEncoding("utf8");
    const bytes = Buffer.from("für");
    client.write(bytes.subarray(0, 2));
    await once(socket, "readable");
    client.end(bytes.subarray(2));
    let text = "";
    for await (const piece of socket) text += String(piece);
    assert.equal(text, "für");
  });

  it("can still be written to when the client has ended its side", async (t) => {
    const { client, socket } = await onTCP(t);
    client.end("question");
    assert.equal(String(await receiveAll(socket)), "question");
    const answer = receiveAll(client);
    socket.end("answer");
    assert.equal(String(await answer), "answer");
  });

  it("tells that the client has reset the connection", async (t) => {
    const { client, socket } = await onTCP(t);
    socket.resume();
    const failed = once(socket, "error");
    client.resetAndDestroy();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNRESET");
    if (!socket.closed) await once(socket, "close");
  });

  it("is one connection to the listener, which closes when it has ended", async (t) => {
    const { listener, client, socket } = await onTCP(t);
    const count = (): Promise<number> =>
      new Promise((resolve) => listener.getConnections((_, number) => resolve(number)));
    assert.equal(await count(), 1);
    const closed = once(listener, "close");
    listener.close();
    socket.destroy();
    client.destroy();
    await closed;
    assert.equal(await count(), 0);
  });

  it("gives back as it is what is no plain socket of a listener", (t) => {
    class OtherSocket extends Socket {}
    for (const other of [new Socket(), new OtherSocket(), new PassThrough() as unknown as Socket]) {
      t.after(() => other.destroy());
      assert.equal(withSharedReceiveBuffer(other), other);
    }
  });
});

describe("a server whose sockets somebody else has asked for", () => {
  it("uses those that the listener has told of", async (t) => {
    const told: Socket[] = [];
    class TellingServer extends HTTPServer {
      protected override serverActivate(
        ...[listener, options]: Parameters<HTTPServer["serverActivate"]>
      ): void {
        listener.on("connection", (socket) => told.push(socket));
        super.serverActivate(listener, options);
      }
    }
    let used: unknown;
    class Handler extends TestHandler {
      override setup(): void {
        used = this.request.socket;
      }
      do_GET(): void {
        this.sendResponse(204);
        this.endHeaders();
      }
    }
    const server = new TellingServer(["127.0.0.1", 0], Handler);
    server.log = { write: () => true };
    t.after(() => server.serverClose());
    await server.listen();
    void server.serveForever();
    const [, port] = server.serverAddress as readonly [string, number];
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 204);
    assert.deepEqual(told, [used]);
  });
});
