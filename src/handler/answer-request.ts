// The answer to one request: its method is called, and its response ended. What is thrown becomes an
// error response, or a visible cut.

import { CGIError, ConnectionLostError, HTTPRequestError, ResponseOrderError } from "../errors.ts";
import type { BadRequestHead, RequestHead } from "../http1/request-head.ts";
import { errorEntry } from "../log/error-entry.ts";
import { LogRecord } from "../log/log-record.ts";
import { writeEntry } from "../log/write-entry.ts";
import type { Connection } from "../server/connection.ts";
import type { ClientAddress } from "../server/server-address.ts";
import type { TCPServer } from "../server/tcp-server.ts";
import {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
  type ErrorPage,
  type ErrorPageValues,
  makeErrorPage,
} from "./error-page.ts";
import type { ExchangeStreams } from "./exchange-streams.ts";
import type { ResponseWriter } from "./response-writer.ts";

/** Of a handler, what everybody may read, set and call. */
export interface AnsweringHandler {
  readonly request: Connection;
  readonly clientAddress: ClientAddress;
  readonly server: TCPServer;
  readonly command: string;
  closeConnection: boolean;
  sendError(code: number, message?: string, explain?: string): void;
  logError(format: string, ...args: unknown[]): void;
  logRequest(code: number | string, size: number | string): void;
}

export interface AnswerSteps {
  readonly handler: AnsweringHandler;
  readonly response: ResponseWriter;
  readonly streams: ExchangeStreams;
  /** What of the answer goes on, whether or not the method has returned it. */
  rest: Promise<unknown> | undefined;
  /** How much of it has not come to its end. */
  unfinished: number;
  /** Steps of it whose overrides are async, and have not come to their end. */
  running: Set<string> | undefined;
  /**
   * Calls the method of the request, if what its client expects can be met; says what is wrong
   * with a head that cannot be used.
   */
  callMethod(head: RequestHead | BadRequestHead): void | Promise<void>;
  /** Ends a response that cannot be completed so that the client sees it, and logs why. */
  abortResponse(reason: string | LogRecord): void;
}

/** An async override of a step has failed. Why is in the log already. */
export class StepFailed extends Error {
  override name = "StepFailed";
}

/** Bytes of a body: so many, in one go, are worth a wait until they have left. Files in memory have less. */
const LARGE = 262_144;

/** Without a promise where nothing is to be waited for: most responses are whole when the method returns. */
export function answerRequest(steps: AnswerSteps, head: RequestHead | BadRequestHead): void | Promise<void> {
  try {
    const handled = steps.callMethod(head);
    if (
      // Whatever can be awaited counts, not only promises of this realm: query builders and test runners have
      // others.
      handled !== undefined ||
      steps.rest !== undefined ||
      steps.streams.hasWriter ||
      steps.response.size > LARGE
    ) {
      return answerLater(steps, handled);
    }
    endResponse(steps);
  } catch (error) {
    fail(steps, error);
  }
  logAnswer(steps);
}

/** The answer ends after `rest` as well. Its error is heard when it is waited for. */
export function waitFor(steps: AnswerSteps, rest: Promise<void>): void {
  const all = steps.rest === undefined ? rest : Promise.all([steps.rest, rest]);
  all.catch(ignore);
  steps.rest = all;
  const finish = (): void => void steps.unfinished--;
  steps.unfinished++;
  rest.then(finish, finish);
}

async function answerLater(steps: AnswerSteps, handled: void | Promise<void>): Promise<void> {
  const { request } = steps.handler;
  try {
    await handled;
    await steps.rest;
    steps.rest = undefined;
    await steps.streams.finishWriting();
    endResponse(steps);
    if (request.isSending) await request.sent();
  } catch (error) {
    fail(steps, error);
  }
  logAnswer(steps);
}

function endResponse(steps: AnswerSteps): void {
  const { handler, response } = steps;
  if (!response.isStarted) {
    throw new ResponseOrderError(
      `do_${handler.command} sent no complete response: call sendResponse() and endHeaders()`,
    );
  }
  const check = response.end();
  if (check === "short") steps.abortResponse("the body is shorter than its Content-Length");
  else if (check === "long") {
    handler.logError("the body is longer than its Content-Length: the rest was not sent");
    handler.closeConnection = true;
  }
}

function fail(steps: AnswerSteps, error: unknown): void {
  const { handler, response, streams } = steps;
  const { request } = handler;
  steps.rest = undefined;
  // What still runs would write into the answer to the next request.
  if (steps.unfinished > 0) handler.closeConnection = true;
  streams.fail();
  const { isStarted } = response;
  if (request.isClosed || streams.isAborted || error instanceof ConnectionLostError) {
    handler.closeConnection = true;
    // A client that has ended its own side only would take the end of the connection for the end of the body.
    if (isStarted && response.endsByClose) request.cut(true);
  } else if (error instanceof StepFailed) {
    answerPlainly(steps);
  } else if (!(error instanceof HTTPRequestError)) {
    const running = [...(steps.running ?? [])];
    const isTooEarly = error instanceof ResponseOrderError && running.length > 0;
    tellError(steps, isTooEarly ? notWaitedFor(running, error) : error);
    if (isStarted) steps.abortResponse("the handler failed");
    else if (isTooEarly) answerPlainly(steps);
    else sendError(steps, error, 500);
  } else if (isStarted) {
    steps.abortResponse(error instanceof CGIError ? recordOf(error) : error.message);
  } else if (error instanceof CGIError) {
    // Its message is about the inside of the server: for the log only.
    handler.logError("%s", recordOf(error));
    sendError(steps, error, error.status);
  } else {
    sendError(steps, error, error.status, error.message, error.explain);
  }
}

/** An override of a step of it can fail as well, most likely the one that has failed before. */
function sendError(
  steps: AnswerSteps,
  cause: unknown,
  ...page: Parameters<AnsweringHandler["sendError"]>
): void {
  try {
    steps.handler.sendError(...page);
  } catch (error) {
    // Thrown on purpose: the exchange is over.
    if (error instanceof ConnectionLostError) throw error;
    if (!isSame(error, cause)) tellError(steps, error);
    answerPlainly(steps, page[0]);
  }
}

/** The last resort: nobody can override it. Nothing follows: who knows what an override still does? */
function answerPlainly(steps: AnswerSteps, status = 500): void {
  const { handler, response } = steps;
  handler.closeConnection = true;
  if (response.isStarted) handler.request.cut(response.endsByClose);
  else response.sendPlainError(handler.command, status);
}

/** The page of an error: an override of `errorPage()` that fails must not leave it without an answer. */
export function pageOrPlainOne(
  values: ErrorPageValues,
  steps: AnswerSteps,
  make: () => ErrorPage,
): ErrorPage {
  try {
    const page = make();
    if (page.body instanceof Uint8Array && typeof page.type === "string") return page;
    throw new TypeError("errorPage() must return { type: string, body: Uint8Array }");
  } catch (error) {
    tellError(steps, error);
    return makeErrorPage(DEFAULT_ERROR_MESSAGE, DEFAULT_ERROR_CONTENT_TYPE, values);
  }
}

/** `handleError()` can be overridden, too. */
export function tellError(
  { handler: { server, request, clientAddress } }: AnswerSteps,
  error: unknown,
): void {
  try {
    server.handleError(request, clientAddress, error);
  } catch (second) {
    writeEntry(server.log, errorEntry(server.logFormat, "Exception in handleError", second));
  }
}

function notWaitedFor(steps: readonly string[], cause: ResponseOrderError): Error {
  const calls = steps.map((name) => `${name}()`).join(", ");
  return new Error(`${calls} is async, and what follows does not wait for it: ${cause.message}`, { cause });
}

function isSame(error: unknown, other: unknown): boolean {
  return error === other || (error instanceof Error && String(error) === String(other));
}

/** Logs the request with what became of its response. */
function logAnswer({ handler, response }: AnswerSteps): void {
  const { status } = response;
  // A response that is lost with its connection did not have the size that was meant to be sent.
  const size = handler.request.socket.destroyed ? response.sentSize : response.size;
  handler.logRequest(status === 0 ? "-" : status, size === 0 ? "-" : size);
}

function recordOf(error: CGIError): LogRecord {
  return new LogRecord(error.message, error.details);
}

function ignore(): void {}
