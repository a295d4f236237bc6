import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

  it("has all of a body before a script is started, in memory or in a file", async () => {
    for (const framing of [{ kind: "chunked" }, { kind: "length", length: 7 }] as const) {
      const pieces = (): Readable => Readable.from([Buffer.from("abc"), Buffer.from("defg")]);
      const small = await takeBody(framing, pieces, 100);
      assert.deepEqual([small.length, small.file], [7, undefined]);
      assert.equal(await textOf(small), "abcdefg");
      const large = await takeBody(framing, pieces, 1);
      assert.deepEqual([large.length, large.stream], [7, undefined]);
      assert.equal(readFileSync(large.file!, "latin1"), "abcdefg");
      await large.close();
    }
  });
});
