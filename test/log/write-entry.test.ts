import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";

/** Runs a server with this log in a process of its own, asks it twice, and tells what became of both. */
function serveWith(write: string): { status: number | null; stdout: string; stderr: string } {
  const source = `
    import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "./dist/index.js";
    class Handler extends SimpleHTTPRequestHandler {
      do_DELETE() { throw new Error("the handler's own"); }
    }
    const server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
    server.log = { write: ${write} };
    await server.listen();
    void server.serveForever();
    const url = "http://127.0.0.1:" + server.serverAddress[1] + "/package.json";
    console.log((await fetch(url)).status, (await fetch(url, { method: "DELETE" })).status, (await fetch(url)).status);
    await server.shutdown();
    await server.serverClose();`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
}

describe("a log that fails", () => {
  for (const [how, write] of [
    ["throws", `() => { throw new Error("no disk"); }`],
    ["rejects", `async () => { throw new Error("no disk"); }`],
  ] as const) {
    it(`and ${how} costs no answer and no entry: those go to standard error, and why is said once`, () => {
      const { status, stdout, stderr } = serveWith(write);
      assert.deepEqual([status, stdout], [0, "200 500 200\n"], stderr);
      assert.equal(stderr.split("The log cannot be written").length, 2, stderr);
      assert.match(stderr, /no disk/);
      assert.equal(stderr.match(/"GET \/package\.json HTTP\/1\.1" 200/g)?.length, 2);
      assert.match(stderr, /the handler's own/);
    });
  }
});
