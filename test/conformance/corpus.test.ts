// Every case of the corpus against a real server: whole, byte by byte, and with a second request behind it.

import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, it } from "node:test";
import { makeFed } from "../handler/fed.ts";
import { parseResponses, RawClient } from "../raw-client.ts";
import { serving, type TestHandler } from "../server/serving.ts";
import { type Case, type Outcome, parseCorpus, readCorpus } from "./corpus.ts";
import { notingHandler, type Seen } from "./noting-handler.ts";

/** Follows every case that does not wait for more: it must be answered, or must never be seen. */
const BEHIND = "GET /behind HTTP/1.1\r\nHost: behind.example\r\nConnection: close\r\n\r\n";

/** Longer ones go in pieces, for the sake of time. */
const LONGEST_IN_BYTES = 4096;

function sent(one: Case): Buffer {
  return one.afterwards === "waiting" ? one.bytes : Buffer.concat([one.bytes, Buffer.from(BEHIND)]);
}

function* slowly(bytes: Buffer): Iterable<Buffer> {
  // Not a divisor of anything: CR and LF, digits and their ends come apart somewhere.
  const step = bytes.length <= LONGEST_IN_BYTES ? 1 : Math.ceil(bytes.length / 23);
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function overSocket(port: number, pieces: Iterable<Buffer>): Promise<string> {
  using client = await RawClient.connect(port);
  for (const piece of pieces) {
    if (client.hasEnded || client.isClosed) break;
    client.send(piece);
    await nextTurn();
  }
  client.end();
  return await client.untilEnd();
}

async function throughParser(Handler: typeof TestHandler, pieces: Iterable<Buffer>): Promise<string> {
  const { handler, socket, connection } = makeFed(Handler);
  const run = handler.run().then(() => connection.close());
  for (const piece of pieces) {
    socket.push(piece);
    await nextTurn();
  }
  socket.push(null);
  await run;
  return socket.output;
}

function check(one: Case, seen: readonly Seen[], output: string): void {
  const accepted = one.outcomes.filter((outcome) => outcome.kind === "accepted");
  const got = one.afterwards === "open" ? seen.slice(0, -1) : seen;
  assert.equal(
    got.length,
    accepted.length,
    `requests that were handled: ${JSON.stringify(seen)}\n${JSON.stringify(output)}`,
  );
  for (const [index, outcome] of accepted.entries()) checkRequest(outcome, got[index]!);
  if (one.afterwards === "open") assert.equal(seen.at(-1)?.path, "/behind", "the connection goes on");

  if (one.afterwards === "waiting") assert.equal(output, "", "nothing can be said yet");
  else if (accepted[0]?.version === "HTTP/0.9") assert.equal(output, "request 1\n", "a body and no head");
  else checkResponses(one, output);
}

function checkRequest(outcome: Outcome & { kind: "accepted" }, seen: Seen): void {
  const { method, path, version, body } = seen;
  assert.deepEqual(
    { method, path, version, body },
    { method: outcome.method, path: outcome.path, version: outcome.version, body: outcome.body },
  );
  for (const [name, values] of outcome.fields) assert.deepEqual(seen.headers.getAll(name), values, name);
}

function checkResponses(one: Case, output: string): void {
  const methods = one.outcomes.filter(({ kind }) => kind !== "interim").map(methodOf);
  const responses = parseResponses(output, methods);
  const expected: number[] = one.outcomes.map((outcome) =>
    outcome.kind === "accepted" ? 200 : outcome.status,
  );
  if (one.afterwards === "open") expected.push(200);
  assert.deepEqual(
    responses.map(({ status }) => status),
    expected,
    JSON.stringify(output),
  );
  for (const [index, response] of responses.entries()) {
    assert.equal(response.version, "HTTP/1.1");
    assert.ok(response.isComplete, "the length of the body is right");
    if (response.status < 200) continue;
    assert.match(response.get("date") ?? "", /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    assert.match(response.get("server") ?? "", /^BaseHTTP\//);
    const isLast = index === responses.length - 1;
    assert.equal(response.get("connection") === "close", isLast, "close is said in the last, and only there");
  }
}

function methodOf(outcome: Outcome): string {
  return outcome.kind === "interim" ? "GET" : outcome.method;
}

for (const [file, cases] of readCorpus()) {
  describe(`corpus/${file}`, { timeout: 60_000 }, () => {
    for (const one of cases) {
      const { afterwards, outcomes } = one;
      const short = outcomes.map(summary).join(", ") || "no answer yet";
      it(`${one.name}: ${short}, ${afterwards} (${/RFC \d+ §[\d.]+/.exec(one.rule)![0]})`, async (t) => {
        const whole = notingHandler();
        const { port } = await serving(t, whole.Handler);
        check(one, whole.seen, await overSocket(port, [sent(one)]));

        whole.seen.length = 0;
        check(one, whole.seen, await overSocket(port, slowly(sent(one))));

        const fed = notingHandler();
        check(one, fed.seen, await throughParser(fed.Handler, slowly(sent(one))));
      });
    }
  });
}

function summary(outcome: Outcome): string {
  return outcome.kind === "accepted" ? "accepted" : `${outcome.kind} ${outcome.status}`;
}

describe("the corpus", () => {
  const all = [...readCorpus().values()].flat();

  it("has at least 250 cases, each with a name of its own", () => {
    assert.ok(all.length >= 250, `${all.length} cases`);
    const names = all.map(({ file, name }) => `${file}: ${name}`);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it("is read strictly: what is no case is an error with its line", () => {
    const broken: [text: string, message: RegExp][] = [
      ["> GET", /x\.txt:1: a case begins with ==/],
      ["== a\nRFC 1 §1\n> GET /\\q\nrefused 400\nclosed", /x\.txt:3: an unknown escape/],
      ["== a\nRFC 1 §1\n> GET \nrefused 400\nclosed", /x\.txt:3: a blank at the end/],
      ["== a\nno rule\n> GET /\nrefused 400\nclosed", /'a' cites no section/],
      ["== a\nRFC 1 §1\n> GET /\nrefused 400", /'a' does not say what comes afterwards/],
      ["== a\nRFC 1 §1\n> GET /\nclosed", /'a' has no outcome/],
      ["== a\nRFC 1 §1\n> GET /\nrefuse 400\nclosed", /x\.txt:4: not an outcome/],
    ];
    for (const [text, message] of broken) assert.throws(() => parseCorpus("x.txt", text), message);
  });
});
