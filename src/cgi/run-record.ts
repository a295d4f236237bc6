// The record of a failed run, as a person reads it: what was asked, what was started, how it
// ended, its last words, what to do.

import type { Application } from "./application-path.ts";
import { describeExit } from "./diagnose-output.ts";
import type { LastWords } from "./run-notes.ts";
import type { ProcessEnd } from "./started-process.ts";
import type { Verdict } from "./verdict.ts";

export interface RunFacts {
  /** `GET /cgi-bin/x?y`. */
  readonly request: string;
  readonly file: string;
  /** What runs the file; `undefined` if the file runs itself. */
  readonly interpreter: string | undefined;
  readonly user: string;
  readonly directory: string;
  /** Who was asked in the place of the file. */
  readonly application?: Application | undefined;
  /** `undefined` if it never ran. Milliseconds. */
  readonly duration: number | undefined;
  readonly exit: ProcessEnd | undefined;
  readonly outputSize: number;
  readonly lastWords: LastWords;
}

const LABEL_WIDTH = 9;

/** The lines behind the first one, which says what has failed. They may hold any character. */
export function recordLines(facts: RunFacts, verdict: Verdict): string[] {
  return [
    labelled("request", facts.request),
    facts.application === undefined
      ? labelled("script", describeScript(facts))
      : labelled("asked", `${describeAddress(facts.application)}, for ${facts.file}`),
    labelled("ended", describeEnd(facts)),
    ...stderrLines(facts.lastWords),
    ...verdictLines(verdict),
  ];
}

export function verdictLines({ name, cause, remedy }: Verdict): string[] {
  return [labelled("verdict", `${name}: ${cause}`), labelled("remedy", remedy)];
}

function describeScript({ file, interpreter, user, directory }: RunFacts): string {
  const by = interpreter === undefined ? "" : ` by ${interpreter}`;
  return `${file}${by}, as ${user}, in ${directory}`;
}

/** `unix:/run/php.sock (FastCGI)` */
export function describeAddress({ protocol, address }: Application): string {
  return `${address} (${protocol === "fastcgi" ? "FastCGI" : "SCGI"})`;
}

function describeEnd({ duration, exit, outputSize, application }: RunFacts): string {
  if (duration === undefined) return application === undefined ? "it was not started" : "it was not reached";
  if (application !== undefined) {
    // It goes on; only FastCGI has a status for each answer, and 0 stands for none as well.
    const status = exit?.code ? `its answer with status ${exit.code}, ` : "";
    return `${status}after ${formatDuration(duration)}, ${outputSize} bytes of output`;
  }
  const how = exit === undefined ? "still running when htbin gave up" : describeExit(exit);
  return `${how}, after ${formatDuration(duration)}, ${outputSize} bytes of output`;
}

function stderrLines({ first, between, last }: LastWords): string[] {
  const gap = between === 0 ? [] : [`(${between} more ${between === 1 ? "line" : "lines"})`];
  return [...first, ...gap, ...last].map((line, index) => labelled(index === 0 ? "stderr" : "", line));
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}

/** `31 ms`, `2.5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${(milliseconds / 1000).toFixed(1)} s`;
}
