import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { startExample } from "./running-example.ts";

describe("examples/json-api", () => {
  it("keeps what was posted, and stops cleanly", async () => {
    await using example = await startExample("json-api");
    const posted = await post(example.url, '{"text":"buy milk – 2 l"}');
    assert.equal(posted.status, 201);
    assert.equal(posted.headers.get("content-type"), "application/json");
    assert.deepEqual(await posted.json(), { number: 1, text: "buy milk – 2 l" });
    await post(example.url, '{"text":"call Ada"}');
    const notes = await fetch(`${example.url}notes`);
    assert.deepEqual(await notes.json(), ["buy milk – 2 l", "call Ada"]);
    await example.stop();
  });

  it("refuses what is no note, is too long or has no length, and keeps nothing of it", async () => {
    await using example = await startExample("json-api");
    for (const body of ["", "{", "null", "[]", '{"text":1}']) {
      assert.equal((await post(example.url, body)).status, 400, body);
    }
    assert.equal((await post(example.url, JSON.stringify({ text: "x".repeat(65_536) }))).status, 413);
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('{"text":"in chunks"}'));
        controller.close();
      },
    });
    const chunked = { method: "POST", body: chunks, duplex: "half" } as RequestInit;
    assert.equal((await fetch(`${example.url}notes`, chunked)).status, 411);
    assert.equal((await fetch(`${example.url}elsewhere`)).status, 404);
    assert.deepEqual(await (await fetch(`${example.url}notes`)).json(), []);
  });
});

function post(url: string, body: string): Promise<Response> {
  return fetch(`${url}notes`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
}
