// Owns the course of one row: admit who answers rightly, warm up, then let all take turns, round by round.

import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { busyShare, readTicks, type Cores } from "./cores.ts";
import { openIdle } from "./load/idle-connections.ts";
import { makeFolder, removeFolder } from "./processes.ts";
import type { Entrant, LoadMeasure, Row } from "./row.ts";
import { startServer, type RunningServer } from "./running-server.ts";
import { askForAnswer } from "./same-answer.ts";
import type { Server } from "./servers/server.ts";
import type { Expected } from "./site.ts";
import { median } from "./statistics.ts";

export interface Settings {
  readonly cores: Cores;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** Only ask whether all answer alike. */
  readonly answersOnly: boolean;
  /** Tells somebody who waits how far it is. */
  progress(text: string): void;
}

/** One value of one server in one round. */
export interface Sample {
  readonly value: number;
  readonly p99?: number | undefined;
  readonly faults?: number;
  readonly serverBusy?: number | undefined;
  readonly loadBusy?: number | undefined;
}

type Outcome =
  /** Not installed, or cannot do what the row asks for. */
  | { readonly kind: "absent"; readonly reason: string }
  /** Did not start, answered wrongly, or gave up under load. */
  | { readonly kind: "dropped"; readonly reason: string }
  | { readonly kind: "ran"; readonly samples: readonly Sample[] };

export interface Entry {
  readonly server: Server;
  readonly version: string;
  /** It gave the right answer before any timing; what came later is the outcome. */
  readonly answeredRightly: boolean;
  readonly remarks: readonly string[];
  readonly outcome: Outcome;
}

export interface RowResult {
  readonly row: Row;
  /** `undefined` when what the row asks for could not be made. */
  readonly expected: Expected | undefined;
  readonly entries: readonly Entry[];
}

/** A server on its way through the row; whoever has a `leaves` takes no more turns. */
interface Contestant extends Entrant {
  version: string;
  answeredRightly: boolean;
  running: RunningServer | undefined;
  leaves: Exclude<Outcome, { kind: "ran" }> | undefined;
  readonly remarks: Set<string>;
  readonly samples: Sample[];
}

/** Before each burst. */
const PAUSE_MS = 200;

/** One row from its folder to its values. Nothing that it started runs on. */
export async function runRow(row: Row, settings: Settings): Promise<RowResult> {
  const folder = makeFolder("site");
  const site = join(folder, "site");
  mkdirSync(site, { mode: 0o755 });
  const contestants = row.entrants.map(enter);
  try {
    const expected = await row.content.create(site, folder);
    await contest({ row, site, expected, settings, contestants });
    return { row, expected, entries: contestants.map(report) };
  } catch (error) {
    for (const contestant of contestants) contestant.leaves ??= { kind: "absent", reason: message(error) };
    return { row, expected: undefined, entries: contestants.map(report) };
  } finally {
    await Promise.all(contestants.map(stop));
    removeFolder(folder);
  }
}

/** What a row's steps have in common. */
interface Contest {
  readonly row: Row;
  readonly site: string;
  readonly expected: Expected;
  readonly settings: Settings;
  readonly contestants: readonly Contestant[];
}

async function contest(all: Contest): Promise<void> {
  const { row, settings, contestants } = all;
  settings.progress(`${row.name}: do all answer alike?`);
  for (const contestant of contestants) {
    await attempt(contestant, () => admit(all, contestant));
    if (contestant.measure.kind === "start") await stop(contestant);
  }
  if (settings.answersOnly) return;
  for (const contestant of inTurn(contestants, 0)) await attempt(contestant, () => warmUp(all, contestant));
  for (let round = 0; round < settings.rounds; round += 1) {
    settings.progress(`${row.name}: round ${round + 1} of ${settings.rounds}`);
    for (const contestant of inTurn(contestants, round)) {
      await attempt(contestant, () => takeTurn(all, contestant));
    }
  }
  for (const contestant of contestants) noteLogging(contestant, row);
}

async function admit(all: Contest, contestant: Contestant): Promise<void> {
  const found = contestant.server.find();
  if (found.kind === "missing") {
    contestant.leaves = { kind: "absent", reason: found.reason };
    return;
  }
  contestant.version = found.version;
  const running = await start(all, contestant);
  const { measure } = contestant;
  const verdict =
    measure.kind === "load"
      ? await measure.load.ask(running.origin, all.expected)
      : await askForAnswer(running.origin, all.expected);
  if (verdict.kind === "different") throw new Error(`answers wrongly: ${verdict.reason}`);
  contestant.answeredRightly = true;
  // One answer is all that a start asks for.
  if (measure.kind === "load" && !verdict.keepsConnection) contestant.remarks.add("a connection per request");
}

/** Files get into the page cache, and just-in-time compilers to work, before anything counts. */
async function warmUp(all: Contest, contestant: Contestant): Promise<void> {
  const { measure, running } = contestant;
  if (measure.kind !== "load" || !running) return;
  const found = measure.load.find();
  if (found.kind === "missing")
    throw new Error(`${measure.load.package?.name ?? "the load generator"} is ${found.reason}`);
  noteFaults(contestant, await burst(all, running, measure, all.settings.warmUp * (measure.warmUps ?? 1)));
}

async function takeTurn(all: Contest, contestant: Contestant): Promise<void> {
  const { measure, running, samples } = contestant;
  if (measure.kind === "start") {
    const values: number[] = [];
    for (let turn = 0; turn < measure.perRound; turn += 1) {
      values.push(await measure.read(await start(all, contestant), all.expected, all.site));
      await stop(contestant);
    }
    samples.push({ value: median(values) });
  } else if (running) {
    const sample = await burst(all, running, measure, all.settings.seconds);
    samples.push(sample);
    noteFaults(contestant, sample);
  }
}

/** One short load on one server. The pause lets the last one's threads, scripts and connections end outside the measured time. */
async function burst(
  all: Contest,
  running: RunningServer,
  { load, idle = 0 }: LoadMeasure,
  seconds: number,
): Promise<Sample> {
  const { cores } = all.settings;
  running.shortenLogs();
  const beside = await openIdle(running.origin, all.expected, idle);
  try {
    await delay(PAUSE_MS);
    const [server, generator] = [readTicks(cores.server), readTicks(cores.load)];
    const { perSecond, p99, faults } = await load.run(running.origin, all.expected, seconds, cores.load);
    const serverBusy = busyShare(server, readTicks(cores.server));
    const loadBusy = busyShare(generator, readTicks(cores.load));
    if (running.hasEnded()) throw new Error(`ended under load: ${running.lastWords()}`);
    return { value: perSecond, p99, faults: faults + beside.lost(), serverBusy, loadBusy };
  } finally {
    await beside.close();
    // The server has to clean up after each of them, on the core that the next one in turn needs.
    if (idle > 0) await delay(5 * PAUSE_MS);
  }
}

/** Peers may stumble and stay, with a remark; htbin may not. */
function noteFaults({ server, remarks }: Contestant, { faults = 0 }: Sample): void {
  if (faults === 0) return;
  if (server.isHtbin) throw new Error(`${faults} wrong or missing answers under load`);
  remarks.add("some answers wrong or missing under load");
}

/** Not what the configuration says, but what is in the files. */
function noteLogging({ running, leaves, remarks }: Contestant, row: Row): void {
  if (running && !leaves && !running.hasLogged(row.content.path)) remarks.add("wrote no access log");
}

/** Another one begins each round, so that nobody always follows the same neighbour. */
function inTurn(contestants: readonly Contestant[], round: number): Contestant[] {
  const staying = contestants.filter((contestant) => contestant.leaves === undefined);
  const first = staying.length === 0 ? 0 : round % staying.length;
  return [...staying.slice(first), ...staying.slice(0, first)];
}

async function attempt(contestant: Contestant, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    contestant.leaves = { kind: "dropped", reason: message(error) };
    await stop(contestant);
  }
}

async function start({ site, expected, settings }: Contest, contestant: Contestant): Promise<RunningServer> {
  contestant.running = await startServer(contestant.server, site, settings.cores.server, expected.path);
  return contestant.running;
}

async function stop(contestant: Contestant): Promise<void> {
  await contestant.running?.stop();
  contestant.running = undefined;
}

function enter({ server, measure }: Entrant): Contestant {
  const remarks = new Set<string>();
  return {
    server,
    measure,
    version: "",
    answeredRightly: false,
    running: undefined,
    leaves: undefined,
    remarks,
    samples: [],
  };
}

function report({ server, version, answeredRightly, remarks, leaves, samples }: Contestant): Entry {
  return {
    server,
    version,
    answeredRightly,
    remarks: [...remarks],
    outcome: leaves ?? { kind: "ran", samples },
  };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
