// Owns how results look: one table that reads well as plain text and is Markdown, and the sentences round it.

import type { Entry, RowResult, Sample } from "./contest.ts";
import { median, pairedRatio } from "./statistics.ts";

const HEADINGS = [
  "row",
  "server",
  "result",
  "htbin ÷ server",
  "p99 ms",
  "busy: server, load",
  "remarks",
] as const;

/** Which columns hold numbers, and are read from the right. */
const NUMBERS = [false, false, true, true, true, true, false] as const;

export function renderTable(results: readonly RowResult[]): string {
  return alignCells([[...HEADINGS], ...results.flatMap(renderRow)]);
}

/** One sentence per row: that all answered alike, or who did not. */
export function renderAgreement({ row, expected, entries }: RowResult): string {
  if (!expected) return `${row.name}: not run: ${reason(entries[0]) ?? "nothing to ask for"}`;
  const right = entries.filter((entry) => entry.answeredRightly).length;
  const what = `status ${expected.status} and the same ${expected.size} bytes, sha-256 ${expected.sha256.slice(0, 16)}…`;
  const others = entries.flatMap((entry) => {
    const why = reason(entry);
    return entry.answeredRightly || why === undefined ? [] : [`; ${entry.server.name}: ${why}`];
  });
  return `${row.name}: ${right} of ${entries.length} servers answer with ${what}${others.join("")}`;
}

/** Aligned with blanks, so that it can be read before a Markdown program has seen it. */
export function alignCells(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? "").length)),
  );
  const lines = rows.map((cells) => {
    const padded = widths.map((width, column) => pad(cells[column] ?? "", width, NUMBERS[column] ?? false));
    return `| ${padded.join(" | ")} |`;
  });
  const rule = widths.map((width, column) =>
    NUMBERS[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [lines[0], `| ${rule.join(" | ")} |`, ...lines.slice(1)].join("\n") + "\n";
}

/** The name of the row stands once; below it, who took part. */
function renderRow({ row, entries }: RowResult): string[][] {
  const ours = values(entries[0]);
  return entries.map((entry, index) => {
    const name = index === 0 ? row.title : "";
    const why = reason(entry);
    const remarks = [...(why === undefined ? [] : [why]), ...entry.remarks].join("; ");
    if (entry.outcome.kind !== "ran" || entry.outcome.samples.length === 0) {
      return [name, entry.server.name, "—", "", "", "", remarks.replaceAll("|", "\\|")];
    }
    const { samples } = entry.outcome;
    const result = `${formatNumber(median(samples.map((sample) => sample.value)))} ${row.unit}`;
    const ratio = index === 0 ? "" : formatRatio(ours, values(entry));
    return [name, entry.server.name, result, ratio, formatP99(samples), formatBusy(samples), remarks];
  });
}

function values(entry: Entry | undefined): number[] {
  return entry?.outcome.kind === "ran" ? entry.outcome.samples.map((sample) => sample.value) : [];
}

function reason(entry: Entry | undefined): string | undefined {
  return entry && entry.outcome.kind !== "ran" ? entry.outcome.reason : undefined;
}

/** Three digits that mean something: a bench does not know more. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "—";
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: rounded < 10 ? 2 : rounded < 100 ? 1 : 0 });
}

function formatRatio(ours: readonly number[], theirs: readonly number[]): string {
  const ratio = pairedRatio(ours, theirs);
  if (!ratio) return "";
  const [middle, lowest, highest] = [ratio.median, ratio.lowest, ratio.highest].map((value) =>
    value.toFixed(2),
  );
  return `${middle} (${lowest}–${highest})`;
}

function formatP99(samples: readonly Sample[]): string {
  const known = samples.flatMap((sample) => sample.p99 ?? []);
  return known.length === 0 ? "" : formatNumber(median(known));
}

function formatBusy(samples: readonly Sample[]): string {
  const server = samples.flatMap((sample) => sample.serverBusy ?? []);
  const load = samples.flatMap((sample) => sample.loadBusy ?? []);
  if (server.length === 0 || load.length === 0) return "";
  return `${Math.round(median(server) * 100)} %, ${Math.round(median(load) * 100)} %`;
}

function pad(text: string, width: number, toTheRight: boolean): string {
  const blanks = " ".repeat(width - text.length);
  return toTheRight ? blanks + text : text + blanks;
}
