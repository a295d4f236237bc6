// Owns `npm run fuzz`: options, then either a run or a look at some files.

import { fuzz } from "./campaign.ts";
import { compare } from "./compare.ts";
import { readFixture, readFixtures } from "./fixture.ts";
import { explain } from "./known-differences.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { htbinPeer } from "./peers/htbin.ts";
import { llhttpPeer } from "./peers/llhttp.ts";
import { pythonPeer, pythonVersion } from "./peers/python.ts";
import { renderFinding, renderSummary, renderVerdict } from "./report.ts";
import type { Peer } from "./verdict.ts";

/** CPython takes ten times as long as the others together. */
const PYTHON_ONE_IN = 10;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const peers = choosePeers(options.only);
  try {
    return options.files.length > 0 ? await judgeFiles(options.files, peers) : await run(options, peers);
  } finally {
    for (const peer of peers) peer.close();
  }
}

function choosePeers(only: readonly string[]): Peer[] {
  const peers: Peer[] = [];
  if (only.includes("llhttp")) peers.push(llhttpPeer());
  if (only.includes("python")) {
    const version = pythonVersion();
    if (version !== undefined) peers.push(pythonPeer());
    else if (only.length === 1) throw new Error("There is no python3 here to compare with.");
    console.error(
      `fuzz: ${version === undefined ? "no python3 here: compared with llhttp only" : `Python ${version}`}`,
    );
  }
  return peers;
}

async function run({ seed, from, cases, seconds }: Options, peers: readonly Peer[]): Promise<number> {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  let nextReport = 10;
  console.error(`fuzz: seed ${seed}, Node ${process.versions.node}, llhttp ${process.versions["llhttp"]}`);
  const outcome = await fuzz({
    htbin: htbinPeer(),
    peers: peers.map((peer) => ({
      peer,
      oneIn: peer.name === "python" && peers.length > 1 ? PYTHON_ONE_IN : 1,
    })),
    seeds: readFixtures().map(({ text }) => text),
    seed,
    from,
    cases,
    seconds,
    patience: 20_000,
    enough: 20,
    progress(done, findings) {
      if (elapsed() < nextReport) return;
      nextReport += 10;
      console.error(`fuzz: ${done} cases, ${Math.round(done / elapsed())} a second, ${findings} findings`);
    },
  });
  for (const finding of outcome.findings) process.stdout.write(renderFinding(finding, seed));
  process.stdout.write(renderSummary(outcome, elapsed(), seed));
  return outcome.findings.length === 0 ? 0 : 1;
}

/** Prints what each server makes of these inputs, and what explains the differences. */
async function judgeFiles(files: readonly string[], peers: readonly Peer[]): Promise<number> {
  let unexplained = 0;
  for (const file of files) {
    const { text } = readFixture(file);
    const input = { text, cuts: [], isSlow: false, readsBody: true };
    const ours = await htbinPeer().judge(input);
    console.log(`${file}\n${renderVerdict("htbin", ours)}`);
    for (const peer of peers) {
      const theirs = await peer.judge(input);
      console.log(renderVerdict(peer.name, theirs));
      for (const difference of compare(ours, theirs)) {
        const known = explain(peer.name, difference, text);
        if (known === undefined) unexplained++;
        console.log(
          `  ${difference.kind}: ${known === undefined ? "NOT EXPLAINED" : `${known.name}. ${known.reason}`}`,
        );
      }
    }
  }
  return unexplained === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
