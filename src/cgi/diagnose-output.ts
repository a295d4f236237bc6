// What is wrong with what a script printed, and what to do.

import { isToken } from "../text/token.ts";
import { shellWord } from "./diagnose-start.ts";
import { tellingLine } from "./last-words.ts";
import type { NamedObstacle } from "./named-obstacle.ts";
import { hintFor } from "./remedy-for-last-words.ts";
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

/** UTF-16 has a NUL among the first two, and data that is no text within a few more. */
const FIRST_LETTERS = 8;

/** A script that ended without a header, or printed none. `message` is the header reader's sentence. */
export function diagnoseOutput(facts: OutputFacts, message: string): Verdict {
  const { output, exit, stderr, file, user } = facts;
  if (output.length === 0) return diagnoseSilence(facts);
  if (exit?.signal !== undefined && exit.signal !== null) return killed(exit.signal);
  const seen = diagnoseText(facts, message);
  const last = exit === undefined || exit.code === 0 ? undefined : tellingLine(stderr);
  if (last === undefined || seen.name === "error-instead-of-header") return seen;
  // Python's input() prints its question, and then finds nobody to answer it.
  return verdict(
    seen.name,
    `${seen.cause}; and then it failed: '${shorten(last)}'`,
    repairing(hintFor(last, { file, user })),
  );
}

function diagnoseText(facts: OutputFacts, message: string): Verdict {
  const { output, stderr } = facts;
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
  if (text.slice(0, FIRST_LETTERS).includes("\0")) {
    return verdict(
      "text-before-header",
      "the first bytes that it prints are not text as a header is: there are NULs among them, as in UTF-16",
      "print the header as ASCII, and a page as UTF-8; before data print a Content-Type and an empty line",
    );
  }
  if (/^[^\n]*\r[^\n]/.test(text)) {
    return verdict(
      "no-blank-line",
      "its lines end in CR alone, and so none of them ends",
      "end them in LF, or CR LF",
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
    const slip = diagnoseSpace(lines[firstOther]!);
    if (slip !== undefined) return slip;
    if (lines.slice(firstOther).some(isOwnField)) return badLine(message);
    return verdict(
      "no-blank-line",
      `no blank line ends its header: '${shorten(lines[firstOther]!)}' comes right after a field`,
      "print an empty line between the header and the page: echo in shell, print() in Python",
    );
  }
  if (firstOther > 0) return diagnoseHead(lines, message);
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

/** White space that is seen as little on a screen as it is meant. */
function diagnoseSpace(line: string): Verdict | undefined {
  if (!/^[ \t]/.test(line)) return undefined;
  if (line.trim() === "") {
    return verdict(
      "no-blank-line",
      "the line that should be empty, and end its header, has blanks in it",
      "print nothing on that line",
    );
  }
  if (!isField(line.trim())) return undefined;
  return verdict(
    "bad-header-line",
    `blanks stand before '${shorten(line.trim())}'`,
    "write each field from the beginning of its line",
  );
}

/** Only fields so far: the header reader has seen what is wrong with one, or the output ended too early. */
function diagnoseFields(lines: readonly string[], message: string, { hasEnded, exit }: OutputFacts): Verdict {
  if (hasEnded && !lines.slice(0, -1).includes("")) {
    const ended = exit === undefined || exit.code === 0 ? "" : `; ${describeExit(exit)}`;
    return verdict(
      "no-blank-line",
      `its output ended before the blank line that ends the header${ended}`,
      "print an empty line after the last field, also where no page follows",
    );
  }
  return diagnoseHead(lines, message);
}

/** Fields up to a blank line, which the header reader has not taken for a header. */
function diagnoseHead(lines: readonly string[], message: string): Verdict {
  const end = lines.slice(0, -1).indexOf("");
  if (end === -1 || lines.slice(0, end).some(isOwnField)) return badLine(message);
  return verdict("bad-header-line", message, "print one of these, spelt as in 'Content-Type: text/html'");
}

function badLine(message: string): Verdict {
  return verdict(
    "bad-header-line",
    message,
    "correct that line of its header: fields are written as in 'Content-Type: text/html' and 'Status: 404 Not Found'",
  );
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
  if (isField(line) || !/^\s*(?:content[-_\s]*type|status|location)\s*[:=\s]/i.test(line)) return undefined;
  return verdict(
    "bad-header-line",
    `'${shorten(line)}' is not how a field is written`,
    "write it as in 'Content-Type: text/html': a colon behind the name, and no blank before it or in it",
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
  if (last !== undefined && /shared librar|shared object|Library not loaded/i.test(last)) {
    return verdict(
      "library-missing",
      `it printed nothing, ${said}`,
      `install that library; ldd ${shellWord(file)} lists all that it needs`,
    );
  }
  if (exit?.code === 127 || exit?.code === 126) {
    return verdict(
      "command-not-found",
      `it printed nothing, ${said}: exit code ${exit.code} means that a command ${exit.code === 127 ? "was not found" : "may not be run"}`,
      exit.code === 127
        ? "install that command, or name it by its full path; --cgi-env PATH=… says where else to look"
        : "let its user run that command",
    );
  }
  const hint = last === undefined ? undefined : hintFor(last, { file, user });
  // Nothing has failed: what stands there is no complaint, but a page that went astray.
  const isUnaware = exit?.code === 0 && hint === undefined;
  if (last !== undefined && !isUnaware) {
    return verdict("no-output", `it printed nothing, ${said}`, repairing(hint));
  }
  const where = last === undefined ? "" : ", on stdout and not on stderr";
  return verdict(
    "no-output",
    `it printed nothing, ${said}`,
    `print at least 'Content-Type: text/plain' and an empty line${where}; start it by hand to see: ${shellWord(file)}`,
  );
}

const REPAIR = "repair what its last lines say";

function repairing(hint: string | undefined): string {
  return hint === undefined ? REPAIR : `${REPAIR}: ${hint}`;
}

/** "No such file" is what many programs say where they may not look. */
function diagnoseReach({ path, obstacle }: NamedObstacle, user: string, said: string): Verdict {
  const right = obstacle.lacks === "pass" ? "pass the directory" : "read";
  return verdict(
    "no-permission",
    `it printed nothing, ${said}; ${path} is there, but ${user} may not ${right} ${obstacle.path}`,
    `let ${user} ${right} ${obstacle.path}, or run scripts as another user (--cgi-user)`,
  );
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
  SIGFPE: ["it crashed: it divided a whole number by zero", "test the divisor before"],
  SIGPIPE: ["it wrote to where nobody reads any more", "see its last lines"],
  SIGSYS: ["it called something that the system forbids it", "look at the sandbox in which htbin runs"],
  SIGXCPU: ["it used up its processor time", "make it faster, or allow it more"],
  SIGXFSZ: ["it wrote a larger file than it may", "make it write less, or allow it more"],
  SIGTERM: ["somebody told it to end", "see who sends signals to it"],
};

export function killed(signal: NodeJS.Signals): Verdict {
  const [cause, remedy] = SIGNALS[signal] ?? ["this signal ended it", "see its last lines"];
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

const LONGEST = 200;

/** Without its middle: programs say first what they are, and last what is wrong. */
function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST / 2)} ... ${text.slice(-LONGEST / 2)}` : text;
}
