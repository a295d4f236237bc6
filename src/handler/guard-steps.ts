// What becomes of the overrides of a handler's steps that are async, although their callers do not wait.

import { ConnectionLostError, HTTPRequestError } from "../errors.ts";
import { guardOverrides, overridesOf, refusePromise, type StepKind } from "../server/guard-overrides.ts";
import { type AnswerSteps, StepFailed, tellError, waitFor } from "./answer-request.ts";

/** The prototype of a class → its overrides. All instances have the same. */
const overrides = new WeakMap<object, ReadonlyMap<string, StepKind>>();

/** Called once for each connection. */
export function guardSteps(steps: AnswerSteps): void {
  const { handler } = steps;
  const prototype = Object.getPrototypeOf(handler) as object;
  let overridden = overrides.get(prototype);
  if (overridden === undefined) overrides.set(prototype, (overridden = overridesOf(handler)));
  if (overridden.size === 0) return;
  guardOverrides(handler, overridden, (name, kind, promise) => {
    switch (kind) {
      case "answers":
        return answerAfter(steps, name, promise);
      case "beside":
        return promise.catch((error: unknown) => tellError(steps, error));
      case "decides":
        return refusePromise(name, promise);
      default:
        return kind satisfies never;
    }
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
