import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type SlotResult, Slots } from "../../src/cgi/slots.ts";

function release(result: SlotResult): void {
  assert.equal(result.kind, "acquired");
  if (result.kind === "acquired") result.release();
}

describe("Slots", () => {
  it("gives as many places as there are, and the next in order of arrival", async () => {
    const slots = new Slots(2, 10, 60_000);
    const first = await slots.acquire();
    const second = await slots.acquire();
    const order: string[] = [];
    const third = slots.acquire().then((result) => (order.push("third"), result));
    const fourth = slots.acquire().then((result) => (order.push("fourth"), result));
    assert.equal(slots.waiting, 2);
    release(first);
    release(await third);
    release(await fourth);
    assert.deepEqual(order, ["third", "fourth"]);
    release(second);
    assert.equal(slots.taken, 0);
  });

  it("is full beyond the queue, at once", async () => {
    const slots = new Slots(1, 1, 60_000);
    const first = await slots.acquire();
    const second = slots.acquire();
    const third = await slots.acquire();
    assert.equal(third.kind, "full");
    release(first);
    release(await second);
  });

  it("is full after too long a wait, and forgets who waited", async () => {
    const slots = new Slots(1, 1, 20);
    const first = await slots.acquire();
    assert.equal((await slots.acquire()).kind, "full");
    assert.equal(slots.waiting, 0);
    release(first);
    release(await slots.acquire());
  });

  it("gives no place to one who has gone", async () => {
    const slots = new Slots(1, 10, 60_000);
    const first = await slots.acquire();
    const gone = new AbortController();
    const second = slots.acquire(gone.signal);
    const third = slots.acquire();
    gone.abort();
    assert.equal((await second).kind, "aborted");
    release(first);
    release(await third);
    assert.equal((await slots.acquire(gone.signal)).kind, "aborted");
    assert.equal(slots.taken, 0);
  });

  it("counts a place once, however often it is released", async () => {
    const slots = new Slots(1, 10, 60_000);
    const first = await slots.acquire();
    release(first);
    const second = await slots.acquire();
    release(first);
    assert.equal(slots.taken, 1);
    release(second);
    assert.equal(slots.taken, 0);
  });
});
