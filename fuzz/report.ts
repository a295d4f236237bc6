// What a person reads at the end of a run.

import type { Finding, Outcome } from "./campaign.ts";
import { escapeInput } from "./fixture.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";
import { type SeenRequest, summarise, type Verdict } from "./verdict.ts";

export function renderFinding(
  { index, input, peer, difference, ours, theirs }: Finding,
  seed: number,
): string {
  const { cuts, isSlow, readsBody } = input;
  const arrival = [
    cuts.length > 0 ? `cut at ${cuts.join(", ")}` : "in one piece",
    ...(isSlow ? ["slowly"] : []),
    ...(readsBody ? [] : ["the handler does not read bodies"]),
  ];
  return `
FOUND: ${difference.kind} (htbin and ${peer})

${escapeInput(input.text)}

(${input.text.length} bytes; ${arrival.join("; ")})

${renderVerdict("htbin", ours)}
${renderVerdict(peer, theirs)}

To see it again: npm run fuzz -- --seed ${seed} --from ${index} --cases 1 --only ${peer}
To keep it: put these lines into a file in fuzz/findings/, below a line "# htbin: " with what htbin should make of it.
`;
}

export function renderVerdict(name: string, verdict: Verdict): string {
  const { end } = verdict;
  const reason = "reason" in end ? ` (${escapeInput(end.reason)})` : "";
  return [
    `${name}: ${escapeInput(summarise(verdict))}${reason}`,
    ...verdict.requests.map(renderRequest),
  ].join("\n");
}

function renderRequest({ method, target, version, fields, persists, body }: SeenRequest): string {
  const lines = fields.map(([name, value]) => `\n      ${escapeInput(name)}: ${escapeInput(value)}`);
  const content = body === undefined ? "" : `\n      body "${escapeInput(body).replaceAll("\n", "")}"`;
  const line = escapeInput(`${method} ${target} ${version}`);
  return `    ${line}, ${persists ? "persists" : "closes"}${lines.join("")}${content}`;
}

export function renderSummary({ done, findings, explained }: Outcome, seconds: number, seed: number): string {
  const width = Math.max(...KNOWN_DIFFERENCES.map(({ name }) => name.length));
  const known = KNOWN_DIFFERENCES.map(
    ({ name, peer }) =>
      `  ${name.padEnd(width)}  ${peer.padEnd(6)} ${String(explained.get(name) ?? 0).padStart(9)}`,
  );
  return `Known differences, and how often each was the explanation:
${[...new Set(known)].join("\n")}
${done} cases with seed ${seed} in ${seconds.toFixed(0)} s: ${findings.length === 0 ? "no unexplained difference" : `${findings.length} findings`}
`;
}
