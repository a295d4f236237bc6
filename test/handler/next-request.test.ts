// The order of a request's steps: its head, its turn, its answer, its end.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HTTPRequestError } from "../../src/errors.ts";
import { BadRequestHead, type RequestHead } from "../../src/http1/request-head.ts";
import type { ExchangeStreams } from "../../src/handler/exchange-streams.ts";
import { serveNext, type TurnSteps } from "../../src/handler/next-request.ts";
import { WAIT } from "../../src/handler/request-loop.ts";
import type { Connection } from "../../src/server/connection.ts";
import { DEFAULT_LIMITS } from "../../src/server/limits.ts";
import type { TCPServer } from "../../src/server/tcp-server.ts";
import { Turns } from "../../src/server/turns.ts";

const HEAD = { method: "GET" } as RequestHead;

interface Prepared {
  readonly steps: TurnSteps;
  readonly turns: Turns;
  readonly notes: string[];
}

/** Steps that note what is done; `takeHead` and `answer` are what the test is about. */
function prepare(
  takeHead: () => RequestHead | undefined,
  answer: () => void | Promise<void> = () => {},
  connection: Partial<Connection> = {},
): Prepared {
  const notes: string[] = [];
  const turns = new Turns(1);
  turns.allowAll();
  const request = {
    takeHead,
    limits: DEFAULT_LIMITS,
    onLost: () => () => {},
    // Asked for when the request is to end.
    get isLastRequest() {
      notes.push(turns.isTaken ? "end within the turn" : "end");
      return false;
    },
    isBodyRead: true,
    ...connection,
  } as Connection;
  const handler = {
    request,
    server: { turns } as TCPServer,
    requestline: "GET / HTTP/1.1",
    bodyFraming: { kind: "none" } as const,
    closeConnection: false,
    logError: (format: string) => void notes.push(format),
  };
  const steps: TurnSteps = {
    handler,
    streams: { hasReader: false } as ExchangeStreams,
    forget: () => void notes.push("forget"),
    answer: (head) => {
      notes.push(head instanceof BadRequestHead ? `refuse ${head.status}` : `answer ${head.method}`);
      return answer();
    },
  };
  return { steps, turns, notes };
}

describe("serveNext", () => {
  it("answers in a turn and ends behind it, without a promise where nothing waits", () => {
    const { steps, notes } = prepare(() => HEAD);
    assert.equal(serveNext(steps), undefined);
    assert.deepEqual(notes, ["answer GET", "end"]);
  });

  it("waits for an answer that takes its time, and keeps the turn as long", async () => {
    let finish!: () => void;
    const { steps, turns, notes } = prepare(
      () => HEAD,
      () => new Promise((resolve) => (finish = resolve)),
    );
    const served = serveNext(steps);
    assert.equal(turns.isTaken, true);
    assert.deepEqual(notes, ["answer GET"]);
    finish();
    await served;
    assert.deepEqual(notes, ["answer GET", "end"]);
  });

  it("forgets the last request and says WAIT when the next is not here", () => {
    const { steps, notes } = prepare(() => undefined);
    assert.equal(serveNext(steps), WAIT);
    assert.deepEqual(notes, ["forget"]);
    assert.equal(steps.handler.closeConnection, false);
  });

  it("closes when there will be none", () => {
    const { steps } = prepare(
      () => undefined,
      () => {},
      { hasNoMoreHeads: true },
    );
    assert.equal(serveNext(steps), undefined);
    assert.equal(steps.handler.closeConnection, true);
  });

  it("lets a head that cannot be used be answered, and passes every other error on", () => {
    const bad = prepare(() => {
      throw new BadRequestHead(new HTTPRequestError(400, "Bad"), "", "");
    });
    assert.equal(serveNext(bad.steps), undefined);
    assert.deepEqual(bad.notes, ["refuse 400", "end"]);
    const broken = prepare(() => {
      throw new RangeError("a bug");
    });
    assert.throws(() => serveNext(broken.steps), RangeError);
    assert.deepEqual(broken.notes, []);
  });

  it("gives the turn back when the answer throws", () => {
    const { steps, turns } = prepare(
      () => HEAD,
      () => {
        throw new RangeError("a bug");
      },
    );
    assert.throws(() => serveNext(steps), RangeError);
    assert.equal(turns.isTaken, false);
  });

  it("does not answer a client that has gone while it waited for its turn", async () => {
    const { steps, turns, notes } = prepare(
      () => HEAD,
      () => {},
      { isClosed: true },
    );
    void turns.take();
    const served = serveNext(steps);
    turns.leave();
    await served;
    assert.deepEqual(notes, []);
    assert.equal(steps.handler.closeConnection, true);
    assert.equal(turns.isTaken, false);
  });
});
