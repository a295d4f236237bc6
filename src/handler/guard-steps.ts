// What becomes of the overrides of a handler's steps that are async, although their callers do not wait.

import { ConnectionLostError, HTTPRequestError } from "../errors.ts";
import { guardOverrides, overridesOf, refusePromise } from "../server/guard-overrides.ts";
import { type AnswerSteps, StepFailed, tellError, waitFor } from "./answer-request.ts";

/** They add to the answer: it does not end before they do, and fails with them. */
const ANSWERING: ReadonlySet<string> = new Set([
  "sendResponse",
  "sendResponseOnly",
  "sendHeader",
  "endHeaders",
  "flushHeaders",
  "sendError",
  "sendContinue",
  "sendRedirect",
  "sendExtraHeaders",
  "startRawResponse",
  "writeBody",
  "abortResponse",
  "tellFailure",
  "revalidates",
  "variesByAccept",
]);

/** The answer does without them: that they fail is logged, and nothing else. */
const BESIDE: ReadonlySet<string> = new Set(["logRequest", "logError", "logMessage", "noteRequestBegin"]);

/** Their results are needed at once. */
const DECIDING = [
  "addressString",
  "allowedMethods",
  "dateTimeString",
  "decideTransfer",
  "errorPage",
  "guessType",
  "handleExpect100",
  "hasResponseHeader",
  "isCgi",
  "isExecutable",
  "isPython",
  "logDateTimeString",
  "maySend",
  "maySendOpened",
  "notFoundBecause",
  "remoteUser",
  "translatePath",
  "versionString",
];

const STEPS = [...ANSWERING, ...BESIDE, ...DECIDING];

/** The prototype of a class → its overrides. All instances have the same. */
const overrides = new WeakMap<object, readonly string[]>();

/** Called once for each connection. */
export function guardSteps(steps: AnswerSteps): void {
  const { handler } = steps;
  const prototype = Object.getPrototypeOf(handler) as object;
  let names = overrides.get(prototype);
  if (names === undefined) overrides.set(prototype, (names = overridesOf(handler, STEPS)));
  if (names.length === 0) return;
  guardOverrides(handler, names, (name, promise) => {
    if (ANSWERING.has(name)) return answerAfter(steps, name, promise);
    if (BESIDE.has(name)) return promise.catch((error: unknown) => tellError(steps, error));
    return refusePromise(name, promise);
  });
}

function answerAfter(steps: AnswerSteps, name: string, promise: Promise<unknown>): Promise<unknown> {
  const running = (steps.running ??= new Set());
  running.add(name);
  const rest = promise.then(
    () => void running.delete(name),
    (error: unknown) => {
      running.delete(name);
      if (error instanceof HTTPRequestError || error instanceof ConnectionLostError) throw error;
      // Told at once: the answer may have failed already, because what followed the step did not wait for it.
      tellError(steps, error);
      throw new StepFailed(name);
    },
  );
  waitFor(steps, rest);
  return rest;
}
