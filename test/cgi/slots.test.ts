import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type SlotResult, Slots } from "../../src/cgi/slots.ts";

const LIMITS = { perClient: 100 };

function release(result: SlotResult): void {
  assert.equal(result.kind, "acquired");
  if (result.kind === "acquired") result.release();
}

describe("Slots", () => {
  it("gives as many places as there are, and the next in order of arrival", async () => {
    const slots = new Slots({ ...LIMITS, scriptsAtOnce: 2, queueLength: 10, queueWait: 60_000 });
    const first = await slots.acquire(undefined);
    const second = await slots.acquire(undefined);
    const order: string[] = [];
    const third = slots.acquire(undefined).then((result) => (order.push("third"), result));
    const fourth = slots.acquire(undefined).then((result) => (order.push("fourth"), result));
    assert.equal(slots.waiting, 2);
    release(first);
    release(await third);
    release(await fourth);
    assert.deepEqual(order, ["third", "fourth"]);
    release(second);
    assert.equal(slots.taken, 0);
  });

  it("is full beyond the queue, at once", async () => {
    const slots = new Slots({ ...LIMITS, scriptsAtOnce: 1, queueLength: 1, queueWait: 60_000 });
    const first = await slots.acquire(undefined);
    const second = slots.acquire(undefined);
    const third = await slots.acquire(undefined);
    assert.equal(third.kind, "full");
    release(first);
    release(await second);
  });

  it("is full after too long a wait, and forgets who waited", async () => {
    const slots = new Slots({ ...LIMITS, scriptsAtOnce: 1, queueLength: 1, queueWait: 20 });
    const first = await slots.acquire(undefined);
    assert.equal((await slots.acquire(undefined)).kind, "full");
    assert.equal(slots.waiting, 0);
    release(first);
    release(await slots.acquire(undefined));
  });

  it("gives no place to one who has gone", async () => {
    const slots = new Slots({ ...LIMITS, scriptsAtOnce: 1, queueLength: 10, queueWait: 60_000 });
    const first = await slots.acquire(undefined);
    const gone = new AbortController();
    const second = slots.acquire(undefined, gone.signal);
    const third = slots.acquire(undefined);
    gone.abort();
    assert.equal((await second).kind, "aborted");
    release(first);
    release(await third);
    assert.equal((await slots.acquire(undefined, gone.signal)).kind, "aborted");
    assert.equal(slots.taken, 0);
  });

  it("counts a place once, however often it is released", async () => {
    const slots = new Slots({ ...LIMITS, scriptsAtOnce: 1, queueLength: 10, queueWait: 60_000 });
    const first = await slots.acquire(undefined);
    release(first);
    const second = await slots.acquire(undefined);
    release(first);
    assert.equal(slots.taken, 1);
    release(second);
    assert.equal(slots.taken, 0);
  });

  it("gives one client no more than its share, and lets others pass it in the queue", async () => {
    const slots = new Slots({ scriptsAtOnce: 3, perClient: 2, queueLength: 10, queueWait: 60_000 });
    const first = await slots.acquire("a");
    const second = await slots.acquire("a");
    const third = slots.acquire("a");
    assert.equal(slots.waiting, 1, "a place is free, but not for a");
    const other = await slots.acquire("b");
    assert.equal(other.kind, "acquired");
    const another = slots.acquire("c");
    release(other);
    release(await another);
    assert.equal(slots.waiting, 1);
    release(first);
    release(await third);
    release(second);
    assert.equal(slots.taken, 0);
  });

  it("gives one client no more than the same part of the queue", async () => {
    const slots = new Slots({ scriptsAtOnce: 2, perClient: 1, queueLength: 4, queueWait: 60_000 });
    const first = await slots.acquire("a");
    const waiting = [slots.acquire("a"), slots.acquire("a")];
    assert.match(slots.refusal("a")!, /^its client has 1 scripts running and 2 requests waiting$/);
    assert.equal((await slots.acquire("a")).kind, "full");
    assert.equal(slots.refusal("b"), undefined);
    release(first);
    for (const result of waiting) release(await result);
  });

  it("has no share for who has no address", async () => {
    const slots = new Slots({ scriptsAtOnce: 2, perClient: 1, queueLength: 4, queueWait: 60_000 });
    const both = [await slots.acquire(undefined), await slots.acquire(undefined)];
    for (const result of both) release(result);
  });
});
