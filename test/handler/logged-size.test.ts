import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";

import type { ConnectionLostError } from "../../src/errors.ts";
import { BaseHTTPRequestHandler } from "../../src/handler/base-http-request-handler.ts";
import { formatMessage } from "../../src/log/format-message.ts";
import { serving } from "../server/serving.ts";

/** More than a system takes for a client that does not read. */
const BIG = 50_000_000;

describe("the size in the log", () => {
  const head = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  class Ways extends BaseHTTPRequestHandler {
    override protocolVersion = "HTTP/1.1";
    async do_GET(): Promise<void> {
      this.sendResponse(200);
      if (this.path.startsWith("/length")) this.sendHeader("Content-Length", BIG);
      this.endHeaders();
      const piece = Buffer.alloc(100_000, "x");
      switch (this.path.split("/").at(-1)) {
        case "at-once":
          this.wfile.write(Buffer.alloc(BIG, "x"));
          return;
        case "without-waiting":
          for (let i = 0; i < BIG / piece.length; i++) this.writeBody(piece);
          return;
        default:
          for (let i = 0; i < BIG / piece.length; i++) {
            this.writeBody(piece);
            await this.request.drained();
          }
      }
    }

    do_SYNC(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", BIG);
      this.endHeaders();
      this.writeBody(Buffer.alloc(BIG, "x"));
    }
  }

  /** A server that keeps its lines. */
  async function site(t: TestContext) {
    const lines: string[] = [];
    let wake = (): void => {};
    class Kept extends Ways {
      override logMessage(format: string, ...args: unknown[]): void {
        lines.push(formatMessage(format, args));
        wake();
      }
    }
    const here = await serving(t, Kept);
    const nextLine = async (): Promise<string> => {
      while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return lines.shift()!;
    };
    return { ...here, lines, nextLine };
  }

  const sizeIn = (line: string): number => Number(/ 200 (\d+|-)$/.exec(line)?.[1]?.replace("-", "0"));

  for (const path of [
    "/length",
    "/length/at-once",
    "/length/without-waiting",
    "/chunks",
    "/chunks/at-once",
    "/chunks/without-waiting",
  ]) {
    it(`is what has left when the client goes in the middle: ${path}`, async (t) => {
      const { connect, lines, errors, nextLine } = await site(t);
      const client = await connect();
      client.send(head(path));
      await client.until(() => client.received >= 1_000_000, "some of the body");
      client.socket.pause();
      client.reset();
      const line = await nextLine();
      assert.ok(line.startsWith(`"GET ${path} HTTP/1.1" 200 `), line);
      assert.ok(sizeIn(line) < BIG, line);
      await new Promise(setImmediate);
      assert.deepEqual([lines, errors], [[], []], "one line, and no error");
    });
  }

  it("is never that of all when the client reads nothing, and comes once it has gone", async (t) => {
    const { connect, lines, nextLine } = await site(t);
    for (const request of [head("/length"), head("/chunks/at-once"), head("/").replace("GET", "SYNC")]) {
      const client = await connect();
      client.socket.pause();
      client.send(request);
      while (client.socket.readableLength === 0) await new Promise(setImmediate);
      assert.deepEqual(lines, [], "no line while it waits");
      client.reset();
      assert.ok(sizeIn(await nextLine()) < BIG, request);
    }
    assert.deepEqual(lines, []);
  });

  it("is the whole size, once, when the client has taken all", async (t) => {
    const { connect, lines, nextLine } = await site(t);
    const client = await connect();
    for (const method of ["GET", "SYNC"]) {
      const before = client.received;
      client.send(head("/length").replace("GET", method));
      assert.equal(await nextLine(), `"${method} /length HTTP/1.1" 200 ${BIG}`);
      await client.until(() => client.received > before + BIG, "all of it");
    }
    assert.deepEqual(lines, []);
  });

  it("is - when the client had gone before the answer began", async (t) => {
    let answer = (): void => {};
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    let isLost = (): void => {};
    const lost = new Promise<void>((resolve) => (isLost = resolve));
    const lines: string[] = [];
    class Slow extends BaseHTTPRequestHandler {
      override logMessage(format: string, ...args: unknown[]): void {
        lines.push(formatMessage(format, args));
      }
      async do_GET(): Promise<void> {
        this.request.onLost(isLost);
        isAsked();
        await new Promise<void>((resolve) => (answer = resolve));
        this.sendResponse(200);
        this.endHeaders();
        this.writeBody("too late");
      }
    }
    const { connect, server } = await serving(t, Slow);
    const client = await connect();
    client.send(head("/"));
    await asked;
    client.reset();
    await lost;
    answer();
    await server.shutdown();
    assert.deepEqual(lines, ['"GET / HTTP/1.1" 200 -']);
  });

  it("comes without a stack trace when a handler passes on that the client has gone", async (t) => {
    class Passing extends Ways {
      override logMessage(format: string, ...args: unknown[]): void {
        lines.push(formatMessage(format, args));
      }
      override async do_GET(): Promise<void> {
        this.sendResponse(200);
        this.endHeaders();
        await new Promise<void>((_, reject) => {
          this.signal.addEventListener("abort", () => reject(this.signal.reason as ConnectionLostError));
          isWaiting();
        });
      }
    }
    const lines: string[] = [];
    let isWaiting = (): void => {};
    const waiting = new Promise<void>((resolve) => (isWaiting = resolve));
    const { connect, errors, server } = await serving(t, Passing);
    const client = await connect();
    client.send(head("/"));
    await waiting;
    client.reset();
    await server.shutdown();
    assert.deepEqual([lines, errors], [['"GET / HTTP/1.1" 200 -'], []]);
  });
});
