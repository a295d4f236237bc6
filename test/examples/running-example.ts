// Starts one of examples/ as its reader would: the compiled file, on any free port, with the URL it prints.

import assert from "node:assert/strict";
import { join } from "node:path";
import { startProgram } from "../running-program.ts";

const examples = join(import.meta.dirname, "..", "..", "examples");

export interface RunningExample extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
  stderr(): string;
  /** Sends SIGTERM, and expects exit code 0 soon: nothing is running that has to be waited for. */
  stop(): Promise<void>;
}

/** @param words what stands behind the port on its command line */
export async function startExample(name: string, ...words: string[]): Promise<RunningExample> {
  const program = await startProgram(
    process.execPath,
    [join(examples, `${name}.js`), "0", ...words],
    examples,
  );
  const url = program.firstLine;
  if (!/^http:\/\/127\.0\.0\.1:[1-9]\d*\/$/.test(url)) {
    await program.stop();
    assert.fail(`${name} printed ${JSON.stringify(url)} where its URL should be\n${program.stderr()}`);
  }
  let stopped: Promise<number | null> | undefined;
  return {
    url,
    stderr: () => program.stderr(),
    stop: async () => {
      const began = performance.now();
      assert.equal(await (stopped ??= program.stop()), 0, program.stderr());
      assert.ok(performance.now() - began < 8000, "the process did not end with its server");
    },
    [Symbol.asyncDispose]: async () => void (await (stopped ??= program.stop())),
  };
}
