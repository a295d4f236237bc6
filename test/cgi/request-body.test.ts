import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";

import { type ScriptBody, takeBody } from "../../src/cgi/request-body.ts";

function untouched(): Readable {
  throw new Error("nobody may touch rfile");
}

async function textOf(body: ScriptBody): Promise<string> {
  let text = "";
  for await (const chunk of body.stream!) text += String(chunk);
  await body.close();
  return text;
}

describe("takeBody", () => {
  it("touches nothing where there is nothing to read", async () => {
    const none = await takeBody({ kind: "none" }, untouched, 10);
    assert.deepEqual([none.length, none.stream], [undefined, undefined]);
    const empty = await takeBody({ kind: "length", length: 0 }, untouched, 10);
    assert.deepEqual([empty.length, empty.stream], [0, undefined]);
  });

  it("streams a body whose length is known", async () => {
    const rfile = Readable.from([Buffer.from("abc")]);
    const body = await takeBody({ kind: "length", length: 3 }, () => rfile, 1);
    assert.equal(body.length, 3);
    assert.equal(body.stream, rfile);
  });

  it("stores a body in chunks until its length is known", async () => {
    for (const memory of [1, 100]) {
      const rfile = Readable.from([Buffer.from("abc"), Buffer.from("defg")]);
      const body = await takeBody({ kind: "chunked" }, () => rfile, memory);
      assert.equal(body.length, 7);
      assert.equal(await textOf(body), "abcdefg");
    }
  });
});
