// What is wrong with what a script printed, and what to do.

import { dirname } from "node:path";

import { isToken } from "../text/token.ts";
import { shellWord } from "./diagnose-start.ts";
import { tellingLine } from "./last-words.ts";
import type { NamedObstacle } from "./named-obstacle.ts";
import type { ProcessEnd } from "./started-process.ts";
import { type Verdict, verdict } from "./verdict.ts";

export interface OutputFacts {
  readonly file: string;
  /** The beginning of stdout. */
  readonly output: Buffer;
  /** Nothing followed it. */
  readonly hasEnded: boolean;
  /** The last lines of stderr. */
  readonly stderr: readonly string[];
  readonly exit: ProcessEnd | undefined;
  /** Whom it ran as; `undefined` where that is not known. */
  readonly user?: string | undefined;
  /** A file that stderr names, that is there, and that this user may not reach. */
  readonly beyondReach?: NamedObstacle | undefined;
  /** An application that runs somewhere else was asked in the place of the file. */
  readonly isApplication?: boolean;
}

/** A script that ended without a header, or printed none. `message` is the header reader's sentence. */
export function diagnoseOutput(facts: OutputFacts, message: string): Verdict {
  const { output, stderr } = facts;
  if (output.length === 0) return diagnoseSilence(facts);
  const text = output.toString("latin1");
  if (text.startsWith("\u00ef\u00bb\u00bf")) {
    return verdict(
      "byte-order-mark",
      "the first bytes that it prints are a UTF-8 byte order mark",
      "save the script, and every file that it includes, as UTF-8 without a byte order mark",
    );
  }
  if (text.startsWith("\u00ff\u00fe") || text.startsWith("\u00fe\u00ff")) {
    return verdict(
      "byte-order-mark",
      "it prints UTF-16, beginning with a byte order mark",
      "print the header as ASCII, and the page as UTF-8",
    );
  }
  const lines = text.split(/\r?\n/);
  const error = lines.find(isErrorMessage);
  if (error !== undefined) {
    return verdict(
      "error-instead-of-header",
      `it printed an error where the header should be: '${shorten(error)}'`,
      stderr.length > 0 ? "repair that; its last lines on stderr may say more" : "repair that",
    );
  }
  if (lines[0] === "") {
    return verdict(
      "blank-line-first",
      "its output begins with a blank line, which ends the header before it has begun",
      "print the Content-Type first, and nothing before it",
    );
  }
  const slip = diagnoseSlip(lines);
  if (slip !== undefined) return slip;
  const firstOther = lines.findIndex((line) => line !== "" && !isField(line));
  if (firstOther === -1) return diagnoseFields(lines, message, facts);
  if (firstOther > 0 && !lines.slice(0, firstOther).includes("")) {
    return verdict(
      "no-blank-line",
      `no blank line ends its header: '${shorten(lines[firstOther]!)}' comes right after a field`,
      "print an empty line between the header and the page: echo in shell, print() in Python",
    );
  }
  if (firstOther > 0) return badLine(message);
  const late = lines.find(isOwnField);
  if (late !== undefined) {
    return verdict(
      "text-before-header",
      `'${shorten(lines[0]!)}' comes before its header, '${shorten(late)}'`,
      "print nothing before the header; if that is the output of a command that it starts, flush the header before: sys.stdout.flush() in Python, $| = 1 in Perl",
    );
  }
  return verdict(
    "text-before-header",
    `the first thing that it prints is no header: '${shorten(lines[0]!)}'`,
    "print 'Content-Type: text/html' and an empty line before anything else; look for a stray print, or a command that talks before the header is flushed",
  );
}

/** Only fields so far: the header reader has seen what is wrong with one, or the output ended too early. */
function diagnoseFields(lines: readonly string[], message: string, { hasEnded, exit }: OutputFacts): Verdict {
  if (!hasEnded) return badLine(message);
  if (!lines.slice(0, -1).includes("")) {
    const ended = exit === undefined || exit.code === 0 ? "" : `; ${describeExit(exit)}`;
    return verdict(
      "no-blank-line",
      `its output ended before the blank line that ends the header${ended}`,
      "print an empty line after the last field, also where no page follows",
    );
  }
  return badLine(message);
}

function badLine(message: string): Verdict {
  return verdict("bad-header-line", message, "correct that line of its header");
}

/** What a beginner writes for a field, where that is the first line. */
function diagnoseSlip(lines: readonly string[]): Verdict | undefined {
  const line = lines[0]!;
  if (isField(line) && /\\[nr]/.test(line) && !lines.slice(1, -1).includes("")) {
    return verdict(
      "no-blank-line",
      "it prints a backslash and an 'n' where it means the end of a line",
      "use double quotes in Perl and PHP, and printf instead of echo in a shell",
    );
  }
  if (isField(line) || !/^\s*(?:content[-_\s]*type|status|location)\s*[:\s]/i.test(line)) return undefined;
  return verdict(
    "bad-header-line",
    `'${shorten(line)}' is not how a field is written`,
    "write it as in 'Content-Type: text/html': no blank before the name, in it, or before the colon",
  );
}

function diagnoseSilence({ file, stderr, exit, user, beyondReach, isApplication }: OutputFacts): Verdict {
  const last = tellingLine(stderr);
  const said = last === undefined ? "and nothing on stderr" : `but on stderr '${shorten(last)}'`;
  if (exit?.signal !== undefined && exit.signal !== null) return killed(exit.signal);
  if (isApplication) {
    return verdict(
      "no-output",
      `the application ended its answer without a header, ${said}`,
      last === undefined
        ? "look into the application's own log: it may have failed at this request, know no such path, or speak another protocol"
        : REPAIR,
    );
  }
  if (beyondReach !== undefined) return diagnoseReach(beyondReach, user ?? "its user", said);
  if (exit?.code === 127 || exit?.code === 126) {
    return verdict(
      "command-not-found",
      `it printed nothing, ${said}: exit code ${exit.code} means that a command ${exit.code === 127 ? "was not found" : "may not be run"}`,
      exit.code === 127
        ? "install that command, or name it by its full path; --cgi-env PATH=… says where else to look"
        : "let its user run that command",
    );
  }
  return verdict("no-output", `it printed nothing, ${said}`, remedyFor(last, file, user));
}

const REPAIR = "repair what its last lines say";

/** "No such file" is what many programs say where they may not look. */
function diagnoseReach({ path, obstacle }: NamedObstacle, user: string, said: string): Verdict {
  const right = obstacle.lacks === "pass" ? "pass the directory" : "read";
  return verdict(
    "no-permission",
    `it printed nothing, ${said}; ${path} is there, but ${user} may not ${right} ${obstacle.path}`,
    `let ${user} ${right} ${obstacle.path}, or run scripts as another user (--cgi-user)`,
  );
}

function remedyFor(last: string | undefined, file: string, user: string | undefined): string {
  if (last === undefined) {
    return `print at least 'Content-Type: text/plain' and an empty line; start it by hand to see: ${shellWord(file)}`;
  }
  if (/permission denied/i.test(last)) {
    return `${REPAIR}: it runs as ${user ?? "another user than you"}, who needs the right to that file`;
  }
  if (/no such file or directory/i.test(last)) {
    return `${REPAIR}: names without a slash in front are looked for in ${dirname(file)}`;
  }
  return REPAIR;
}

/** Signals that somebody else sends, or that a fault of the program makes the system send. */
const SIGNALS: Readonly<Record<string, readonly [cause: string, remedy: string]>> = {
  SIGKILL: [
    "somebody killed it, or the system did because memory ran out",
    "look for 'Out of memory' in the system's log (dmesg)",
  ],
  SIGSEGV: ["it crashed: it touched memory that is not its own", "run it under a debugger"],
  SIGBUS: ["it crashed: it touched memory that is not there", "run it under a debugger"],
  SIGABRT: ["it gave up by itself (abort)", "see its last lines"],
  SIGILL: ["it holds an instruction that this processor does not know", "compile it for this processor"],
  SIGSYS: ["it called something that the system forbids it", "look at the sandbox in which htbin runs"],
  SIGXCPU: ["it used up its processor time", "make it faster, or allow it more"],
  SIGXFSZ: ["it wrote a larger file than it may", "make it write less, or allow it more"],
  SIGTERM: ["somebody told it to end", "see who sends signals to it"],
};

export function killed(signal: NodeJS.Signals): Verdict {
  const [cause, remedy] = SIGNALS[signal] ?? ["it was ended from outside", "see its last lines"];
  return verdict("killed", `${signal}: ${cause}`, remedy);
}

export function describeExit(exit: ProcessEnd): string {
  return exit.signal === null ? `exit code ${exit.code}` : `ended by ${exit.signal}`;
}

// How languages and shells begin to complain: Python, Node, Ruby, Java, Perl, PHP, sh, ld.so, Go.
const ERROR_MESSAGE =
  /^(?:Traceback \(most recent call last\)|\w*(?:Error|Exception)\b.*:|Exception in thread|(?:PHP )?(?:<b>)?(?:Fatal|Parse) error\b|(?:PHP )?<br \/>|panic: |syntax error|Can't locate |Segmentation fault)|: (?:command )?not found$|: (?:Permission denied|No such file or directory|syntax error|cannot open .*|error while loading shared libraries.*)$| at \S+ line \d+\.?$|\bline \d+: /;

function isErrorMessage(line: string): boolean {
  return ERROR_MESSAGE.test(line);
}

/** One that only the header of a script would hold. */
function isOwnField(line: string): boolean {
  return /^(?:Content-Type|Status|Location):/i.test(line);
}

function isField(line: string): boolean {
  const colon = line.indexOf(":");
  return colon > 0 && isToken(line.slice(0, colon));
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
