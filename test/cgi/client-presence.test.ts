import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it, mock } from "node:test";

import { ClientPresence } from "../../src/cgi/client-presence.ts";

describe("ClientPresence", () => {
  it("ends with the connection", () => {
    const lost = new AbortController();
    const presence = new ClientPresence(lost.signal, new PassThrough());
    assert.equal(presence.signal.aborted, false);
    lost.abort();
    assert.equal(presence.signal.aborted, true);
    assert.equal(new ClientPresence(lost.signal, new PassThrough()).signal.aborted, true);
  });

  it("ends two seconds after the client's last byte, unless something is sent meanwhile", (context) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    context.after(() => mock.timers.reset());
    const socket = new PassThrough();
    const presence = new ClientPresence(new AbortController().signal, socket);
    mock.timers.tick(10_000);
    socket.emit("end");
    mock.timers.tick(1_500);
    assert.equal(presence.signal.aborted, false);
    mock.timers.tick(600);
    assert.equal(presence.signal.aborted, true);
  });

  it("does not end while the client is still to take what was sent", (context) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    context.after(() => mock.timers.reset());
    const socket = new PassThrough({ highWaterMark: 1 });
    const presence = new ClientPresence(new AbortController().signal, socket);
    // More than it takes, and nobody reads it.
    for (let i = 0; i < 10; i++) socket.write("much");
    assert.ok(socket.writableLength > 0);
    socket.emit("end");
    for (let i = 0; i < 10; i++) mock.timers.tick(1_900);
    assert.equal(presence.signal.aborted, false);
    socket.resume();
    presence.stop();
  });

  it("leaves nothing behind", (context) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    context.after(() => mock.timers.reset());
    const socket = new PassThrough();
    const lost = new AbortController();
    const presence = new ClientPresence(lost.signal, socket);
    const listeners = socket.listenerCount("end");
    socket.emit("end");
    presence.stop();
    mock.timers.tick(10_000);
    lost.abort();
    assert.equal(presence.signal.aborted, false);
    assert.ok(socket.listenerCount("end") < listeners);
  });
});
