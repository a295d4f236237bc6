import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { joinBytes, joinText, StreamedContent } from "../../src/files/streamed-content.ts";

async function* pieces(...texts: string[]): AsyncGenerator<Buffer, void> {
  for (const text of texts) yield Buffer.from(text);
}

describe("StreamedContent", () => {
  it("is read piece by piece, into buffers of any size", async () => {
    const content = new StreamedContent(pieces("", "hello", "", "world"));
    const buffer = Buffer.alloc(3);
    const read: string[] = [];
    let position = 0;
    for (;;) {
      const count = await content.read(buffer, position);
      if (count === 0) break;
      read.push(buffer.toString("utf8", 0, count));
      position += count;
    }
    assert.deepEqual(read, ["hel", "lo", "wor", "ld"]);
  });

  it("is a stream for those who want one", async () => {
    let text = "";
    for await (const piece of new StreamedContent(pieces("a", "b")).stream()) text += String(piece);
    assert.equal(text, "ab");
  });

  it("ends what makes it when it is closed early", async () => {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    async function* endless(): AsyncGenerator<Buffer, void> {
      try {
        for (;;) yield Buffer.from("x");
      } finally {
        end();
      }
    }
    const content = new StreamedContent(endless());
    await content.read(Buffer.alloc(1), 0);
    content.close();
    await ended;
    assert.equal(await content.read(Buffer.alloc(1), 1), 0);
  });

  it("fails where what makes it fails", async () => {
    async function* failing(): AsyncGenerator<Buffer, void> {
      yield Buffer.from("x");
      throw new Error("no more");
    }
    const content = new StreamedContent(failing());
    assert.equal(await content.read(Buffer.alloc(9), 0), 1);
    await assert.rejects(content.read(Buffer.alloc(9), 1), { message: "no more" });
  });
});

describe("what StreamedContent calls when it is over", () => {
  it("is called once, although nothing was read", async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const content = new StreamedContent(pieces("a"), () => {
        calls++;
        resolve();
      });
      content.close();
      content.close();
    });
    assert.equal(calls, 1);
  });

  it("is called after the piece that is being made, and also if that fails", async () => {
    for (const fails of [false, true]) {
      const order: string[] = [];
      let goOn = (): void => {};
      const waiting = new Promise<void>((resolve) => (goOn = resolve));
      async function* slow(): AsyncGenerator<Buffer, void> {
        await waiting;
        order.push("made");
        if (fails) throw new Error("no piece");
        yield Buffer.from("x");
      }
      await new Promise<void>((resolve) => {
        const content = new StreamedContent(slow(), () => {
          order.push("over");
          resolve();
        });
        content.read(Buffer.alloc(1), 0).catch(() => {});
        content.close();
        goOn();
      });
      assert.deepEqual(order, ["made", "over"]);
    }
  });
});

describe("joinText", () => {
  it("makes few pieces of many, and sends what is there before a pause", async () => {
    async function* texts(): AsyncGenerator<string | undefined, void> {
      yield "a";
      yield "ä";
      yield undefined;
      yield undefined;
      yield "x".repeat(70_000);
      yield "y";
    }
    const lengths: number[] = [];
    for await (const piece of joinText(texts())) lengths.push(piece.length);
    assert.deepEqual(lengths, [3, 70_000, 1]);
  });
});

describe("joinBytes", () => {
  it("makes few pieces of many small ones, and passes a large one as it is", async () => {
    const large = Buffer.alloc(70_000);
    async function* sizes(): AsyncGenerator<Buffer, void> {
      yield large;
      for (let i = 0; i < 3; i++) yield Buffer.alloc(30_000, i);
      yield Buffer.from("before");
      yield large;
      yield Buffer.from("behind");
    }
    const joined: Buffer[] = [];
    for await (const piece of joinBytes(sizes())) joined.push(piece);
    assert.deepEqual(
      joined.map(({ length }) => length),
      [70_000, 90_000, 6, 70_000, 6],
    );
    assert.ok(joined[0]!.buffer === large.buffer && joined[3]!.buffer === large.buffer);
    assert.equal(joined[1]![59_999], 1);
  });
});
