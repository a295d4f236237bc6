// Owns what a load generator is: something that asks one server the same thing for a while and tells what came of it.

import type { Expected } from "../site.ts";
import type { Verdict } from "../same-answer.ts";
import type { Presence } from "../servers/server.ts";

export interface Burst {
  /** Requests, or megabytes, per second: the unit of the row says which. */
  readonly perSecond: number;
  /** Time within which 99 of 100 answers came, in milliseconds. */
  readonly p99: number | undefined;
  /** Answers that were wrong, cut or missing. */
  readonly faults: number;
}

export interface Load {
  /** For the head of the table: the program and its settings. */
  readonly said: string;
  readonly package?: { readonly from: "debian"; readonly name: string };
  find(): Presence;
  /** Asks as it will ask under load, and compares what comes. */
  ask(origin: string, expected: Expected): Promise<Verdict>;
  run(origin: string, expected: Expected, seconds: number, core: number | undefined): Promise<Burst>;
}

/** As many as wrk's users take; more than any server here needs to be busy. */
export const CONNECTIONS = 32;
