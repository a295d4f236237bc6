import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { InputQueue } from "../../src/server/input-queue.ts";

describe("InputQueue", () => {
  it("keeps what was not read in front of what comes", () => {
    const queue = new InputQueue(new PassThrough());
    assert.ok(queue.isEmpty);
    queue.add(Buffer.from("abc"));
    queue.at = 1;
    queue.add(Buffer.from("def"));
    assert.equal(queue.bytes.subarray(queue.at).toString(), "bcdef");
    queue.at = queue.bytes.length;
    assert.ok(queue.isEmpty);
  });

  it("holds the chunk itself when all before it was read", () => {
    const queue = new InputQueue(new PassThrough());
    queue.add(Buffer.from("abc"));
    queue.at = 3;
    const chunk = Buffer.from("def");
    queue.add(chunk);
    assert.equal(queue.bytes, chunk);
    queue.clear();
    assert.ok(queue.isEmpty);
    assert.notEqual(queue.bytes, chunk);
  });

  it("stops the socket beyond the limit, until it is resumed", () => {
    const socket = new PassThrough();
    socket.resume();
    const queue = new InputQueue(socket);
    queue.add(Buffer.from("abc"));
    queue.pauseBeyond(3);
    assert.equal(socket.isPaused(), false);
    queue.pauseBeyond(2);
    assert.equal(socket.isPaused(), true);
    queue.resume();
    assert.equal(socket.isPaused(), false);
  });
});
