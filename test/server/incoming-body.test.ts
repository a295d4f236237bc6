import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { bodyDecoder } from "../../src/http1/body-decoder.ts";
import type { BodyFraming } from "../../src/http1/framing.ts";
import { type BodySink, droppingSink, IncomingBody } from "../../src/server/incoming-body.ts";
import { InputQueue } from "../../src/server/input-queue.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "../../src/server/limits.ts";

/** Notes what it is told; wants `most` pieces at a time. */
class NotingSink implements BodySink {
  readonly notes: string[] = [];
  most = Infinity;

  onPiece(bytes: Buffer): boolean {
    this.notes.push(bytes.toString());
    return --this.most > 0;
  }

  onEnd(): void {
    this.notes.push("end");
  }

  onError(error: Error): void {
    this.notes.push(`error: ${error.message}`);
  }
}

interface Prepared {
  readonly body: IncomingBody;
  readonly sink: NotingSink;
  readonly input: InputQueue;
  receive(text: string): boolean;
}

function prepare(framing: BodyFraming, limits: Partial<ServerLimits> = {}): Prepared {
  const body = new IncomingBody(bodyDecoder(framing)!, { ...DEFAULT_LIMITS, ...limits });
  const input = new InputQueue(new PassThrough());
  const receive = (text: string): boolean => {
    input.add(Buffer.from(text));
    return body.take(input);
  };
  return { body, sink: new NotingSink(), input, receive };
}

describe("IncomingBody", () => {
  it("hands on what comes, tells the end, and leaves what follows (RFC 9112 §6.3)", () => {
    const { body, sink, input, receive } = prepare({ kind: "length", length: 6 });
    body.pour(sink);
    assert.equal(receive("abc"), true);
    assert.equal(body.isRead, false);
    assert.equal(receive("defGET"), false);
    assert.deepEqual(sink.notes, ["abc", "def", "end"]);
    assert.equal(body.isRead, true);
    assert.equal(input.bytes.subarray(input.at).toString(), "GET");
  });

  it("waits for the last chunk and its trailers (RFC 9112 §7.1)", () => {
    const { body, sink, receive } = prepare({ kind: "chunked" });
    body.pour(sink);
    assert.equal(receive("3\r\nabc\r\n0\r\n"), true);
    assert.equal(body.isRead, false);
    assert.equal(receive("\r\n"), false);
    assert.deepEqual(sink.notes, ["abc", "end"]);
  });

  it("leaves the rest where it is when the sink wants no more for now", () => {
    const { body, sink, input, receive } = prepare({ kind: "chunked" });
    sink.most = 1;
    body.pour(sink);
    assert.equal(receive("1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), false);
    assert.deepEqual(sink.notes, ["a"]);
    assert.equal(body.isWanted, false);
    assert.equal(body.take(input), false);
    assert.deepEqual(sink.notes, ["a"]);
    sink.most = Infinity;
    body.pour(sink);
    assert.equal(body.take(input), false);
    assert.deepEqual(sink.notes, ["a", "b", "end"]);
  });

  it("tells the end also to a sink that wanted no more than the last piece", () => {
    const { body, sink, receive } = prepare({ kind: "length", length: 3 });
    sink.most = 1;
    body.pour(sink);
    assert.equal(receive("abc"), false);
    assert.deepEqual(sink.notes, ["abc", "end"]);
  });

  it("refuses chunks that are longer together than the limit (RFC 9110 §15.5.14)", () => {
    const { body, sink, receive } = prepare({ kind: "chunked" }, { body: 5 });
    body.pour(sink);
    receive("3\r\nabc\r\n");
    assert.throws(() => receive("3\r\nabc\r\n"), { status: 413 });
    assert.deepEqual(sink.notes, ["abc"]);
  });

  it("tells a failure to whoever waits, and to nobody twice", () => {
    const { body, sink } = prepare({ kind: "length", length: 3 });
    body.fail(new Error("unheard"));
    body.pour(sink);
    body.fail(new Error("lost"));
    body.fail(new Error("again"));
    assert.deepEqual(sink.notes, ["error: lost"]);
    assert.equal(body.isRead, false);
  });

  it("is too slow when nothing comes for bodyTime, but not while nobody wants it", (t: TestContext) => {
    let now = 0;
    t.mock.method(performance, "now", () => now);
    const { body, sink, receive } = prepare({ kind: "length", length: 9 }, { bodyTime: 1_000, minRate: 0 });
    assert.equal(body.isTooSlow(50_000), false);
    body.pour(sink);
    receive("abc");
    assert.equal(body.isTooSlow(999), false);
    assert.equal(body.isTooSlow(1_000), true);
    now = 999;
    sink.most = 1;
    receive("abc");
    assert.equal(body.isTooSlow(50_000), false);
  });
});

describe("droppingSink", () => {
  for (const [size, isAll] of [
    [4, true],
    [5, false],
  ] as const) {
    it(`${isAll ? "drops" : "gives up"} ${size} bytes where 4 are allowed`, () => {
      const told: boolean[] = [];
      const { body, receive } = prepare({ kind: "length", length: size });
      body.pour(droppingSink(4, (all) => told.push(all)));
      assert.equal(receive("abcde".slice(0, size)), false);
      assert.equal(told[0], isAll);
    });
  }
});
