import assert from "node:assert/strict";
import { beforeEach, describe, it, type TestContext } from "node:test";
import { ClientPresence } from "../../src/server/client-presence.ts";

describe("ClientPresence", () => {
  let presence: ClientPresence;
  let told: string[];

  beforeEach(() => {
    presence = new ClientPresence();
    told = [];
  });

  /** A client that ends its side at the time 0, with an answer being made for it. */
  function ended(t: TestContext): void {
    t.mock.method(performance, "now", () => 0);
    presence.onGone(() => told.push("gone"));
    presence.noteEnd();
  }

  it("tells all that the connection is lost, once", () => {
    presence.onLost(() => told.push("a"));
    presence.onGone(() => told.push("b"));
    presence.noteLost();
    presence.noteLost();
    assert.deepEqual(told, ["a", "b"]);
  });

  it("tells nobody who has taken the wish back", (t) => {
    t.mock.method(performance, "now", () => 0);
    presence.onLost(() => told.push("a"))();
    presence.onGone(() => told.push("b"))();
    presence.noteEnd();
    presence.checkSilence(60_000, 30_000, 0, false);
    presence.noteLost();
    assert.deepEqual(told, []);
  });

  it("tells all others though one of them takes its wish back, or another one's", () => {
    const forgetFirst = presence.onLost(() => {
      told.push("first");
      forgetFirst();
      forgetSecond();
    });
    const forgetSecond = presence.onLost(() => told.push("second"));
    presence.onLost(() => told.push("third"));
    presence.noteLost();
    assert.deepEqual(told, ["first", "third"]);
  });

  it("takes a client that has ended its side for gone after two seconds of silence", (t) => {
    ended(t);
    presence.checkSilence(60_000, 1_999, 0, false);
    assert.deepEqual(told, []);
    presence.checkSilence(60_000, 2_000, 0, false);
    presence.checkSilence(60_000, 3_000, 0, false);
    assert.deepEqual(told, ["gone"]);
  });

  it("counts no time in which something was sent, or is on its way", (t) => {
    ended(t);
    presence.checkSilence(60_000, 2_500, 100, false);
    presence.checkSilence(60_000, 4_000, 100, true);
    presence.checkSilence(60_000, 5_999, 100, false);
    assert.deepEqual(told, []);
    presence.checkSilence(60_000, 6_000, 100, false);
    assert.deepEqual(told, ["gone"]);
  });

  it("says when the silence has reached the limit", (t) => {
    ended(t);
    assert.equal(presence.checkSilence(60_000, 59_999, 0, false), false);
    assert.equal(presence.checkSilence(60_000, 60_000, 0, false), true);
  });
});
