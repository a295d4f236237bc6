// Owns wrk, the load for files: one thread, 32 connections kept open as long as the server wants.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { pinned } from "../cores.ts";
import { askProgram, makeFolder, removeFolder, runProcess } from "../processes.ts";
import { present } from "../servers/server.ts";
import { CONNECTIONS, type Burst, type Load } from "./load.ts";

/** Runs once, after the load, in wrk's Lua; exact numbers instead of the rounded ones of wrk's own report. */
const REPORT = `
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'report {"microseconds":%d,"requests":%d,"p99":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\\n',
    summary.duration, summary.requests, latency:percentile(99), e.connect, e.read, e.write, e.status, e.timeout))
end
`;

/** What REPORT prints. */
interface Report {
  readonly microseconds: number;
  readonly requests: number;
  /** In microseconds. */
  readonly p99: number;
  readonly connect: number;
  readonly read: number;
  readonly write: number;
  readonly status: number;
  readonly timeout: number;
}

export interface WrkSettings {
  readonly connections?: number;
  /** Lua of wrk, for rows that ask for more than one path or send more than the minimum. */
  readonly lua?: string;
}

/** wrk calls an answer lost after 2 s; a server with a short accept queue (Python: 5) is only slow. */
const TIMEOUT = ["--timeout", "10s"];

export function wrk(settings: WrkSettings = {}): Load {
  const { connections = CONNECTIONS, lua = "" } = settings;
  return {
    said: `wrk: 1 thread, ${connections} connections`,
    package: { from: "debian", name: "wrk" },
    find: () => present(/wrk (\S+)/.exec(askProgram("wrk", ["-v"]) ?? "")?.[1]),
    async run(origin, { path }, seconds, core) {
      const folder = makeFolder("wrk");
      const script = join(folder, "report.lua");
      writeFileSync(script, lua + REPORT);
      const size = [
        "--threads",
        "1",
        "--connections",
        String(connections),
        "--duration",
        `${Math.ceil(seconds)}s`,
      ];
      const argv = ["wrk", ...size, ...TIMEOUT, "--script", script, origin + path];
      const text = await runProcess(pinned(core, argv));
      removeFolder(folder);
      return parseReport(text);
    },
  };
}

/** Finds the line that REPORT printed among what wrk says itself. */
export function parseReport(text: string): Burst {
  const line = /^report (\{.*\})$/m.exec(text)?.[1];
  if (line === undefined) throw new Error("wrk printed no report");
  const report = JSON.parse(line) as Report;
  return {
    perSecond: report.requests / (report.microseconds / 1e6),
    p99: report.p99 / 1e3,
    faults: report.connect + report.read + report.write + report.status + report.timeout,
  };
}
