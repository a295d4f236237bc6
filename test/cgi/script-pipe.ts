// A pipe between a test, which writes as a script would, and what reads the output of scripts.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";

import { bindCLibrary } from "../../src/cgi/c-library.ts";
import type { ScriptOutput } from "../../src/cgi/script-output.ts";

const O_CLOEXEC = 0o2000000;

/** What a pipe of Linux holds. */
export const PIPE_SIZE = 64 * 1024;

export const library =
  process.platform === "linux"
    ? await import("koffi").then(
        (koffi) => bindCLibrary(koffi.default),
        () => undefined,
      )
    : undefined;

/** Why the tests of pipes do not run, if they do not. */
export const skip = library === undefined && "koffi is not installed, or this is not Linux";

export interface Ends {
  readonly output: ScriptOutput;
  /** Our end, which belongs to `output`. */
  readonly read: number;
  /** The script's end. */
  readonly write: number;
}

/** @param open takes our end of the pipe */
export function openPipe(t: TestContext, open: (descriptor: number) => ScriptOutput): Ends {
  const ends = [0, 0];
  assert.equal(library!.pipe2(ends, O_CLOEXEC), 0);
  const [read, write] = ends as [number, number];
  const output = open(read);
  t.after(() => output.destroy());
  return { output, read, write };
}

/** All that can be read now, as text. */
export function readAll(output: ScriptOutput): string {
  let text = "";
  for (let bytes = output.read(); bytes !== null; bytes = output.read()) text += bytes.toString("latin1");
  return text;
}

export function nextChange(output: ScriptOutput): Promise<void> {
  return new Promise((resolve) => (output.onChange = resolve));
}

/** So many bytes, as they come. */
export async function readSome(output: ScriptOutput, size: number): Promise<string> {
  let text = "";
  for (;;) {
    const changed = nextChange(output);
    text += readAll(output);
    if (text.length >= size) return text;
    await changed;
  }
}

export async function readToEnd(output: ScriptOutput): Promise<string> {
  let text = "";
  for (;;) {
    const changed = nextChange(output);
    text += readAll(output);
    if (output.hasEnded) return text;
    await changed;
  }
}
