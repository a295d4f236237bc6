// Overrides that are async where nobody waits, that throw, or that return nonsense: the process stays up, the client sees it, the log says why.

// The very mistakes that this is about, which the linter would find:
// oxlint-disable typescript/no-misused-promises, typescript/no-floating-promises

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HTTPRequestError } from "../../src/errors.ts";
import { HTTPMessage } from "../../src/http1/http-message.ts";
import type { ErrorPage } from "../../src/handler/error-page.ts";
import { parseResponses } from "../raw-client.ts";
import { TestHandler } from "../server/serving.ts";
import { feed } from "./fed.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** Answers in the usual way. */
class Answering extends TestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 5);
    this.endHeaders();
    this.writeBody("hello");
  }
}

/** A handler in which `name` is overridden by this. */
function overriding(name: string, step: (this: Answering, ...args: never[]) => unknown): typeof Answering {
  const Handler = class extends Answering {};
  Object.defineProperty(Handler.prototype, name, { value: step });
  return Handler;
}

async function later(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function messages(errors: readonly unknown[]): string[] {
  return errors.map((error) => (error instanceof Error ? error.message : String(error)));
}

/** The statuses of the responses that are whole: in these tests only the last can be another one. */
function wholeStatuses(output: string): string {
  try {
    return parseResponses(output)
      .map(({ status }) => status)
      .join(",");
  } catch {
    return "";
  }
}

/** No rejection is left unheard: node:test fails a test that leaves one. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await later();
}

describe("an override of endHeaders() that is async", () => {
  it("and waits for nothing: the answer is whole", async () => {
    class Handler extends Answering {
      override async endHeaders(): Promise<void> {
        this.sendHeader("X-Added", "1");
        super.endHeaders();
      }
    }
    const { output, errors } = await feed(Handler, GET + GET);
    assert.deepEqual(
      parseResponses(output).map((each) => [each.status, each.get("x-added"), each.body.toString()]),
      [
        [200, "1", "hello"],
        [200, "1", "hello"],
      ],
    );
    assert.deepEqual(errors, []);
  });

  it("and waits, in a response without a body: the answer waits with it", async () => {
    class Handler extends TestHandler {
      do_GET(): void {
        this.sendResponse(204);
        this.endHeaders();
      }
      override async endHeaders(): Promise<void> {
        await later();
        super.endHeaders();
      }
    }
    const { output, errors } = await feed(Handler, GET + GET);
    assert.deepEqual(
      parseResponses(output).map(({ status }) => status),
      [204, 204],
    );
    assert.deepEqual(errors, []);
  });

  it("and waits, with a body behind it: 500, and the log says that nothing waits for it", async () => {
    class Handler extends Answering {
      override async endHeaders(): Promise<void> {
        await later();
        super.endHeaders();
      }
    }
    const { output, errors } = await feed(Handler, GET);
    await settled();
    const [response, ...more] = parseResponses(output);
    assert.deepEqual([response?.status, more.length], [500, 0]);
    assert.match(messages(errors)[0]!, /^endHeaders\(\) is async, and what follows does not wait for it/);
  });

  it("and rejects: 500, and the log has the reason", async () => {
    const reason = new Error("no such database");
    for (const wait of [async () => {}, later]) {
      class Handler extends Answering {
        override async endHeaders(): Promise<void> {
          await wait();
          throw reason;
        }
      }
      const { output, errors, log } = await feed(Handler, GET + GET);
      await settled();
      const [response, ...more] = parseResponses(output);
      assert.deepEqual([response?.status, more.length], [500, 0]);
      assert.doesNotMatch(output, /database/);
      assert.ok(errors.includes(reason));
      assert.match(log.at(-1)!, /"GET \/ HTTP\/1.1" 500/);
    }
  });

  it("and rejects when the head has gone: the body is visibly cut", async () => {
    class Handler extends TestHandler {
      do_GET(): void {
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("part");
      }
      override async endHeaders(): Promise<void> {
        super.endHeaders();
        await later();
        throw new Error("too late");
      }
    }
    const { output, errors } = await feed(Handler, GET + GET);
    assert.equal(output.match(/HTTP\/1\.1/g)?.length, 1);
    assert.doesNotMatch(output, /\r\n0\r\n\r\n$/);
    assert.deepEqual(messages(errors), ["too late"]);
  });

  it("and throws an HTTPRequestError: that is the answer", async () => {
    class Handler extends TestHandler {
      #isFirst = true;
      do_HEAD(): void {
        this.sendResponse(200);
        this.endHeaders();
      }
      override async endHeaders(): Promise<void> {
        await later();
        if (this.#isFirst) {
          this.#isFirst = false;
          throw new HTTPRequestError(403, "Not you");
        }
        super.endHeaders();
      }
    }
    const { output } = await feed(Handler, GET.replace("GET", "HEAD"));
    assert.match(output, /^HTTP\/1\.1 403 /);
  });
});

describe("an override that rejects, of each other step", () => {
  const rejects = async (): Promise<never> => {
    await later();
    throw new Error("rejected");
  };
  const cases: readonly (readonly [name: string, statuses: RegExp, told: RegExp])[] = [
    ["sendResponse", /^500$/, /sendResponse\(\) is async|rejected/],
    ["sendResponseOnly", /^500$/, /sendResponseOnly\(\) is async|rejected/],
    ["sendHeader", /^200$/, /sendHeader\(\) is async|rejected/],
    ["flushHeaders", /^200$/, /^rejected$/],
    ["writeBody", /^200$/, /^rejected$/],
    ["logRequest", /^200,200$/, /^rejected$/],
    ["logMessage", /^200,200$/, /^rejected$/],
    ["versionString", /^500$/, /versionString\(\) returned a promise/],
    ["dateTimeString", /^500$/, /dateTimeString\(\) returned a promise/],
    ["noteRequestBegin", /^200,200$/, /^rejected$/],
    ["dispatch", /^500,500$/, /^rejected$/],
  ];
  for (const [name, statuses, told] of cases) {
    it(`${name}()`, async () => {
      const { output, errors } = await feed(overriding(name, rejects), GET + GET);
      await settled();
      assert.match(wholeStatuses(output), statuses);
      assert.match(messages(errors)[0] ?? "nothing was told", told);
    });
  }

  it("handleExpect100(): 500, and no 100", async () => {
    const Handler = overriding("handleExpect100", rejects);
    const { output, errors } = await feed(
      Handler,
      "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    );
    await settled();
    assert.match(output, /^HTTP\/1\.1 500 /);
    assert.match(messages(errors)[0]!, /handleExpect100\(\) returned a promise/);
  });

  it("sendError() and errorPage()", async () => {
    for (const name of ["sendError", "errorPage", "logError"]) {
      const { output, errors } = await feed(overriding(name, rejects), "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
      await settled();
      assert.match(output, /^HTTP\/1\.1 50[01] /, name);
      assert.match(messages(errors)[0]!, /errorPage\(\) returned a promise|rejected/, name);
    }
  });

  it("a field of the instance that is an async function: the same as a method", async () => {
    const Handler = class extends Answering {};
    const feedIt = class extends Handler {
      constructor(...args: ConstructorParameters<typeof Handler>) {
        super(...args);
        Object.assign(this, { endHeaders: rejects });
      }
    };
    const { output } = await feed(feedIt, GET);
    await settled();
    assert.match(output, /^HTTP\/1\.1 500 /);
  });
});

describe("an override that throws", () => {
  const fails = (): never => {
    throw new Error("thrown");
  };

  it("errorPage(): the plain page goes out, with the status and its fields, and the connection goes on", async () => {
    class Handler extends TestHandler {
      do_GET(): void {
        this.sendError(404, "Not here", "Look elsewhere", { "X-More": "1" });
      }
      protected override errorPage(): ErrorPage {
        return fails();
      }
    }
    const { output, errors } = await feed(Handler, GET + GET);
    const responses = parseResponses(output);
    assert.deepEqual(
      responses.map((each) => [each.status, each.get("x-more")]),
      [
        [404, "1"],
        [404, "1"],
      ],
    );
    assert.match(responses[0]!.body.toString(), /Not here[^]*Look elsewhere/);
    assert.deepEqual(messages(errors), ["thrown", "thrown"]);
  });

  it("errorPage() that returns what is no page: the same", async () => {
    for (const nonsense of [
      undefined,
      null,
      {},
      "text",
      { type: "text/plain", body: "text" },
      { body: Buffer.from("x") },
    ]) {
      const { output, errors } = await feed(
        overriding("errorPage", () => nonsense),
        "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
      );
      assert.match(output, /^HTTP\/1\.1 501 [^]*<h1>/);
      assert.equal(errors.length, 1);
    }
  });

  it("endHeaders(), sendHeader(), sendResponse(), sendError(), versionString(), logError(): a plain 500, told once", async () => {
    for (const name of ["endHeaders", "sendHeader", "sendResponse", "versionString", "dateTimeString"]) {
      const { output, errors, log } = await feed(overriding(name, fails), GET);
      const [response] = parseResponses(output);
      assert.deepEqual(
        [response?.status, response?.body.toString()],
        [500, "500 Internal Server Error\n"],
        name,
      );
      assert.deepEqual(messages(errors), ["thrown"], name);
      assert.equal(log.at(-1), '"GET / HTTP/1.1" 500 26', name);
    }
  });

  it("also for a request that cannot be read", async () => {
    for (const name of ["endHeaders", "sendError", "logError"]) {
      const { output } = await feed(overriding(name, fails), "GET / HTTP/1.1\r\n\r\n");
      assert.match(output, /^HTTP\/1\.1 [45]00 /, name);
    }
  });

  it("MessageClass: 500", async () => {
    class Handler extends Answering {
      override MessageClass = class extends HTTPMessage {
        constructor() {
          super([]);
          fails();
        }
      };
    }
    const { output } = await feed(Handler, GET);
    assert.match(output, /^HTTP\/1\.1 500 /);
  });
});
