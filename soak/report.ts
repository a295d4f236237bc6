// How a soak's result looks: one table for each server, and below it what was wrong.

import { formatValue, hasGrown, type Measure } from "./verdict.ts";

export interface Result {
  readonly title: string;
  readonly requests: number;
  readonly broken: number;
  readonly connections: number;
  readonly seconds: number;
  readonly logLines: number;
  readonly measures: readonly Measure[];
  readonly problems: readonly string[];
}

export function renderResult(result: Result): string {
  const { title, requests, broken, connections, seconds, logLines, measures, problems } = result;
  const rate = Math.round(requests / Math.max(seconds, 0.001));
  const rows = [
    ["", "before", "after", "may grow by", ""],
    ...measures.map((measure) => [
      measure.name,
      formatValue(measure.before, measure),
      formatValue(measure.after, measure),
      formatValue(measure.tolerance, measure),
      hasGrown(measure) ? "GROWN" : "",
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return [
    title,
    `${requests} requests, ${broken} of them broken off, on ${connections} connections in ${seconds.toFixed(1)} s (${rate}/s); ${logLines} log lines`,
    ...table.map((line) => `  ${line}`),
    ...problems.map((problem) => `  FAILED: ${problem}`),
    "",
  ].join("\n");
}
