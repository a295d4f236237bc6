// What waits for the end of the turn of the event loop: requests that all sockets have
// brought, then the answers to them.

import { asOneTurn } from "./turn-clock.ts";

/** Something with input that can be answered now. */
export interface InputHolder {
  /** @param batch see `currentBatch` */
  useInput(batch: number): void;
}

/** Something with output that can leave now. */
export interface OutputHolder {
  flushScheduled(): void;
}

let inputs: InputHolder[] = [];
let outputs: OutputHolder[] = [];
let isScheduled = false;
let batches = 0;
let current = 0;

/**
 * Calls `useInput` at the end of the turn, together with all others. Whatever is looked up
 * then, such as the state of a file, is looked up after all requests of the batch have arrived,
 * and so is true for each of them.
 */
export function answerAtEndOfTurn(holder: InputHolder): void {
  inputs.push(holder);
  schedule();
}

/**
 * Calls `flushScheduled` at the end of the turn, when everything has been answered. Answers that are written
 * one by one, as they are made, each wake a client that had just gone to sleep: on a busy server that costs
 * as much as making the answer.
 */
export function flushAtEndOfTurn(holder: OutputHolder): void {
  outputs.push(holder);
  schedule();
}

/**
 * The number of the batch that is being answered at this very moment; 0 at all other times, and
 * for a request that is alone.
 */
export function currentBatch(): number {
  return current;
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  asOneTurn(answerAll);
}

function answerAll(): void {
  isScheduled = false;
  const ready = inputs;
  inputs = [];
  if (ready.length > 1) current = ++batches;
  for (const holder of ready) holder.useInput(current);
  current = 0;

  const full = outputs;
  outputs = [];
  for (const holder of full) holder.flushScheduled();
}
