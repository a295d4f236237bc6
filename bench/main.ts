// Owns `npm run bench`: options, then rows one after the other, then one table. bench/README.md is its manual.

import { join } from "node:path";

import { runRow, type Entry, type RowResult, type Settings } from "./contest.ts";
import { chooseCores, pinSelf } from "./cores.ts";
import { installMissing } from "./install.ts";
import { HELP, parseOptions, type Options } from "./options.ts";
import { askProgram, cleanUpAtExit } from "./processes.ts";
import { renderReport, writeJson } from "./report.ts";
import type { Row } from "./row.ts";
import { allRows, chooseRows } from "./rows.ts";
import { findPython } from "./servers/python.ts";
import type { Tools } from "./servers/server.ts";
import { renderAgreement } from "./table.ts";
import { judgeAll, TARGETS } from "./targets.ts";

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const tools = findTools(options);
  const names =
    options.check && options.only.length === 0 ? TARGETS.map((target) => target.row) : options.only;
  const rows = chooseRows(allRows(tools), names);
  // Workers and scripts may run as another user, who has to read what we write.
  process.umask(0o022);
  cleanUpAtExit();
  installMissing(rows, tools, options.answers);
  return run(rows, options, tools);
}

async function run(rows: readonly Row[], options: Options, tools: Tools): Promise<number> {
  const cores = chooseCores();
  pinSelf(cores.load);
  const { rounds, seconds, warmUp, answers, check, json } = options;
  const progress = (text: string): void => console.error(`bench: ${text}`);
  const settings: Settings = { cores, rounds, seconds, warmUp, answersOnly: answers, progress };
  const results: RowResult[] = [];
  for (const row of rows) {
    const result = await runRow(row, settings);
    results.push(result);
    if (answers) console.log(renderAgreement(result));
  }
  if (!answers) process.stdout.write(renderReport(results, settings, tools));
  if (json !== undefined) writeJson(json, results, settings, tools);
  const isMissed = check && !answers && judgeAll(results).some(({ verdict }) => verdict === "missed");
  return results.flatMap(htbinFailures).length > 0 || isMissed ? 1 : 0;
}

function htbinFailures({ row, entries }: RowResult): Entry[] {
  return entries.filter(({ server, outcome }) => {
    if (!server.isHtbin || outcome.kind !== "dropped") return false;
    console.error(`bench: ${server.name} failed in row ${row.name}: ${outcome.reason}`);
    return true;
  });
}

/** This file runs as build/bench/main.js. */
function findTools(options: Options): Tools {
  const root = join(import.meta.dirname, "..", "..");
  const nodeVersion = askProgram(options.node, ["-p", "process.versions.node"])?.trim();
  if (nodeVersion === undefined) throw new Error(`--node: there is no program "${options.node}".`);
  const htbin = options.htbin ?? join(root, "bin", "htbin.js");
  return { root, node: options.node, nodeVersion, htbin, python: findPython() };
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
