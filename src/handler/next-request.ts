// The next request of a connection: its head is taken, it waits for its turn, and
// the one behind it for its end.

import { BadRequestHead, type RequestHead } from "../http1/request-head.ts";
import type { Connection } from "../server/connection.ts";
import type { TCPServer } from "../server/tcp-server.ts";
import { type EndingHandler, endRequest } from "./end-request.ts";
import type { ExchangeStreams } from "./exchange-streams.ts";
import { WAIT } from "./request-loop.ts";
import { returnsInTime } from "./returns-in-time.ts";

type Head = RequestHead | BadRequestHead;

/** Of a handler, what everybody may read, set and call. */
export interface WaitingHandler extends EndingHandler {
  readonly server: TCPServer;
  readonly requestline: string;
  logError(format: string, ...args: unknown[]): void;
}

export interface TurnSteps {
  readonly handler: WaitingHandler;
  readonly streams: ExchangeStreams;
  /** The next request is not here yet, and nothing is to be kept of the last. */
  forget(): void;
  answer(head: Head): void | Promise<void>;
}

/**
 * Handles the next request if it is here. Without a promise where its turn begins at once and
 * its answer waits for nothing.
 */
export function serveNext(steps: TurnSteps): void | Promise<void> | typeof WAIT {
  const { handler } = steps;
  const head = takeHead(handler.request);
  if (head !== undefined) return serveInTurn(steps, head);
  steps.forget();
  if (!handler.request.hasNoMoreHeads) return WAIT;
  handler.closeConnection = true;
}

/** @returns for a head that cannot be used as much of it as could be read */
function takeHead(request: Connection): Head | undefined {
  try {
    return request.takeHead();
  } catch (error) {
    if (error instanceof BadRequestHead) return error;
    throw error;
  }
}

function serveInTurn(steps: TurnSteps, head: Head): void | Promise<void> {
  const turn = steps.handler.server.turns.take();
  return turn === undefined ? serve(steps, head) : serveAfter(turn, steps, head);
}

async function serveAfter(turn: Promise<void>, steps: TurnSteps, head: Head): Promise<void> {
  const { handler } = steps;
  await turn;
  if (!handler.request.isClosed) return serve(steps, head);
  // Nobody waits for the answer any more, and others wait for their turn.
  handler.closeConnection = true;
  handler.server.turns.leave();
}

function serve(steps: TurnSteps, head: Head): void | Promise<void> {
  const { handler, streams } = steps;
  const { turns } = handler.server;
  let answered: void | Promise<void>;
  try {
    answered = steps.answer(head);
  } catch (error) {
    turns.leave();
    throw error;
  }
  // Others have their turn then: what is left to read of this request concerns this connection alone.
  if (answered instanceof Promise) return serveLater(steps, answered);
  turns.leave();
  return endRequest(handler, streams);
}

async function serveLater(steps: TurnSteps, answered: Promise<void>): Promise<void> {
  const { handler, streams } = steps;
  let isEnded: boolean;
  try {
    isEnded = await returnsInTime(answered, handler.request, handler.request.limits);
  } finally {
    handler.server.turns.leave();
  }
  if (isEnded) return endRequest(handler, streams);
  handler.closeConnection = true;
  handler.logError("'%s' is still handled although its client has gone: not waited for", handler.requestline);
}
