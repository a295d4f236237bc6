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

const stored = (memory: number) => ({ isStored: true, memory, takesFile: true });

describe("takeBody", () => {
  it("touches nothing where there is nothing to read", async () => {
    const none = await takeBody({ kind: "none" }, untouched, stored(10));
    assert.deepEqual([none.length, none.stream], [undefined, undefined]);
    const empty = await takeBody({ kind: "length", length: 0 }, untouched, stored(10));
    assert.deepEqual([empty.length, empty.stream], [0, undefined]);
  });

  it("has all of a body before a script is started, in memory or in a file", async () => {
    for (const framing of [{ kind: "chunked" }, { kind: "length", length: 7 }] as const) {
      const pieces = (): Readable => Readable.from([Buffer.from("abc"), Buffer.from("defg")]);
      const small = await takeBody(framing, pieces, stored(100));
      assert.deepEqual([small.length, small.file], [7, undefined]);
      assert.equal(await textOf(small), "abcdefg");
      const large = await takeBody(framing, pieces, stored(1));
      assert.deepEqual([large.length, large.stream], [7, undefined]);
      assert.equal(readFileSync(large.file!, "latin1"), "abcdefg");
      await large.close();
    }
  });

  it("gives the file as a stream to who takes no descriptor", async () => {
    const pieces = (): Readable => Readable.from([Buffer.from("abc"), Buffer.from("defg")]);
    const body = await takeBody({ kind: "chunked" }, pieces, { ...stored(1), takesFile: false });
    assert.deepEqual([body.length, body.file], [7, undefined]);
    assert.equal(await textOf(body), "abcdefg");
  });

  it("stores nothing where the script reads while the body arrives", async () => {
    const source = Readable.from([Buffer.from("abc")]);
    const streaming = { ...stored(1), isStored: false };
    const chunked = await takeBody({ kind: "chunked" }, () => source, streaming);
    assert.deepEqual([chunked.length, chunked.stream], [undefined, source]);
    const known = await takeBody({ kind: "length", length: 3 }, () => source, streaming);
    assert.deepEqual([known.length, known.stream], [3, source]);
  });
});
