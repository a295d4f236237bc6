import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Content } from "../../src/files/file-content.ts";
import { type ContentSink, sendContent } from "../../src/files/send-content.ts";

/** A content that is one letter over and over, read in pieces of at most `most` bytes. */
function lettersOf(letter: string, size: number, most = Infinity, end = size): Content & { reads: number } {
  return {
    size,
    bytes: undefined,
    reads: 0,
    stream: () => assert.fail("not streamed"),
    read(buffer, position) {
      this.reads++;
      const count = Math.max(0, Math.min(buffer.length, end - position, most));
      buffer.fill(letter.charCodeAt(0), 0, count);
      return Promise.resolve(count);
    },
    close() {},
  };
}

/** A socket whose client takes nothing until asked to: it holds pieces by reference, and needs a drain from a mark on. */
class SlowSink implements ContentSink {
  static readonly MARK = 16 * 1024;
  held: Uint8Array[] = [];
  taken = "";
  most = 0;
  write(bytes: Uint8Array): void {
    this.held.push(bytes);
    this.most = Math.max(this.most, this.#size());
  }
  drained(): Promise<void> {
    if (this.#size() >= SlowSink.MARK) this.take();
    return Promise.resolve();
  }
  take(): void {
    for (const piece of this.held) this.taken += Buffer.from(piece).toString("latin1");
    this.held = [];
  }
  #size(): number {
    return this.held.reduce((sum, piece) => sum + piece.length, 0);
  }
}

const KIB = 1024;

/** `aaab` → `3a1b`: what can be read when it differs. */
function runsOf(text: string): string {
  return text.replace(/(.)\1*/gs, (run, letter: string) => `${run.length}${letter}`);
}

describe("sendContent", () => {
  it("sends in smaller pieces where many are sent at the same time", async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const sinks = Array.from({ length: 20 }, () => {
      const sink = new SlowSink();
      sink.drained = () => held.then(() => sink.take());
      return sink;
    });
    const sent = Promise.all(sinks.map((sink) => sendContent(lettersOf("a", 1_000_000), sink)));
    release();
    await sent;
    const small = sinks.filter(({ most }) => most <= 256 * KIB).length;
    assert.equal(small, 4);
    for (const { taken } of sinks) assert.equal(taken.length, 1_000_000);
    const after = new SlowSink();
    await sendContent(lettersOf("a", 1_000_000), after);
    assert.equal(after.most, 512 * KIB);
  });

  for (const size of [0, 1, 1000, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 512 * KIB + 1, 3_000_000]) {
    it(`sends ${size} bytes, each once and in order`, async () => {
      const sink = new SlowSink();
      await sendContent(lettersOf("a", size), sink);
      sink.take();
      assert.equal(runsOf(sink.taken), size === 0 ? "" : `${size}a`);
    });
  }

  it("sends what is there of a file that has become shorter, and stops", async () => {
    const sink = new SlowSink();
    await sendContent(lettersOf("a", 1_000_000, Infinity, 300_000), sink);
    sink.take();
    assert.equal(sink.taken.length, 300_000);
  });

  it("never holds more than one piece in the socket", async () => {
    const sink = new SlowSink();
    await sendContent(lettersOf("a", 5_000_000), sink);
    assert.ok(sink.most <= 512 * KIB, `${sink.most}`);
  });

  it("reuses no memory that a socket still holds: small pieces below its high-water mark", async () => {
    const slow = new SlowSink();
    await sendContent(lettersOf("a", 256 * KIB + 1000), slow);
    // The end of the first is held by its socket, and others are sent meanwhile.
    for (let i = 0; i < 10; i++) {
      const sink = new SlowSink();
      await sendContent(lettersOf("b", 256 * KIB + 1000), sink);
      sink.take();
    }
    slow.take();
    assert.equal(runsOf(slow.taken), `${256 * KIB + 1000}a`);
  });

  it("reuses no memory that a socket still holds: short reads in a row", async () => {
    const slow = new SlowSink();
    const letters = "abcdefgh";
    const content = lettersOf("", 8000, 1000);
    content.read = (buffer, position) => {
      if (position >= 8000) return Promise.resolve(0);
      buffer.fill(letters.charCodeAt(position / 1000), 0, 1000);
      return Promise.resolve(1000);
    };
    await sendContent(content, slow);
    slow.take();
    assert.equal(runsOf(slow.taken), "1000a1000b1000c1000d1000e1000f1000g1000h");
  });

  it("reads no further once the client has gone, and passes the error on", async () => {
    const content = lettersOf("a", 10_000_000);
    const sink: ContentSink = {
      write: () => {},
      drained: () => (content.reads < 3 ? Promise.resolve() : Promise.reject(new Error("gone"))),
    };
    await assert.rejects(sendContent(content, sink), /gone/);
    assert.equal(content.reads, 3);
  });

  it("passes on an error of the disk", async () => {
    const content = lettersOf("a", 10);
    content.read = () => Promise.reject(new Error("EIO"));
    await assert.rejects(sendContent(content, new SlowSink()), /EIO/);
  });
});
