import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { startExample } from "./running-example.ts";

describe("examples/hello", () => {
  it("greets the name in the path, decoded, and stops cleanly", async () => {
    await using example = await startExample("hello");
    const response = await fetch(`${example.url}Ad%C3%A9le?x=1`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(await response.text(), "Hello, Adéle!\n");
    assert.equal(await (await fetch(example.url)).text(), "Hello, world!\n");
    await example.stop();
    assert.match(example.stderr(), /"GET \/Ad%C3%A9le\?x=1 HTTP\/1\.1" 200 15\n/);
  });

  it("answers HEAD with the same fields and no body, other methods with 501, bad names with 400", async () => {
    await using example = await startExample("hello");
    const head = await fetch(example.url, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), "14");
    assert.equal(await head.text(), "");
    assert.equal((await fetch(example.url, { method: "DELETE" })).status, 501);
    assert.equal((await fetch(`${example.url}%ff`)).status, 400);
  });
});
