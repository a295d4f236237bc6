import { describe, it, before, after } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startExample } from "./running-example.ts";

describe("examples/cors", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "htbin-cors-"));
    writeFileSync(join(folder, "data.json"), '{"answer":42}');
    mkdirSync(join(folder, "sub"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("adds the field to files, listings, redirects, 304 and errors, and stops cleanly", async () => {
    await using example = await startExample("cors", folder);
    const file = await fetch(`${example.url}data.json`);
    assert.deepEqual(await file.json(), { answer: 42 });
    const since = file.headers.get("last-modified")!;
    const responses: [number, Promise<Response>][] = [
      [200, Promise.resolve(file)],
      // From the cache of small files, too.
      [200, fetch(`${example.url}data.json`)],
      [200, fetch(example.url)],
      [301, fetch(`${example.url}sub`, { redirect: "manual" })],
      [304, fetch(`${example.url}data.json`, { headers: { "If-Modified-Since": since } })],
      [404, fetch(`${example.url}nothing`)],
      [405, fetch(`${example.url}data.json`, { method: "POST" })],
    ];
    for (const [status, pending] of responses) {
      const response = await pending;
      assert.equal(response.status, status);
      assert.equal(response.headers.get("access-control-allow-origin"), "*", String(status));
    }
    await example.stop();
  });

  it("answers the preflight of a browser", async () => {
    await using example = await startExample("cors", folder);
    const preflight = await fetch(`${example.url}data.json`, {
      method: "OPTIONS",
      headers: { Origin: "https://example.org", "Access-Control-Request-Method": "GET" },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD");
    assert.equal(preflight.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  });
});
