import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { GrownPipe, LARGEST_READ } from "../../src/cgi/grown-pipe.ts";
import {
  type Ends,
  library,
  nextChange,
  openPipe,
  PIPE_SIZE,
  readAll,
  readSome,
  readToEnd,
  skip,
} from "./script-pipe.ts";

function openGrownPipe(t: TestContext): Ends {
  return openPipe(t, (descriptor) => new GrownPipe(descriptor));
}

/** The script's end, for more than the pipe holds. */
function writerOf({ write }: Ends): Socket {
  return new Socket({ fd: write, readable: false, writable: true });
}

describe("GrownPipe", { skip }, () => {
  it("gives every line as soon as it is printed, and then the end", async (t) => {
    const { output, write } = openGrownPipe(t);
    for (const text of ["one\n", "two\n", "three\n"]) {
      writeSync(write, text);
      assert.equal(await readSome(output, text.length), text);
      assert.equal(output.hasEnded, false);
    }
    closeSync(write);
    assert.equal(await readToEnd(output), "");
  });

  it("gives all bytes in their order, in pieces that grow with what comes", async (t) => {
    const ends = openGrownPipe(t);
    library!.setPipeSize(ends.read, LARGEST_READ);
    const sent = randomBytes(6_000_000);
    writerOf(ends).end(sent);
    const pieces: Buffer[] = [];
    while (!ends.output.hasEnded) {
      const changed = nextChange(ends.output);
      const bytes = ends.output.read();
      if (bytes !== null) pieces.push(Buffer.from(bytes));
      else if (!ends.output.hasEnded) await changed;
    }
    assert.deepEqual(Buffer.concat(pieces), sent);
    const sizes = pieces.map(({ length }) => length);
    assert.ok(Math.max(...sizes) > PIPE_SIZE, `the largest has ${Math.max(...sizes)} bytes`);
    assert.ok(Math.max(...sizes) <= LARGEST_READ);
  });

  it("reads nothing on until it is asked: the script waits, and the last piece stays as it is", async (t) => {
    const ends = openGrownPipe(t);
    const sent = randomBytes(3_000_000);
    const writer = writerOf(ends);
    writer.end(sent);
    let at = 0;
    while (at < sent.length) {
      const changed = nextChange(ends.output);
      const bytes = ends.output.read();
      if (bytes === null) {
        await changed;
        continue;
      }
      for (let i = 0; i < 3; i++) await turn();
      assert.ok(bytes.equals(sent.subarray(at, at + bytes.length)), `the piece at ${at} has changed`);
      at += bytes.length;
      const taken = writer.bytesWritten - writer.writableLength;
      assert.ok(taken <= at + 2 * PIPE_SIZE, "one pipe full, and one piece that waits");
    }
    assert.equal(await readToEnd(ends.output), "");
  });

  it("lends no piece below 64 KiB: those that are kept do not change", async (t) => {
    const { output, write } = openGrownPipe(t);
    t.after(() => closeSync(write));
    const kept: Buffer[] = [];
    for (const letter of ["a", "b", "c", "d"]) {
      for (let sent = 0; sent < 40_000; sent += 4_000) {
        writeSync(write, letter.repeat(4_000));
        for (;;) {
          const changed = nextChange(output);
          const bytes = output.read();
          if (bytes !== null) {
            kept.push(bytes);
            break;
          }
          await changed;
        }
      }
    }
    assert.equal(
      Buffer.concat(kept).toString(),
      ["a", "b", "c", "d"].map((letter) => letter.repeat(40_000)).join(""),
    );
  });

  it("gives what the script has printed before it ended, when that is asked for later", async (t) => {
    const { output, write } = openGrownPipe(t);
    writeSync(write, "last words");
    const changed = nextChange(output);
    closeSync(write);
    await changed;
    assert.equal(output.hasEnded, false);
    assert.equal(await readToEnd(output), "last words");
  });

  it("closes its end when nobody wants the rest: the script meets a broken pipe", async (t) => {
    const ends = openGrownPipe(t);
    const writer = writerOf(ends);
    const failed = once(writer, "error");
    writer.write(randomBytes(1_000_000));
    const changed = nextChange(ends.output);
    await changed;
    ends.output.destroy();
    assert.equal(ends.output.hasEnded, true);
    assert.equal(readAll(ends.output), "");
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.equal(error.code, "EPIPE");
  });
});
