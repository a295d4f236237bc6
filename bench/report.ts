// Owns the report round the table: on which machine, who took part and how it was started, how to read the numbers.

import { writeFileSync } from "node:fs";
import { cpus, release, type } from "node:os";

import type { RowResult, Settings } from "./contest.ts";
import type { Tools } from "./servers/server.ts";
import { renderAgreement, renderTable } from "./table.ts";
import { judgeAll } from "./targets.ts";

export function renderReport(results: readonly RowResult[], settings: Settings, tools: Tools): string {
  return [
    ...renderHead(results, settings, tools),
    "",
    "Before any timing, each server gave its answer:",
    "",
    ...results.map((result) => `- ${renderAgreement(result)}`),
    "",
    renderTable(results),
    "Result: the median of the rounds. htbin ÷ server: the median of the ratios of each round (lowest–highest).",
    "Busy: of the core; where the load's is near 100 % and the server's is not, the server could have done more.",
    "",
    ...renderTargets(results),
    ...renderServers(results),
    "",
  ].join("\n");
}

export function writeJson(
  file: string,
  results: readonly RowResult[],
  settings: Settings,
  tools: Tools,
): void {
  const rows = results.map(({ row, expected, entries }) => ({
    name: row.name,
    unit: row.unit,
    expected,
    servers: entries.map(({ server, version, remarks, outcome }) => ({
      name: server.name,
      version,
      remarks,
      outcome,
    })),
  }));
  const { rounds, seconds } = settings;
  const head = renderHead(results, settings, tools);
  const targets = judgeAll(results);
  const all = { head, node: tools.nodeVersion, rounds, seconds, rows, targets };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

function renderHead(results: readonly RowResult[], settings: Settings, tools: Tools): string[] {
  const { cores, rounds, seconds, warmUp } = settings;
  const loads = results
    .flatMap(({ row }) => row.entrants)
    .flatMap(({ measure }) => (measure.kind === "load" ? [describeLoad(measure.load)] : []));
  return [
    `htbin bench, ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
    "",
    `- ${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, ${type()} ${release()}; ${cores.said}`,
    `- Node ${tools.nodeVersion} for htbin and the Node peers; everything on loopback`,
    `- ${rounds} rounds, bursts of ${seconds} s in turn, after a warm-up of ${warmUp} s`,
    ...[...new Set(loads)].map((load) => `- ${load}`),
  ];
}

/** Empty when no row of the run has a target. */
function renderTargets(results: readonly RowResult[]): string[] {
  const lines = judgeAll(results).map(({ text }) => `- ${text}`);
  return lines.length === 0 ? [] : ["Targets (bench/targets.ts):", "", ...lines, ""];
}

function describeLoad(load: { said: string; find(): { kind: string; version?: string } }): string {
  const found = load.find();
  return found.version === undefined ? load.said : `${load.said} (${found.version})`;
}

function renderServers(results: readonly RowResult[]): string[] {
  const entries = results.flatMap((result) => result.entries).filter((entry) => entry.version !== "");
  const lines = entries.map(({ server, version }) => `- ${server.name} ${version}: ${server.remark}`);
  return ["Servers:", "", ...new Set(lines)];
}
