// Owns the cores: which one the servers get, which one the load generator gets, and how busy each was (Linux's /proc).

import { readFileSync } from "node:fs";

import { askProgram } from "./processes.ts";

/** `undefined` where nothing can be pinned: no taskset, or no Linux. */
export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
  /** For the head of the table. */
  readonly said: string;
}

/** Time that a core has spent since the machine started, in ticks. */
export interface Ticks {
  readonly busy: number;
  readonly total: number;
}

/** The first core that we may use serves; the first one that is not its hyper-thread makes the load. */
export function chooseCores(): Cores {
  const allowed = allowedCores();
  const [server] = allowed;
  if (server === undefined || askProgram("taskset", ["--version"]) === undefined) {
    return {
      server: undefined,
      load: undefined,
      said: "nothing is pinned, because taskset is not installed",
    };
  }
  const twins = parseCoreList(readText(`/sys/devices/system/cpu/cpu${server}/topology/thread_siblings_list`));
  const load = allowed.find((core) => !twins.includes(core)) ?? allowed[1] ?? server;
  return { server, load, said: describeCores(server, load, twins) };
}

/** Puts a command on a core. */
export function pinned(core: number | undefined, argv: readonly string[]): readonly string[] {
  return core === undefined ? argv : ["taskset", "-c", String(core), ...argv];
}

/** Moves the bench itself, all its threads, to the core of the load: it polls, hashes and asks CGI programs. */
export function pinSelf(core: number | undefined): void {
  if (core !== undefined) askProgram("taskset", ["-apc", String(core), String(process.pid)]);
}

export function readTicks(core: number | undefined): Ticks | undefined {
  const line = readText("/proc/stat")
    .split("\n")
    .find((text) => text.startsWith(`cpu${core} `));
  if (core === undefined || line === undefined) return undefined;
  // user nice system idle iowait irq softirq steal: proc(5)
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = line
    .split(/ +/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + soft + steal;
  return { busy, total: busy + idle + wait };
}

/** The busy share of the time between two readings, 0 to 1. */
export function busyShare(before: Ticks | undefined, after: Ticks | undefined): number | undefined {
  if (!before || !after || after.total === before.total) return undefined;
  return (after.busy - before.busy) / (after.total - before.total);
}

/** "0-3,8" means 0, 1, 2, 3, 8: the form of the kernel's core lists. */
export function parseCoreList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .filter((part) => /^\d+(-\d+)?$/.test(part))
    .flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readText("/proc/self/status"));
  return parseCoreList(list?.[1] ?? "");
}

function describeCores(server: number, load: number, twins: readonly number[]): string {
  if (load === server) return `only core ${server} is available: server and load generator share it`;
  const relation = twins.includes(load) ? ", two hyper-threads of one core" : "";
  return `servers and their scripts on core ${server}, load generator on core ${load}${relation}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
