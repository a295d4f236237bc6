// What requests leave in memory: nothing that grows with them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { RawClient } from "../raw-client.ts";
import { emptyDirectory, put } from "./tree.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** A log that is kept in memory would grow. */
class Silent extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

const AT_ONCE = 500;
/** Longer than what is left over by chance for each request. */
const NAME = "x".repeat(100);

/** Asks for `count` targets, and waits for all answers. */
async function askAll(port: number, count: number, target: (i: number) => string): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    using client = await RawClient.connect(port);
    const targets = Array.from({ length: AT_ONCE }, (_, i) => target(from + i));
    client.send(targets.map((path) => `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join("")).end();
    await client.untilEnd();
    const answers = client.text.split("HTTP/1.1 ").length - 1;
    assert.equal(answers, AT_ONCE);
  }
}

function usedHeap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

describe("memory", () => {
  const targets: Readonly<Record<string, (i: number) => string>> = {
    "names that do not exist": (i) => `/${NAME}${i}.t${i}`,
    "queries of one file": (i) => `/f.txt?${NAME}${i}`,
    "spellings of one file": (i) => `/${"./".repeat(i % 40)}f%2e${i % 2 === 0 ? "txt" : "t%78t"}?${i}`,
    "folders that do not exist": (i) => `/${NAME}${i}/`,
  };
  for (const [name, target] of Object.entries(targets)) {
    it(`does not grow with the number of ${name}`, { timeout: 60_000 }, async () => {
      using directory = emptyDirectory();
      put(directory.path, "f.txt", "hello");
      class Handler extends Silent {
        override directory = directory.path;
      }
      await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
      await server.listen();
      void server.serveForever();
      await askAll(server.serverPort, 5_000, (i) => target(i + 1_000_000));
      const before = usedHeap();
      await askAll(server.serverPort, 20_000, target);
      const perRequest = (usedHeap() - before) / 20_000;
      assert.ok(perRequest < 40, `${perRequest} bytes are left of each`);
    });
  }
});
