// What a script may still do when its client has all of the answer: PHP's applications run their jobs then, with stdout open.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";

import { defaultCGILimits, type CGILimits } from "../../src/cgi/limits.ts";
import { ScriptAnswer } from "../../src/cgi/run-script.ts";
import type { ScriptRead } from "../../src/cgi/script-process.ts";
import { Slots } from "../../src/cgi/slots.ts";
import type { ProcessEnd } from "../../src/cgi/started-process.ts";

interface Script {
  /** How long, in milliseconds, each of its silences may last. */
  readonly waits: number[];
  readonly isTold: boolean;
}

/** The answer is complete, then the script says what `next` says. */
async function answered(
  limits: Partial<CGILimits>,
  next: (exited: Promise<unknown>) => ScriptRead | Promise<ScriptRead>,
): Promise<Script> {
  const outputs = [Buffer.from("Content-Type: text/plain\nContent-Length: 5\n\nhello")];
  const waits: number[] = [];
  let isTold = false;
  let isReleased = false;
  let resolve!: (end: ProcessEnd) => void;
  const exited = new Promise<ProcessEnd>((settle) => (resolve = settle));
  const answer = new ScriptAnswer(
    {
      file: "/srv/x",
      directory: "/srv",
      scriptName: "/cgi-bin/x",
      start: { kind: "direct" },
      environment: new Map(),
      user: undefined,
      bodyFile: undefined,
      body: undefined,
      slots: new Slots(defaultCGILimits),
      client: undefined,
      limits: { ...defaultCGILimits, ...limits },
      signal: new AbortController().signal,
      log: () => {},
    },
    {
      stdin: undefined,
      exited,
      read: async (limit) => {
        const bytes = outputs.shift();
        if (bytes !== undefined) return { kind: "bytes", bytes };
        if (isReleased) waits.push(limit);
        return next(exited);
      },
      abandon: () => {},
      end: () => {
        isTold = true;
        resolve({ code: null, signal: "SIGTERM" });
      },
    },
  );
  await answer.readHeader();
  assert.equal((await answer.nextPiece()).kind, "bytes");
  assert.deepEqual(await answer.nextPiece(), { kind: "end" });
  isReleased = true;
  answer.release();
  await Promise.race([exited, new Promise((done) => setImmediate(done))]);
  // No timer of a script that runs on may hold the test.
  resolve({ code: 0, signal: null });
  return { waits, isTold };
}

const silent = (exited: Promise<unknown>): Promise<ScriptRead> => exited.then(() => ({ kind: "end" }));

describe("a script whose answer is complete", () => {
  it("may work on in silence as long as it may be silent within an answer", async () => {
    assert.deepEqual(await answered({}, silent), { waits: [defaultCGILimits.idle], isTold: false });
    assert.deepEqual(await answered({ idle: 40_000 }, silent), { waits: [40_000], isTold: false });
  });

  it("may not run on beyond its whole time", async () => {
    const { waits } = await answered({ wholeTime: 30_000 }, silent);
    assert.equal(waits.length, 1);
    assert.ok(waits[0]! <= 30_000 && waits[0]! > 20_000, String(waits[0]));
  });

  it("may not print for ever", async (context: TestContext) => {
    const began = performance.now();
    let seconds = 0;
    context.mock.method(performance, "now", () => began + 1000 * seconds);
    const { isTold } = await answered({}, () => {
      seconds++;
      return { kind: "bytes", bytes: Buffer.from("more") };
    });
    assert.ok(isTold);
    assert.equal(seconds, 10);
  });

  it("is told to end when it stays silent for too long", async () => {
    assert.ok((await answered({}, () => ({ kind: "silent" }))).isTold);
  });
});
