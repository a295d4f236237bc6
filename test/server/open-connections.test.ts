// Who gets a place, who has to go for it, and what the log says about it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { mostConnections, OpenConnections } from "../../src/server/open-connections.ts";
import { type Fed, makeFed } from "../handler/fed.ts";
import { TestHandler } from "./serving.ts";

const made = (): Fed<TestHandler> => makeFed(TestHandler);

/** One that waits for a request, of which `part` has come. */
async function waiting(part: string): Promise<Fed<TestHandler>> {
  const one = made();
  void one.handler.run();
  await turn();
  if (part !== "") one.socket.push(part);
  await turn();
  return one;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function limited(most: number, isExhausted = (): boolean => false): { open: OpenConnections; log: string[] } {
  const log: string[] = [];
  const open = new OpenConnections((message) => log.push(message), isExhausted);
  open.limitTo(most);
  return { open, log };
}

describe("mostConnections", () => {
  it("leaves a quarter of the descriptors to files and scripts", () => {
    assert.equal(mostConnections(4096, 1_048_576), 4096);
    assert.equal(mostConnections(4096, 1024), 768);
    assert.equal(mostConnections(Infinity, Infinity), Infinity);
    assert.equal(mostConnections(10, 1), 1);
  });
});

describe("OpenConnections", { timeout: 30_000 }, () => {
  it("answers 503 where all places are taken by requests, and says so once", async () => {
    const { open, log } = limited(2);
    const busy = [made(), made()];
    for (const { connection } of busy) assert.equal(open.admit(connection), true);
    const late = Array.from({ length: 10 }, made);
    for (const { connection } of late) assert.equal(open.admit(connection), false);
    await turn();
    for (const { socket } of late) {
      assert.match(socket.output, /^HTTP\/1\.1 503 .*\r\nRetry-After: 5\r\n.*Connection: close\r\n\r\n$/s);
      assert.ok(socket.writableEnded);
    }
    for (const { socket } of busy) assert.equal(socket.output, "");
    assert.equal(log.length, 1);
    assert.match(log[0]!, /^2 connections with a request are open, the most that may be/);
    busy[0]!.connection.destroy();
    await turn();
    assert.equal(open.admit(made().connection), true);
    open.checkDeadlines(performance.now());
    open.checkDeadlines(performance.now());
    assert.deepEqual(log.slice(1), ["there is room for connections again; 10 were refused"]);
  });

  it("closes those without an answer that come while many are being answered 503", async () => {
    const { open } = limited(1);
    open.admit(made().connection);
    const late = Array.from({ length: 100 }, made);
    for (const { connection } of late) open.admit(connection);
    await turn();
    assert.equal(late.filter(({ socket }) => socket.output.startsWith("HTTP/1.1 503")).length, 64);
    assert.equal(late.filter(({ socket }) => socket.destroyed && socket.output === "").length, 36);
  });

  it("gives the place of the one whose time for a request ends first: no request, or half of one", async () => {
    const { open, log } = limited(3);
    const idle = await waiting("");
    const half = await waiting("GET / HT");
    const busy = made();
    for (const { connection } of [idle, busy, half]) open.admit(connection);
    // 30 s for a head that has begun, 60 s for one that has not.
    const first = made();
    assert.equal(open.admit(first.connection), true);
    assert.deepEqual([idle.socket.destroyed, half.socket.destroyed], [false, true]);
    assert.equal(open.admit(made().connection), true);
    assert.equal(idle.socket.destroyed, true);
    assert.equal(open.admit(made().connection), false);
    assert.equal(busy.socket.destroyed, false);
    assert.equal(log.length, 1);
  });

  it("closes waiting connections where descriptors run out, and says that once, and when they are back", async () => {
    let isExhausted = false;
    const { open, log } = limited(100, () => isExhausted);
    const idle = [await waiting(""), await waiting("")];
    const busy = made();
    for (const { connection } of [...idle, busy]) open.admit(connection);
    open.checkDeadlines(performance.now());
    assert.deepEqual(log, []);
    isExhausted = true;
    for (let i = 0; i < 5; i++) open.checkDeadlines(performance.now());
    assert.deepEqual(
      [...idle, busy].map(({ socket }) => socket.destroyed),
      [true, true, false],
    );
    assert.equal(log.length, 1);
    assert.match(log[0]!, /^no file descriptor is left: .*ulimit -n/);
    isExhausted = false;
    for (let i = 0; i < 5; i++) open.checkDeadlines(performance.now());
    assert.deepEqual(log.slice(1), ["there are file descriptors again"]);
  });

  it("says once that the system gives no connections, and when it gives them again", () => {
    const { open, log } = limited(100);
    for (let i = 0; i < 1_000; i++) open.noteAcceptError(new Error("accept ENOBUFS"));
    open.checkDeadlines(0);
    open.checkDeadlines(0);
    assert.deepEqual(log, [
      "connections cannot be accepted: accept ENOBUFS",
      "connections can be accepted again; 1000 could not",
    ]);
  });
});
