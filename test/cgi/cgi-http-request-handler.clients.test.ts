// Scripts and the clients that are slow, half gone, or send too much.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { RawClient } from "../raw-client.ts";
import { parseResponse, startSite } from "./running-site.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";
const MIB = 1024 * 1024;

const GET = "GET /cgi-bin/script HTTP/1.1\r\nHost: x\r\n\r\n";
const HEADER = "#!/bin/sh\necho Content-Type: text/plain\necho\n";

describe("a script and its client", { skip: onWindows, timeout: 60_000 }, () => {
  it("that never reads: an endless script waits in its pipe, and ends with the client at writeTime", async (t) => {
    const site = await startSite(t, {}, { writeTime: 500 });
    site.script("script", `${HEADER}exec yes\n`);
    using client = await RawClient.connect(site.port);
    const before = process.memoryUsage().arrayBuffers;
    client.socket.pause();
    client.send(GET);
    while (!site.logged.some((line) => line.includes('"GET /cgi-bin/script'))) {
      const held = process.memoryUsage().arrayBuffers - before;
      assert.ok(held < 32 * MIB, `${held} bytes`);
      await delay(5);
    }
  });

  it("that has ended its own side: 100 MiB arrive whole, also where the client pauses for long", async (t) => {
    const site = await startSite(t);
    site.script("script", `${HEADER}head -c ${100 * MIB} /dev/zero\n`);
    using client = await RawClient.connect(site.port);
    client.send(GET).end();
    await client.until(() => client.received > MIB);
    client.socket.pause();
    // Longer than a silent script waits for a client that has ended its side.
    await delay(2_500);
    client.socket.resume();
    await client.until(() => client.hasEnded, "the end", 30_000);
    const { isWhole, body } = parseResponse(client.text);
    assert.ok(isWhole);
    assert.equal(body.length, 100 * MIB);
  });

  it("that sends more in chunks than limits.body allows: 413, and no script (RFC 9110 §15.5.14)", async (t) => {
    const site = await startSite(t, {}, { body: 100_000 });
    site.script("script", `${HEADER}echo started >&2\ncat\n`);
    const chunk = `8000\r\n${"x".repeat(0x8000)}\r\n`;
    const head = "POST /cgi-bin/script HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const response = parseResponse(await site.exchange(`${head}${chunk.repeat(4)}0\r\n\r\n`));
    assert.equal(response.status, 413);
    assert.match(response.head, /^connection: close$/im);
    const declared = head.replace("Transfer-Encoding: chunked", "Content-Length: 100001");
    assert.equal(parseResponse(await site.exchange(declared)).status, 413);
    assert.ok(!site.logged.some((line) => line.includes("started")));
  });

  it("that sends its body slower than minRate: 408, and the script is told to end", async (t) => {
    const site = await startSite(t, {}, { bodyTime: 500, minRate: 1_000 });
    site.script("script", "#!/bin/sh\ncat >/dev/null\n");
    using client = await RawClient.connect(site.port);
    client.send("POST /cgi-bin/script HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    const ticking = setInterval(() => client.socket.writable && client.send("x"), 50);
    t.after(() => clearInterval(ticking));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 408 /);
  });

  it("that sends a body while the script does not read: the time is not the client's", async (t) => {
    const site = await startSite(t, {}, { bodyTime: 400, minRate: 1_000_000_000 });
    site.script("script", `#!/bin/sh\nsleep 3\nwc -c >&2\necho Content-Type: text/plain\necho\necho all\n`);
    using client = await RawClient.connect(site.port);
    client.send(`POST /cgi-bin/script HTTP/1.1\r\nHost: x\r\nContent-Length: ${MIB}\r\n\r\n`);
    client.send(Buffer.alloc(MIB));
    await client.untilText("all\n");
    assert.match(client.text, /^HTTP\/1\.1 200 /);
  });
});
