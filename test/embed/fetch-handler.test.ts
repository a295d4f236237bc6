// htbin/cgi and htbin/files with the requests and responses of the Fetch standard.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { cgiFetch } from "htbin/cgi";
import { filesFetch } from "htbin/files";
import { put, putScript, temporaryDirectory } from "../cgi/temporary-directory.ts";

const log = { write: (): void => {} };

async function exists(file: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (existsSync(file)) return;
    await delay(20);
  }
  assert.fail(`${file} did not appear`);
}

describe("filesFetch", () => {
  it("answers a request with a response", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a b.txt", "text");
    const handle = filesFetch({ directory, log });
    const response = await handle(new Request("http://site.example/a%20b.txt"));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-length"), "4");
    assert.equal(await response.text(), "text");
    assert.equal((await handle(new Request("http://site.example/none"))).status, 404);
    const head = await handle(new Request("http://site.example/a%20b.txt", { method: "HEAD" }));
    assert.deepEqual([head.status, head.body], [200, null]);
  });

  it("gives the body of 304 as none", async (t) => {
    const directory = temporaryDirectory(t);
    put(directory, "a.txt", "text");
    const handle = filesFetch({ directory, log });
    const first = await handle(new Request("http://a/a.txt"));
    await first.text();
    const since = { "If-Modified-Since": first.headers.get("last-modified")! };
    const second = await handle(new Request("http://a/a.txt", { headers: since }));
    assert.deepEqual([second.status, second.body], [304, null]);
  });

  it("reads a large file only as fast as its reader, and whole", async (t) => {
    const directory = temporaryDirectory(t);
    const bytes = randomBytes(8 * 1024 * 1024);
    put(directory, "big", bytes);
    const response = await filesFetch({ directory, log })(new Request("http://a/big"));
    const received: Uint8Array[] = [];
    for await (const chunk of response.body!) {
      received.push(chunk);
      await delay(1);
    }
    assert.ok(Buffer.concat(received).equals(bytes));
  });
});

describe("cgiFetch", () => {
  it("runs a script with body, addresses and scheme", async (t) => {
    const directory = temporaryDirectory(t);
    putScript(
      directory,
      "cgi-bin/env",
      "#!/bin/sh\necho Content-Type: text/plain\necho\necho $REQUEST_METHOD $REQUEST_SCHEME $HTTP_HOST $SERVER_PORT $REMOTE_ADDR $CONTENT_LENGTH\ncat\n",
    );
    const handle = cgiFetch({ directory, log });
    const request = new Request("https://site.example/cgi-bin/env", { method: "POST", body: "abc" });
    const response = await handle(request, { clientAddress: ["192.0.2.7", 4711] });
    assert.equal(await response.text(), "POST https site.example 443 192.0.2.7 3\nabc");
  });

  it("rejects with the signal's reason when it aborts before the answer, and ends the script", async (t) => {
    const directory = temporaryDirectory(t);
    mkdirSync(join(directory, "out"));
    chmodSync(join(directory, "out"), 0o777);
    const [started, ended] = [join(directory, "out/started"), join(directory, "out/ended")];
    putScript(
      directory,
      "cgi-bin/waits",
      `#!/bin/sh\ntrap "touch '${ended}'; exit" TERM\ntouch '${started}'\nwhile :; do sleep 0.05; done\n`,
    );
    const controller = new AbortController();
    const pending = cgiFetch({ directory, log })(
      new Request("http://a/cgi-bin/waits", { signal: controller.signal }),
    );
    await exists(started);
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(pending, (error) => error === reason);
    await exists(ended);
    await assert.rejects(
      async () => cgiFetch({ directory, log })(new Request("http://a/", { signal: controller.signal })),
      (error) => error === reason,
    );
  });

  it("ends the script when the body is cancelled, and fails the body when the script dies", async (t) => {
    const directory = temporaryDirectory(t);
    mkdirSync(join(directory, "out"));
    chmodSync(join(directory, "out"), 0o777);
    const ended = join(directory, "out/ended");
    putScript(
      directory,
      "cgi-bin/flows",
      `#!/bin/sh\ntrap "touch '${ended}'; exit" TERM\nprintf 'Content-Type: text/plain\\n\\n'\nwhile :; do echo line; sleep 0.02; done\n`,
    );
    putScript(
      directory,
      "cgi-bin/dies",
      "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhalf'\nsleep 0.2\nkill -9 $$\n",
    );
    const handle = cgiFetch({ directory, log });
    const reader = (await handle(new Request("http://a/cgi-bin/flows"))).body!.getReader();
    assert.match(Buffer.from((await reader.read()).value!).toString(), /^(line\n)+$/);
    await reader.cancel();
    await exists(ended);
    const dying = await handle(new Request("http://a/cgi-bin/dies"));
    await assert.rejects(dying.text(), { name: "ConnectionLostError", code: "ERR_CONNECTION_LOST" });
  });

  it("rejects for a script whose body was read before, and says so", async (t) => {
    const directory = temporaryDirectory(t);
    putScript(directory, "cgi-bin/echo", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\ncat\n");
    const run = cgiFetch({ directory, log: { write: () => {} } });
    const request = new Request("http://example.org/cgi-bin/echo", { method: "POST", body: "abc" });
    const copy = request.clone();
    await request.text();
    await assert.rejects(run(request), /the request body was read before/);
    assert.equal(await (await run(copy)).text(), "abc");
  });
});
