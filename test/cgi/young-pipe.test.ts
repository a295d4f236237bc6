import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";

import { bindCLibrary } from "../../src/cgi/c-library.ts";
import type { ScriptOutput } from "../../src/cgi/script-output.ts";
import { YoungPipes } from "../../src/cgi/young-pipe.ts";

const O_CLOEXEC = 0o2000000;
/** What a pipe of Linux holds. */
const PIPE_SIZE = 64 * 1024;

const library =
  process.platform === "linux"
    ? await import("koffi").then(
        (koffi) => bindCLibrary(koffi.default),
        () => undefined,
      )
    : undefined;

interface Ends {
  readonly output: ScriptOutput;
  /** Our end, which belongs to `output`. */
  readonly read: number;
  /** The script's end. */
  readonly write: number;
}

function openPipe(t: TestContext, youngTime?: number): Ends {
  const ends = [0, 0];
  assert.equal(library!.pipe2(ends, O_CLOEXEC), 0);
  const [read, write] = ends as [number, number];
  const output = new YoungPipes(library!, youngTime).add(read);
  t.after(() => output.destroy());
  return { output, read, write };
}

/** All that can be read now, as text. */
function readAll(output: ScriptOutput): string {
  let text = "";
  for (let bytes = output.read(); bytes !== null; bytes = output.read()) text += bytes.toString("latin1");
  return text;
}

function nextChange(output: ScriptOutput): Promise<void> {
  return new Promise((resolve) => (output.onChange = resolve));
}

/** So many bytes, as they come. */
async function readSome(output: ScriptOutput, size: number): Promise<string> {
  let text = "";
  for (;;) {
    const changed = nextChange(output);
    text += readAll(output);
    if (text.length >= size) return text;
    await changed;
  }
}

async function readToEnd(output: ScriptOutput): Promise<string> {
  let text = "";
  for (;;) {
    const changed = nextChange(output);
    text += readAll(output);
    if (output.hasEnded) return text;
    await changed;
  }
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

describe(
  "YoungPipes",
  { skip: library === undefined && "koffi is not installed, or this is not Linux" },
  () => {
    it("gives all that a script has written when the script has ended, and then the end", (t) => {
      const { output, read, write } = openPipe(t);
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
      const { output, write } = openPipe(t);
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
      const { output, write } = openPipe(t);
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

    it("goes on as a stream with a script that fills the pipe, and loses no byte", async (t) => {
      const { output, write } = openPipe(t);
      const writer = new Socket({ fd: write, readable: false, writable: true });
      const text = Array.from({ length: PIPE_SIZE }, (_, i) => `${i},`).join("");
      writer.end(text, "latin1");
      assert.equal(await readToEnd(output), text);
      if (!writer.closed) await once(writer, "close");
    });

    it("goes on as a stream with a script that takes its time", async (t) => {
      const { output, write } = openPipe(t, 0);
      // The look that finds the first is the last one: only a stream can tell of the second.
      for (const text of ["one", "two"]) {
        writeSync(write, text);
        assert.equal(await readSome(output, text.length), text);
      }
      closeSync(write);
      assert.equal(await readToEnd(output), "");
    });

    it("closes its descriptor when nobody wants the rest, and says so", (t) => {
      const { output, read, write } = openPipe(t);
      t.after(() => closeSync(write));
      let changes = 0;
      output.onChange = () => changes++;
      output.destroy();
      assert.deepEqual([output.hasEnded, output.read(), changes, isOpen(read)], [true, null, 1, false]);
      output.destroy();
      assert.equal(changes, 1);
    });
  },
);
