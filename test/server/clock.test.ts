// Machines set their clocks while a server runs: at boot, after a pause, by hand.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { serving, TestHandler } from "./serving.ts";

const HOUR = 3_600_000;

class Hello extends TestHandler {
  do_GET(): void {
    this.answer("hello");
  }
}

/** From here on the time of day is another one. */
function setClock(t: TestContext, by: number): void {
  const now = Date.now.bind(Date);
  t.mock.method(Date, "now", () => now() + by);
}

describe("a clock that is set while connections are open", { timeout: 30_000 }, () => {
  it("forward by an hour: nobody is taken for slow", async (t) => {
    const { connect } = await serving(t, Hello);
    const idle = await connect();
    await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").responses(1);
    const inHead = await connect();
    inHead.send("GET / HTTP/1.1\r\n");
    setClock(t, HOUR);
    // There is no event for a look at the deadlines that does nothing; they are a second apart.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const [, second] = await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").responses(2);
    assert.equal(second!.status, 200);
    const [late] = await inHead.send("Host: a\r\n\r\n").responses(1);
    assert.equal(late!.status, 200);
  });

  it("back by an hour: who is slow is not given that hour", async (t) => {
    const { connect } = await serving(t, Hello, { limits: { headTime: 500 } });
    const slow = await connect();
    slow.send("GET / HTTP/1.1\r\n");
    setClock(t, -HOUR);
    assert.match(await slow.untilEnd(), /^HTTP\/1\.1 408 /);
  });
});
