// One server's part of a soak: warm up, look, send, wait until nothing moves any more, look again, and ask once more.

import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { carryOut } from "./client.ts";
import type { Leak } from "./leaks.ts";
import { LogCheck } from "./log-check.ts";
import { Planner } from "./plan.ts";
import type { Reading } from "./reading.ts";
import type { Result } from "./report.ts";
import type { ServerName } from "./requests.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { SMALL, SMALL_TEXT } from "./site.ts";
import { compare, describeGrowth, hasGrown } from "./verdict.ts";

/** Connections at once: more than cores, fewer than the places of scripts, so that none is told to come again. */
const AT_ONCE = 24;

/** Milliseconds between two looks, how long nothing may have changed before it counts as final, and how long to wait at most. */
const LOOK_EVERY = 250;
const SETTLED_AFTER = 6_000;
const SETTLE_LIMIT = 40_000;

export interface Assignment {
  readonly name: ServerName;
  readonly title: string;
  readonly site: string;
  readonly requests: number;
  /** Milliseconds after which no further connection is made. */
  readonly time: number;
  readonly seed: number;
  readonly leaks: readonly Leak[];
}

interface Sent {
  requests: number;
  broken: number;
  connections: number;
}

export async function soakServer(assignment: Assignment): Promise<Result> {
  const logFile = join(assignment.site, ".stderr.log");
  await using server = await startServer(assignment.name, assignment.site, logFile, assignment.leaks);
  return await new Soak(assignment, server).run();
}

class Soak {
  readonly #assignment: Assignment;
  readonly #server: RunningServer;
  readonly #planner: Planner;
  readonly #log = new LogCheck();
  readonly #problems: string[] = [];
  #wrongAnswers = 0;
  #connections = 0;

  constructor(assignment: Assignment, server: RunningServer) {
    this.#assignment = assignment;
    this.#server = server;
    this.#planner = new Planner(assignment.name, assignment.seed);
  }

  async run(): Promise<Result> {
    const { requests, time, title } = this.#assignment;
    const fresh = await this.#server.reading();
    // What a server makes once and keeps, caches and compiled code, is made before the look that counts.
    await this.#send(Math.min(Math.max(Math.ceil(requests / 5), 200), 5_000), time / 4);
    const warm = await this.#settle(fresh);
    const began = performance.now();
    const sent = await this.#send(requests, time);
    const seconds = (performance.now() - began) / 1000;
    // Nothing that can be counted may be there that was not there before the very first request.
    const before: Reading = { ...fresh, heap: warm.heap, buffers: warm.buffers };
    const after = await this.#settle(before);
    await this.#askOnceMore();
    const code = await this.#server.stop();
    if (code !== 0) this.#problems.push(`it ended with ${code ?? "nothing less than SIGKILL"} in place of 0`);
    const measures = compare(before, after);
    for (const measure of measures.filter(hasGrown)) this.#problems.push(describeGrowth(measure));
    this.#problems.push(...this.#log.check(this.#server.log()));
    if (this.#wrongAnswers > 5) this.#problems.push(`${this.#wrongAnswers} connections went wrong so`);
    return { title, ...sent, seconds, logLines: this.#log.lines, measures, problems: this.#problems };
  }

  async #send(requests: number, time: number): Promise<Sent> {
    const sent: Sent = { requests: 0, broken: 0, connections: 0 };
    const end = performance.now() + time;
    const work = async (): Promise<void> => {
      while (sent.requests < requests && performance.now() < end) {
        const plan = this.#planner.next();
        sent.requests += plan.requests;
        sent.broken += plan.broken;
        sent.connections++;
        const address = sourceAddress(++this.#connections);
        this.#log.expect(address, plan);
        const problem = await carryOut(plan, this.#server.port, address);
        if (problem !== undefined) this.#noteProblem(problem);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return sent;
  }

  #noteProblem(problem: string): void {
    this.#wrongAnswers++;
    if (this.#wrongAnswers <= 5) this.#problems.push(problem);
  }

  /**
   * Connections linger, scripts get their grace: looks again until there is no more than before, or nothing changes any more.
   */
  async #settle(goal: Reading): Promise<Reading> {
    const began = performance.now();
    let least = await this.#server.reading();
    let changed = began;
    for (;;) {
      const now = performance.now();
      const isFine = !compare(goal, least).some(hasGrown);
      if (isFine || now - changed > SETTLED_AFTER || now - began > SETTLE_LIMIT) return least;
      await delay(LOOK_EVERY);
      const next = await this.#server.reading();
      if (isLess(next, least)) changed = performance.now();
      least = next;
    }
  }

  /** A server that has survived all that still answers as on its first day. */
  async #askOnceMore(): Promise<void> {
    this.#log.expect("127.0.0.1", { least: 1, most: 1 });
    try {
      const response = await fetch(`http://127.0.0.1:${this.#server.port}/${SMALL}`, {
        signal: AbortSignal.timeout(10_000),
      });
      const text = await response.text();
      if (response.status !== 200 || text !== SMALL_TEXT)
        this.#problems.push(`afterwards it answered ${response.status} ${JSON.stringify(text.slice(0, 80))}`);
    } catch (error) {
      this.#problems.push(`afterwards it answered no more: ${String(error)}`);
    }
  }
}

function isLess(next: Reading, before: Reading): boolean {
  return (
    (next.files ?? 0) < (before.files ?? 0) ||
    (next.processes ?? 0) < (before.processes ?? 0) ||
    next.resources < before.resources
  );
}

/**
 * On Linux each connection comes from an address of its own, so that its lines in the log are its own, and so that the system does
 * not run out of ports while it remembers those that were closed. Elsewhere the loopback has one address.
 */
function sourceAddress(connection: number): string {
  if (process.platform !== "linux") return "127.0.0.1";
  const number = connection + 1;
  return `127.${1 + ((number >> 16) & 63)}.${(number >> 8) & 255}.${number & 255}`;
}
