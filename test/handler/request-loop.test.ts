// One request after the other, each answered at once or later, until the last.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection } from "../../src/server/connection.ts";
import { type RequestSteps, serveRequests, WAIT } from "../../src/handler/request-loop.ts";

type Served = ReturnType<RequestSteps["serveNext"]>;

/** Steps that serve what a test has prepared; after the last of it the connection ends. */
function stepsOf(
  prepared: readonly (() => Served)[],
): RequestSteps & { wake(): void; readonly waits: number } {
  let callback: (() => void) | undefined;
  let waits = 0;
  let next = 0;
  const request = {
    whenHead(told: () => void) {
      waits++;
      callback = told;
    },
  } as Connection;
  return {
    handler: {
      request,
      get closeConnection() {
        return next === prepared.length;
      },
    },
    serveNext: () => prepared[next++]!(),
    wake: () => callback!(),
    get waits() {
      return waits;
    },
  };
}

describe("serveRequests", () => {
  it("serves a hundred thousand requests that are all there, one after the other", async () => {
    let served = 0;
    const steps = stepsOf(Array.from({ length: 100_000 }, () => () => void served++));
    await serveRequests(steps, Infinity);
    assert.equal(served, 100_000);
  });

  it("waits for the end of one before it begins the next", async () => {
    const order: string[] = [];
    const { promise, resolve } = deferred();
    const later = async (): Promise<void> => {
      order.push("first begins");
      await promise;
      order.push("first ends");
    };
    const run = serveRequests(stepsOf([later, () => void order.push("second")]), Infinity);
    resolve();
    await run;
    assert.deepEqual(order, ["first begins", "first ends", "second"]);
  });

  it("asks again when it is told that there is more, and counts no waiting as a request", async () => {
    const steps = stepsOf([() => WAIT, () => WAIT, () => {}, () => assert.fail("beyond the count")]);
    const run = serveRequests(steps, 1);
    steps.wake();
    steps.wake();
    await run;
    assert.equal(steps.waits, 2);
  });

  it("rejects with whatever is thrown, at once or later", async () => {
    const thrown = new Error("thrown");
    const throwing = (): never => {
      throw thrown;
    };
    await assert.rejects(serveRequests(stepsOf([throwing]), Infinity), thrown);
    await assert.rejects(serveRequests(stepsOf([() => Promise.reject(thrown)]), Infinity), thrown);
    await assert.rejects(serveRequests(stepsOf([async () => {}, throwing]), Infinity), thrown);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
