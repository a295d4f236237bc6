// An explanation as a person reads it: what was decided, in the order of the decisions.
import { describeExit } from "../cgi/diagnose-output.ts";
import { tellingLine } from "../cgi/last-words.ts";
import { readStart, shebangLine } from "../cgi/interpreter.ts";
import type { ScriptJob } from "../cgi/script-job.ts";
import { describeAddress, formatDuration, verdictLines } from "../cgi/run-record.ts";
import type { Verdict } from "../cgi/verdict.ts";
import { makeVisible } from "../text/visible.ts";
import type { Exchanged } from "./exchange-in-memory.ts";
import type { Question } from "./explain-words.ts";

/** What the handler decided, in its own words. */
export interface Seen {
  /** What was, or would be started; several after local redirects. */
  readonly jobs: ScriptJob[];
  /** What it would have logged beside the request itself. */
  readonly reasons: string[];
  /** What the script printed on stderr, and what was to be said about its end. */
  readonly lines: string[];
  /** The file or folder that the path means. */
  file: string | undefined;
  isListing: boolean;
  /** The file is a script, and is sent like any other file. */
  isSource: boolean;
}

export interface Explained {
  readonly question: Question;
  readonly seen: Seen;
  readonly exchanged: Exchanged;
  /** Why the script would not start. */
  readonly forecast: Verdict | undefined;
  /** Whom scripts run as where the server changes no user. */
  readonly user: string;
}

const LABEL_WIDTH = 14;
/** Lines of a page that are worth a look. */
const BODY_LINES = 10;

export function explanation(explained: Explained): { readonly text: string; readonly works: boolean } {
  const { question, seen } = explained;
  const isPlan = seen.jobs.length > 0 && !question.isRun;
  const works = isPlan ? explained.forecast === undefined : worked(explained);
  const parts = [
    [`${question.method} ${makeVisible(question.target)}`],
    seen.jobs.length === 0 ? fileLines(explained) : seen.jobs.flatMap((job) => jobLines(job, explained.user)),
    isPlan ? environmentLines(seen.jobs[0]!) : answerLines(explained),
    conclusion(explained, isPlan, works),
  ];
  const text = parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
  return { text, works };
}

function worked({ exchanged, seen }: Explained): boolean {
  const failed = seen.reasons.some((line) => line.startsWith("verdict "));
  return statusOf(exchanged) < 400 && !failed;
}

function statusOf({ head }: Exchanged): number {
  return Number(/^HTTP\/\S+ (\d{3})/.exec(head[0] ?? "")?.[1] ?? 599);
}

function jobLines(job: ScriptJob, sameUser: string): string[] {
  const { file, start, environment, directory, user, body, limits, application } = job;
  const command = start.kind === "interpreter" ? [start.command, ...start.args].join(" ") : undefined;
  const length = environment.get("CONTENT_LENGTH");
  const header = `${formatDuration(limits.timeToHeader)} and ${limits.headerSize} bytes to the end of the header`;
  const runner = user === undefined ? sameUser : `${user.name} (uid ${user.uid}, gid ${user.gid})`;
  const starting = [
    line("run by", makeVisible(command ?? firstLine(file))),
    line("as", runner),
    line("in", makeVisible(directory)),
    line("arguments", command === undefined ? "none" : makeVisible(file)),
  ];
  return [
    line("script", makeVisible(file)),
    ...(application === undefined ? starting : [line("asked", describeAddress(application))]),
    line("SCRIPT_NAME", makeVisible(environment.get("SCRIPT_NAME") ?? "")),
    line("PATH_INFO", makeVisible(environment.get("PATH_INFO") ?? "not set")),
    line(
      "stdin",
      body === undefined ? "at its end at once: there is no body" : `the body, ${length ?? "?"} bytes`,
    ),
    line("limits", `${header}, ${formatDuration(limits.idle)} of silence,`),
    line(
      "",
      `${limits.scriptsAtOnce} scripts at once; ${limits.queueLength} more wait for ${formatDuration(limits.queueWait)}`,
    ),
  ];
}

/** What the system reads to find the interpreter. */
function firstLine(file: string): string {
  const shebang = shebangLine(readStart(file));
  return shebang === undefined ? "the system: it is a program" : `#!${shebang}, its first line`;
}

function environmentLines({ environment }: ScriptJob): string[] {
  const lines = [...environment].map(([name, value]) => `  ${name}=${makeVisible(value)}`);
  return ["environment", ...lines.sort()];
}

function fileLines({ seen, exchanged }: Explained): string[] {
  if (seen.file === undefined) return [];
  const status = statusOf(exchanged);
  const what = status >= 300 ? "means" : seen.isListing ? "lists" : "sends";
  return [line(what, makeVisible(seen.file))];
}

function answerLines(explained: Explained): string[] {
  const { question, exchanged, seen } = explained;
  const { head, bodySize, isWhole, headTime, time } = exchanged;
  const lines = head.map((each, index) => line(index === 0 ? "answer" : "", makeVisible(each)));
  if (head.length === 0) lines.push(line("answer", "none"));
  if (!question.isRun) return lines;
  lines.push(
    line("body", `${bodySize} bytes${isWhole ? "" : ", and not whole"}`),
    ...(worked(explained) ? bodyLines(exchanged) : []),
  );
  lines.push(line("time", `${formatDuration(headTime)} to the header, ${formatDuration(time)} in all`));
  for (const { notes } of seen.jobs) {
    if (notes?.exit !== undefined)
      lines.push(line("ended", `${describeExit(notes.exit)}, after ${formatDuration(notes.duration ?? 0)}`));
  }
  return [...lines, ...seen.lines.map((each, index) => line(index === 0 ? "stderr" : "", makeVisible(each)))];
}

/** The beginning of a page that is text. */
function bodyLines({ head, body }: Exchanged): string[] {
  if (!head.some((each) => /^content-type: (?:text\/|application\/(?:json|xml))/i.test(each))) return [];
  const lines = body.toString("utf8").trimEnd().split("\n");
  const shown = lines
    .slice(0, BODY_LINES)
    .map((each) => `  | ${makeVisible(each.replace(/\r$/, "")).slice(0, 200)}`);
  return lines.length > BODY_LINES ? [...shown, "  | ..."] : shown;
}

function conclusion(explained: Explained, isPlan: boolean, works: boolean): string[] {
  const { question, seen, forecast, exchanged } = explained;
  if (isPlan && forecast !== undefined) return verdictLines(forecast).map(makeVisible).map(relabel);
  if (isPlan) return [line("verdict", "nothing speaks against it; --run runs it once")];
  const reasons = seen.reasons.filter((reason) => !SHOWN_ABOVE.test(reason)).map(relabel);
  if (!works) {
    if (reasons.length > 0) return reasons;
    const isOwn = seen.jobs.length > 0;
    return [line("verdict", isOwn ? ownFailure(exchanged, seen) : "it fails: see the answer")];
  }
  if (seen.isSource) return [...reasons, line("verdict", "its source is sent, and it is not run")];
  return [...reasons, line("verdict", question.isRun ? verdictOnRun(seen) : "it would work")];
}

/** A status that no fault has brought about: PHP answers a mistake so, and so does CGI::Carp. */
function ownFailure(exchanged: Exchanged, { jobs, lines }: Seen): string {
  const exit = jobs.at(-1)?.notes?.exit;
  const ended = exit === undefined || exit.code === 0 ? "" : `, and ends with ${describeExit(exit)}`;
  const told = tellingLine(lines);
  const said = told === undefined ? "" : `; on stderr it says '${makeVisible(told)}'`;
  return `the script itself answers ${statusOf(exchanged)}${ended}${said}`;
}

/** A script can fail behind its header: the client has a page, and the owner should know that it is bad. */
function verdictOnRun({ jobs, lines }: Seen): string {
  const exit = jobs.at(-1)?.notes?.exit;
  if (lines.some((each) => each.startsWith("its output is longer than its Content-Length"))) {
    return "it answers, but its page is cut: print the right Content-Length, or none";
  }
  if (exit === undefined || exit.code === 0)
    return lines.length > 0 ? "it works, and says something on stderr" : "it works";
  return `it answers, and then fails: ${describeExit(exit)}${lines.length > 0 ? "; see its stderr" : ""}`;
}

/** Lines of a record that repeat what an explanation has said already. */
const SHOWN_ABOVE = /^(?:request|script|ended) {2,}|^(?:stderr)? {9,}|^stderr {3}/;

/** `verdict  no-output: …` of a record, and any other line of the log. */
function relabel(text: string): string {
  const [, label, rest] = /^(verdict|remedy) +(.*)$/s.exec(text) ?? [];
  return line(label ?? "because", rest ?? text);
}

function line(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`.trimEnd();
}
