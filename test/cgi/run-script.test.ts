import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { defaultCGILimits, type CGILimits } from "../../src/cgi/limits.ts";
import { runScript, ScriptAnswer } from "../../src/cgi/run-script.ts";
import type { ScriptJob } from "../../src/cgi/script-job.ts";
import { Slots } from "../../src/cgi/slots.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

const onWindows = process.platform === "win32" && "the scripts are for /bin/sh";
const HEADER = "printf 'Content-Type: text/plain\\n\\n'";

interface Prepared {
  readonly job: ScriptJob;
  readonly logged: string[];
  readonly slots: Slots;
}

function prepare(
  context: TestContext,
  source: string,
  limits: Partial<CGILimits> = {},
  changes: Partial<ScriptJob> = {},
): Prepared {
  const directory = temporaryDirectory(context);
  const slots = new Slots({ scriptsAtOnce: 2, perClient: 2, queueLength: 10, queueWait: 1_000 });
  const logged: string[] = [];
  const job: ScriptJob = {
    file: putScript(directory, "script", `#!/bin/sh\n${source}\n`),
    directory,
    scriptName: "/cgi-bin/script",
    start: { kind: "direct" },
    environment: new Map([["PATH", process.env["PATH"] ?? "/bin"]]),
    user: undefined,
    bodyFile: undefined,
    body: undefined,
    slots,
    client: undefined,
    limits: { ...defaultCGILimits, killGrace: 200, ...limits },
    signal: new AbortController().signal,
    log: (message) => logged.push(message),
    ...changes,
  };
  return { job, logged, slots };
}

async function bodyOf(answer: ScriptAnswer): Promise<string> {
  let text = "";
  for (;;) {
    const piece = await answer.nextPiece();
    if (piece.kind === "bytes") {
      text += Buffer.from(piece.bytes).toString("latin1");
      continue;
    }
    answer.release();
    return piece.kind === "end" ? text : `${text}[cut: ${piece.cause.message}]`;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await sleep(10);
  }
}

/** A body that comes in pieces, and the last of them only when it is told to. */
function slowBody(pieces: readonly string[], pause: number): Readable {
  return Readable.from(
    (async function* (): AsyncGenerator<Buffer> {
      for (const piece of pieces) {
        await sleep(pause);
        yield Buffer.from(piece);
      }
    })(),
  );
}

describe("ScriptAnswer", { skip: onWindows }, () => {
  it("gives copies of parts of what it was lent: the memory is used again while a slow client still has to take them", async (context) => {
    const { job } = prepare(context, "");
    const head = "Content-Type: a/b\nContent-Length: 100000\n\n";
    const outputs = [`${head}${"a".repeat(70_000)}`, "b".repeat(70_000), "c".repeat(70_000)];
    const memory = Buffer.alloc(80_000);
    const answer = new ScriptAnswer(job, {
      stdin: undefined,
      exited: Promise.resolve({ code: 0, signal: null }),
      read: async () => {
        const output = outputs.shift();
        if (output === undefined) return { kind: "end" };
        return { kind: "bytes", bytes: memory.subarray(0, memory.write(output)) };
      },
      abandon: () => {},
      end: () => {},
    });
    await answer.readHeader();
    const pieces: Uint8Array[] = [];
    for (let i = 0; i < 2; i++) {
      const piece = await answer.nextPiece();
      assert.equal(piece.kind, "bytes");
      if (piece.kind === "bytes") pieces.push(piece.bytes);
    }
    assert.deepEqual(await answer.nextPiece(), { kind: "end" });
    answer.release();
    await until(() => outputs.length === 0);
    assert.equal(Buffer.concat(pieces).toString(), "a".repeat(70_000) + "b".repeat(30_000));
  });
});

describe("runScript", { skip: onWindows }, () => {
  it("gives header and body, and its place back", async (context) => {
    const { job, slots } = prepare(context, `${HEADER}; echo one; sleep 0.1; echo two`);
    const answer = await runScript(job);
    assert.equal(answer.outcome.kind, "document");
    assert.equal(slots.taken, 1);
    assert.equal(await bodyOf(answer), "one\ntwo\n");
    await until(() => slots.taken === 0);
  });

  it("passes the first line on before the second is written", async (context) => {
    const { job } = prepare(context, `${HEADER}; echo first; sleep 1; echo second`);
    const answer = await runScript(job);
    const began = Date.now();
    const piece = await answer.nextPiece();
    assert.equal(piece.kind === "bytes" && Buffer.from(piece.bytes).toString(), "first\n");
    assert.ok(Date.now() - began < 800);
    assert.equal(await bodyOf(answer), "second\n");
  });

  it("answers an echo larger than all buffers, without a deadlock", async (context) => {
    const text = "0123456789abcdef".repeat(256 * 1024);
    const { job } = prepare(context, `${HEADER}; exec cat`, {}, { body: Readable.from([Buffer.from(text)]) });
    assert.equal((await bodyOf(await runScript(job))).length, text.length);
  });

  it("answers a script that writes before it reads", async (context) => {
    const body = Readable.from([Buffer.alloc(1024 * 1024, "b")]);
    const { job } = prepare(context, `${HEADER}; head -c 1048576 /dev/zero; wc -c`, {}, { body });
    assert.equal((await bodyOf(await runScript(job))).slice(1024 * 1024).trim(), "1048576");
  });

  it("answers a script that never reads", async (context) => {
    const body = Readable.from([Buffer.alloc(10 * 1024 * 1024)]);
    const { job } = prepare(context, `${HEADER}; echo no`, {}, { body });
    assert.equal(await bodyOf(await runScript(job)), "no\n");
  });

  it("gives the rest of a body to a script that has already answered", async (context) => {
    const source = `printf 'Content-Type: a/b\\nContent-Length: 2\\n\\nok'; cat > "$(dirname "$0")/stored"; exec cat stored >&2`;
    const { job, logged } = prepare(context, source, {}, { body: slowBody(["one ", "two ", "three"], 100) });
    assert.equal(await bodyOf(await runScript(job)), "ok");
    await until(() => logged.includes("/cgi-bin/script: one two three"));
  });

  it("holds a script to its Content-Length: cuts a longer output, and shows a shorter one", async (context) => {
    const longer = prepare(
      context,
      "printf 'Content-Type: a/b\\nContent-Length: 3\\n\\nabcdef'; sleep 0.1; echo more",
    );
    assert.equal(await bodyOf(await runScript(longer.job)), "abc");
    assert.match(longer.logged.join(), /longer than its Content-Length/);
    const shorter = prepare(context, "printf 'Content-Type: a/b\\nContent-Length: 9\\n\\nabc'");
    assert.equal(
      await bodyOf(await runScript(shorter.job)),
      "abc[cut: its output ended 6 bytes before its Content-Length]",
    );
    const exact = prepare(context, "printf 'Content-Type: a/b\\nContent-Length: 3\\n\\nabc'");
    assert.equal(await bodyOf(await runScript(exact.job)), "abc");
  });

  it("shows the client a body whose script was killed, and logs a mere exit code", async (context) => {
    const killed = prepare(context, `${HEADER}; echo half; kill -9 $$`);
    assert.equal(await bodyOf(await runScript(killed.job)), "half\n[cut: CGI script was ended by SIGKILL]");
    const failed = prepare(context, `${HEADER}; echo whole; exit 3`);
    assert.equal(await bodyOf(await runScript(failed.job)), "whole\n");
    await until(() => failed.logged.includes("/cgi-bin/script: CGI script exit code 3"));
  });

  it("says why there is no header, in the words that people search for", async (context) => {
    const nothing = prepare(context, "exit 7");
    await assert.rejects(runScript(nothing.job), {
      code: "ERR_CGI_NO_HEADER",
      message: "/cgi-bin/script: premature end of script headers: it printed nothing; CGI script exit code 7",
    });
    const text = prepare(context, "echo Hello; sleep 20");
    await assert.rejects(runScript(text.job), {
      code: "ERR_CGI_BAD_HEADER",
      message: "/cgi-bin/script: malformed header from script: a line is no 'Name: value': 'Hello'",
    });
    const large = prepare(context, "head -c 100000 /dev/zero", { headerSize: 1000 });
    await assert.rejects(runScript(large.job), { code: "ERR_CGI_HEADER_TOO_LARGE" });
    for (const { slots } of [nothing, text, large]) await until(() => slots.taken === 0);
  });

  it("gives up on a script that prints no header in time, also one that prints it for ever", async (context) => {
    const silent = prepare(context, "sleep 20", { timeToHeader: 200 });
    await assert.rejects(runScript(silent.job), { code: "ERR_CGI_TIMEOUT", status: 504 });
    await until(() => silent.slots.taken === 0);
  });

  it("counts the time to the header from the last byte of the upload", async (context) => {
    const body = slowBody(["a", "b", "c", "d", "e", "f"], 120);
    const { job } = prepare(
      context,
      `cat > /dev/null; ${HEADER}; echo done`,
      { timeToHeader: 500 },
      { body },
    );
    assert.equal(await bodyOf(await runScript(job)), "done\n");
  });

  it("cuts a body that stops for too long", async (context) => {
    const { job, slots } = prepare(context, `${HEADER}; echo a; sleep 20`, { idle: 200 });
    assert.equal(await bodyOf(await runScript(job)), "a\n[cut: it printed nothing for 0.2 s]");
    await until(() => slots.taken === 0);
  });

  it("ends the script when the client has gone, also a silent one", async (context) => {
    const gone = new AbortController();
    const { job, slots } = prepare(context, "sleep 20", {}, { signal: gone.signal });
    const answer = runScript(job);
    setTimeout(() => gone.abort(), 100);
    await assert.rejects(answer, { code: "ERR_CONNECTION_LOST" });
    await until(() => slots.taken === 0);
  });

  it("ends the script when its body breaks off, and never lets it take a half for a whole", async (context) => {
    const body = Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        yield Buffer.from("half");
        await sleep(100);
        throw new Error("reset");
      })(),
    );
    const source = `cat; ${HEADER}; echo stored >&2; sleep 20`;
    const { job, logged, slots } = prepare(context, source, {}, { body });
    await assert.rejects(runScript(job), { message: "reset" });
    await until(() => slots.taken === 0);
    assert.deepEqual(logged, []);
  });

  it("is busy when no place becomes free in time, and at once beyond the queue", async (context) => {
    const slots = new Slots({ scriptsAtOnce: 1, perClient: 1, queueLength: 1, queueWait: 200 });
    const jobs = [1, 2, 3].map(() => prepare(context, `sleep 0.5; ${HEADER}`, {}, { slots }).job);
    const [first, second, third] = await Promise.allSettled(jobs.map((job) => runScript(job)));
    assert.equal(first?.status, "fulfilled");
    assert.equal(second?.status === "rejected" && (second.reason as { code: string }).code, "ERR_CGI_BUSY");
    assert.equal(third?.status === "rejected" && (third.reason as { status: number }).status, 503);
  });

  it("gives its place back when nothing could be started", async (context) => {
    const { job, slots } = prepare(context, "", {}, { file: "/nowhere/script" });
    await assert.rejects(runScript(job), {
      code: "ERR_CGI_CANNOT_START",
      message: /cannot be started: it has gone/,
    });
    assert.equal(slots.taken, 0);
  });

  it("runs an interpreter with the file behind its arguments", async (context) => {
    const start = { kind: "interpreter", command: process.execPath, args: ["--no-warnings"] } as const;
    const { job } = prepare(context, "", {}, { start });
    const file = putScript(
      job.directory,
      "x.js",
      `console.log("Content-Type: a/b\\n\\n" + process.argv.length)`,
    );
    assert.equal(await bodyOf(await runScript({ ...job, file })), "2\n");
  });

  it("lets a script print its last lines although nobody reads them, and ends one that is told to stop", async (context) => {
    const polite = prepare(
      context,
      `${HEADER}; echo a; sleep 0.2; head -c 200000 /dev/zero && echo finished >&2`,
    );
    (await runScript(polite.job)).release();
    await until(() => polite.logged.includes("/cgi-bin/script: finished"));
    const stopped = prepare(context, `${HEADER}; sleep 20`);
    (await runScript(stopped.job)).stop();
    await until(() => stopped.slots.taken === 0);
  });

  it("ends a script whose whole time is over, before its header and behind it", async (context) => {
    const silent = prepare(context, "sleep 20", { wholeTime: 200 });
    await assert.rejects(runScript(silent.job), { code: "ERR_CGI_TIMEOUT", status: 504 });
    const busy = prepare(context, `${HEADER}; while :; do echo on; sleep 0.02; done`, { wholeTime: 400 });
    assert.match(await bodyOf(await runScript(busy.job)), /^(on\n)+\[cut: it ran for more than 0\.4 s\]$/);
    for (const { slots } of [silent, busy]) await until(() => slots.taken === 0);
  });

  it("says why a script did not start where another program was to start it", async (context) => {
    const resources = { cpu: 10 };
    const { job } = prepare(context, "", { resources });
    const file = putScript(job.directory, "broken", "#!/no/such/interpreter\n");
    await assert.rejects(runScript({ ...job, file }), {
      code: "ERR_CGI_CANNOT_START",
      message: /names '\/no\/such\/interpreter', which does not exist$/,
    });
    const own = prepare(context, "exit 127", { resources });
    await assert.rejects(runScript(own.job), { code: "ERR_CGI_NO_HEADER" });
  });
});
