// When a request takes its place among the running scripts: with its whole body in hand, and not before.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { get, parseResponse, startSite } from "./running-site.ts";

const skip = process.platform === "win32" && "the scripts are for /bin/sh";
const SCRIPT = "#!/bin/sh\necho Content-Type: text/plain\necho\ncat\necho ran\n";
const HEAD = "POST /cgi-bin/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n";

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("the places for scripts", { skip }, () => {
  it("are not held by bodies that trickle in, with a length or in chunks", async (context) => {
    const site = await startSite(context, { cgiLimits: { scriptsAtOnce: 1, perClient: 1, queueLength: 0 } });
    site.script("x", SCRIPT);
    const slow = [
      { fields: "Content-Length: 6\r\n\r\n", begin: "abc", end: "def" },
      { fields: "Transfer-Encoding: chunked\r\n\r\n", begin: "3\r\nabc\r\n", end: "3\r\ndef\r\n0\r\n\r\n" },
    ];
    const open = slow.map(({ fields, begin }) => {
      const connection = site.connect();
      connection.socket.write(HEAD + fields);
      return { ...connection, begin };
    });
    for (const { socket, received, begin } of open) {
      await until(() => received().startsWith("HTTP/1.1 100 "));
      socket.write(begin);
    }
    // The only place is free, and there is no queue.
    assert.equal(parseResponse(await site.exchange(get("/cgi-bin/x"))).body, "ran\n");
    for (const [index, { socket, received, closed }] of open.entries()) {
      socket.write(slow[index]!.end);
      await closed;
      assert.ok(received().includes("abcdef"), received());
    }
  });

  it("are asked for before a long body is: 503 comes in place of 100 Continue", async (context) => {
    const site = await startSite(context, { cgiLimits: { scriptsAtOnce: 1, perClient: 1, queueLength: 0 } });
    site.script("x", SCRIPT);
    site.script("slow", "#!/bin/sh\necho started >&2\nexec sleep 20\n");
    const holder = site.connect();
    holder.socket.write(get("/cgi-bin/slow"));
    await until(() => site.logged.some((line) => line.endsWith("started")));
    const { socket, received, closed } = site.connect();
    socket.write(`${HEAD}Content-Length: 1000000000\r\n\r\n`);
    await closed;
    assert.match(received(), /^HTTP\/1\.1 503 /);
    assert.match(received(), /^Retry-After: 5\r$/m);
    holder.socket.destroy();
  });
});
