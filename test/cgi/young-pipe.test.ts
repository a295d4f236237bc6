import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";

import { YoungPipes } from "../../src/cgi/young-pipe.ts";
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

function openYoungPipe(t: TestContext, youngTime?: number): Ends {
  return openPipe(t, (descriptor) => new YoungPipes(library!, youngTime).add(descriptor));
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

describe("YoungPipes", { skip }, () => {
  it("gives all that a script has written when the script has ended, and then the end", (t) => {
    const { output, read, write } = openYoungPipe(t);
    writeSync(write, "Content-Type: text/plain\n\nhello");
    closeSync(write);
    assert.equal(output.read(), null, "nobody has said that there is something");
    let changes = 0;
    output.onChange = () => changes++;
    output.noteExit();
    assert.equal(changes, 1);
    assert.equal(readAll(output), "Content-Type: text/plain\n\nhello");
    assert.equal(output.hasEnded, true);
    assert.equal(isOpen(read), false);
  });

  it("tells of what a script prints while it runs, though it does not end", async (t) => {
    const { output, write } = openYoungPipe(t);
    t.after(() => closeSync(write));
    for (const text of ["one", "two"]) {
      const changed = nextChange(output);
      writeSync(write, text);
      await changed;
      assert.equal(readAll(output), text);
      assert.equal(output.hasEnded, false);
    }
  });

  it("is not at its end when the script has ended and something in the background holds the pipe", async (t) => {
    const { output, write } = openYoungPipe(t);
    writeSync(write, "from the script");
    output.noteExit();
    assert.equal(readAll(output), "from the script");
    assert.equal(output.hasEnded, false);
    const changed = nextChange(output);
    writeSync(write, "from the background");
    await changed;
    assert.equal(readAll(output), "from the background");
    closeSync(write);
    assert.equal(await readToEnd(output), "");
  });

  it("leaves to the event loop a script that fills the pipe, and loses no byte", async (t) => {
    const { output, write } = openYoungPipe(t);
    const writer = new Socket({ fd: write, readable: false, writable: true });
    const text = Array.from({ length: PIPE_SIZE }, (_, i) => `${i},`).join("");
    writer.end(text, "latin1");
    assert.equal(await readToEnd(output), text);
    if (!writer.closed) await once(writer, "close");
  });

  it("leaves to the event loop a script that takes its time", async (t) => {
    const { output, write } = openYoungPipe(t, 0);
    // The look that finds the first is the last one: only the event loop can tell of the second.
    for (const text of ["one", "two"]) {
      writeSync(write, text);
      assert.equal(await readSome(output, text.length), text);
    }
    closeSync(write);
    assert.equal(await readToEnd(output), "");
  });

  it("closes its descriptor when nobody wants the rest, and says so", (t) => {
    const { output, read, write } = openYoungPipe(t);
    t.after(() => closeSync(write));
    let changes = 0;
    output.onChange = () => changes++;
    output.destroy();
    assert.deepEqual([output.hasEnded, output.read(), changes, isOpen(read)], [true, null, 1, false]);
    output.destroy();
    assert.equal(changes, 1);
  });
});
