// Overrides of the file server's steps that are async by mistake, or return nonsense: 500, the log says why, and the next request is answered.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimpleHTTPRequestHandler } from "../../src/files/simple-http-request-handler.ts";
import { feed } from "../handler/fed.ts";
import { parseResponses } from "../raw-client.ts";

const GET = "GET /package.json HTTP/1.1\r\nHost: a\r\n\r\n";

async function rejects(): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  throw new Error("rejected");
}

class Quiet extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

function overriding(name: string, value: (...args: never[]) => unknown): typeof Quiet {
  const Handler = class extends Quiet {};
  Object.defineProperty(Handler.prototype, name, { value });
  return Handler;
}

async function outcome(name: string, step: (...args: never[]) => unknown, request = GET): Promise<string[]> {
  const { output, errors } = await feed(overriding(name, step), request);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  const statuses = [...output.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((match) => match[1]!);
  return [...statuses, ...errors.map((error) => (error as Error).message)];
}

describe("an override of a file server's step", () => {
  for (const name of ["translatePath", "guessType", "hasResponseHeader", "decideTransfer"]) {
    it(`${name}() that rejects: 500, and the log says that it must not be async`, async () => {
      const [status, told] = await outcome(name, rejects);
      assert.equal(status, "500");
      assert.match(told!, new RegExp(`^${name}\\(\\) returned a promise`));
    });
  }

  it("endHeaders() that waits before it adds a field: 500 with a plain page, and not the end of the process", async () => {
    const step = async function (this: Quiet): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve));
      this.sendHeader("X-Late", "1");
      SimpleHTTPRequestHandler.prototype.endHeaders.call(this);
    };
    const [status, told] = await outcome("endHeaders", step);
    assert.equal(status, "500");
    assert.match(told!, /^endHeaders\(\) is async, and what follows does not wait for it/);
  });

  it("sendHead(), do_GET(), copyFile(), listDirectory() that reject: 500, or a body that is visibly cut", async () => {
    for (const name of ["sendHead", "do_GET"]) {
      assert.deepEqual(await outcome(name, rejects), ["500", "rejected"], name);
    }
    assert.deepEqual(await outcome("copyFile", rejects), ["200", "rejected"]);
    assert.deepEqual(await outcome("listDirectory", rejects, GET.replace("package.json", "test/")), [
      "500",
      "rejected",
    ]);
  });

  it("translatePath() and guessType() that return nonsense: an error, and the next request is answered", async () => {
    for (const nonsense of [undefined, null, 7, {}]) {
      for (const name of ["translatePath", "guessType"]) {
        const { output } = await feed(
          overriding(name, () => nonsense),
          GET + GET.replace("GET", "OPTIONS"),
        );
        const [first, second] = parseResponses(output);
        assert.ok(first!.status >= 200 && first!.status <= 500, name);
        assert.equal(second!.status, 204, `${name} ${JSON.stringify(nonsense)}`);
      }
    }
  });
});
