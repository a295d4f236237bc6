// Owns wrk, the load for files: one thread, 32 connections kept open as long as the server wants.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { pinned } from "../cores.ts";
import { askProgram, makeFolder, removeFolder, runProcess } from "../processes.ts";
import { askForAnswer, askForAnswers } from "../same-answer.ts";
import { present } from "../servers/server.ts";
import { CONNECTIONS, type Burst, type Load } from "./load.ts";
import { askForNotModified, revalidationField } from "./revalidation.ts";

/**
 * Runs once, after the load, in wrk's Lua; exact numbers instead of the rounded ones of wrk's own report.
 *
 * wrk has mixed its measurements with guesses by then: for a time of more than twice the mean it adds what requests in
 * between would have seen. With a pipeline its mean is that of one request, its times are those of all, and its guesses
 * outnumber what it measured. So they are taken out again, from the longest time downwards, until a hundredth is found.
 */
function report(connections: number, pipeline: number): string {
  return `
local function p99(summary, latency)
  local mean = math.floor(summary.duration / math.max(1, math.floor(summary.requests / ${connections})))
  local left = summary.requests / ${pipeline} / 100
  local guessed = {}
  for index = #latency, 1, -1 do
    local time, count = latency(index)
    count = count - (guessed[time] or 0)
    left = left - count
    if left <= 0 then return time end
    local guess = time - mean
    while time >= 2 * mean and guess > mean do
      guessed[guess] = (guessed[guess] or 0) + count
      guess = guess - mean
    end
  end
  return 0
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'report {"microseconds":%d,"requests":%d,"p99":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\\n',
    summary.duration, summary.requests, p99(summary, latency), e.connect, e.read, e.write, e.status, e.timeout))
end
`;
}

/** Made once: to put requests together for each of them would be wrk's work, not the server's. */
function pipelined(depth: number): string {
  return `
init = function()
  requests = string.rep(wrk.format(), ${depth})
end
request = function() return requests end
`;
}

/** Another file each time, in no order. Requests are made once, as above; the numbers are the same in each run. */
function spread(paths: readonly string[]): string {
  return `
init = function()
  requests = {}
  for path in string.gmatch([[${paths.join(" ")}]], "%S+") do
    requests[#requests + 1] = wrk.format(nil, path)
  end
  math.randomseed(1)
end
request = function() return requests[math.random(#requests)] end
`;
}

/** What `report` prints. */
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
  /** Requests that a connection sends in one piece before it waits for their answers; the time of an answer is then that of them all. */
  readonly pipeline?: number;
  /** Fields of the request. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Asks whether the file has changed; it has not. */
  readonly revalidates?: boolean;
}

/** wrk calls an answer lost after 2 s; a server with a short accept queue (Python: 5) is only slow. */
const TIMEOUT = ["--timeout", "10s"];

export function wrk(settings: WrkSettings = {}): Load {
  const { connections = CONNECTIONS, pipeline = 1, fields = {}, revalidates = false } = settings;
  return {
    said: `wrk: 1 thread, ${connections} connections${pipeline > 1 ? `, requests ${pipeline} deep` : ""}${revalidates ? ", If-Modified-Since" : ""}`,
    package: { from: "debian", name: "wrk" },
    find: () => present(/wrk (\S+)/.exec(askProgram("wrk", ["-v"]) ?? "")?.[1]),
    ask: (origin, expected) => {
      if (revalidates) return askForNotModified(origin, expected);
      return pipeline > 1 ? askForAnswers(origin, expected, pipeline) : askForAnswer(origin, expected);
    },
    async run(origin, { path, others = [] }, seconds, core) {
      const folder = makeFolder("wrk");
      const script = join(folder, "report.lua");
      const requests =
        pipeline > 1 ? pipelined(pipeline) : others.length > 0 ? spread([path, ...others]) : "";
      const field = revalidates ? await revalidationField(origin, path) : undefined;
      const condition = field === undefined ? "" : `wrk.headers["${field[0]}"] = "${field[1]}"\n`;
      writeFileSync(script, condition + requests + report(connections, pipeline));
      const size = [
        "--threads",
        "1",
        "--connections",
        String(connections),
        "--duration",
        `${Math.ceil(seconds)}s`,
      ];
      const asking = Object.entries(fields).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
      const argv = ["wrk", ...size, ...TIMEOUT, ...asking, "--script", script, origin + path];
      const text = await runProcess(pinned(core, argv));
      removeFolder(folder);
      return parseReport(text);
    },
  };
}

/** Finds the line that `report` printed among what wrk says itself. */
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
