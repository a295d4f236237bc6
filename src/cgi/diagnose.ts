// What went wrong with a run, in plain words, and what to do: facts in, verdict out.

import type { CGIErrorCode } from "../errors.ts";
import { diagnoseOutput, killed, type OutputFacts } from "./diagnose-output.ts";
import { diagnoseStart, shellWord } from "./diagnose-start.ts";
import { programMagic } from "./interpreter.ts";
import type { StartFacts } from "./start-facts.ts";
import { type Verdict, verdict } from "./verdict.ts";

export interface FailureFacts extends OutputFacts {
  readonly code: CGIErrorCode;
  /** What ended a body that is not whole; the same as `code` for all else. */
  readonly cutBy: CGIErrorCode;
  /** The sentence of the error, without the script's name. */
  readonly message: string;
  /** What the disk says about the script; `undefined` where none was to be started. */
  readonly start: StartFacts | undefined;
  /** The system's error, where it refused something. */
  readonly systemCode: string | undefined;
  /** There is no user of the name that scripts are to run as. */
  readonly isUserUnknown: boolean;
}

export const REDIRECT_LOOP = verdict(
  "redirect-loop",
  "a script redirects to itself, or scripts to each other, without end",
  "look at the Location that each of them prints",
);

export function diagnose(facts: FailureFacts): Verdict {
  const { code, message, file, systemCode } = facts;
  switch (code) {
    case "ERR_CGI_NOT_EXECUTABLE":
      return verdict("no-execute-permission", `${file} has no x bit`, `chmod +x ${shellWord(file)}`);
    case "ERR_CGI_CANNOT_START":
      return diagnoseCannotStart(facts);
    case "ERR_CGI_NO_HEADER":
    case "ERR_CGI_BAD_HEADER":
      return diagnoseHeader(facts);
    case "ERR_CGI_HEADER_TOO_LARGE":
      return verdict(
        "header-too-large",
        "its header is longer than the limit, or no blank line ends it",
        "print the blank line, send less in cookies, or raise cgiLimits.headerSize",
      );
    case "ERR_CGI_TIMEOUT":
      if (facts.isApplication === true && facts.output.length === 0) return MUTE_APPLICATION;
      return verdict(
        "too-slow",
        "it printed no complete header in time",
        "print and flush the header before the long work begins, look for a loop without end or something that it waits for, or raise cgiLimits.timeToHeader (--cgi-limit header=…)",
      );
    case "ERR_CGI_CUT":
      return diagnoseCut(facts);
    case "ERR_CGI_GATEWAY":
      return diagnoseGateway(message, systemCode);
    case "ERR_CGI_REDIRECT_LOOP":
      return REDIRECT_LOOP;
    case "ERR_CGI_BAD_REQUEST":
    case "ERR_CGI_REQUEST_TOO_LARGE":
      return verdict(
        "request-unfit",
        "the request holds what no environment can carry",
        "nothing is wrong with the script; the client has to send less, or something else",
      );
    case "ERR_CGI_BUSY":
      return diagnoseBusy(systemCode);
    case "ERR_CGI_NO_SPACE":
      return verdict(
        "no-space",
        "the body of the request cannot be stored: there is no room for it, or no folder that htbin may write to",
        "make room in the folder for temporary files, or set TMPDIR to another (docker run --tmpfs /tmp)",
      );
    default:
      return code satisfies never;
  }
}

function diagnoseCannotStart({ start, systemCode, isUserUnknown, message }: FailureFacts): Verdict {
  const seen = start === undefined ? undefined : diagnoseStart(start, systemCode);
  if (seen !== undefined) return seen;
  if (isUserUnknown) {
    return verdict(
      "no-such-user",
      "there is no such user to run scripts as",
      "name one that exists with --cgi-user",
    );
  }
  return verdict("cannot-start", message, "start it by hand to see more");
}

/** A script that its interpreter cannot read, or finds none in PATH, fails like one that prints nothing. */
function diagnoseHeader(facts: FailureFacts): Verdict {
  const { exit, output, start, message } = facts;
  // Who starts it may hand an empty file to a shell, which finds nothing wrong with it.
  const hasFailed = exit?.code !== 0 || start?.type === "emptyFile";
  if (output.length === 0 && hasFailed && start !== undefined) {
    const seen = diagnoseStart(start);
    if (seen !== undefined) return seen;
  }
  if (start !== undefined && wasReadByShell(facts, start)) {
    return verdict(
      "wrong-architecture",
      "the system does not take it for a program of this machine: it is damaged, or for another",
      "compile it on this machine, or copy it again",
    );
  }
  const seen = diagnoseOutput({ ...facts, user: start?.user.name }, message);
  return seen.name === "text-before-header" && isCommandLinePHP(start) ? PHP_WITHOUT_HEADER : seen;
}

/**
 * What the system refuses to load, execvp(3) hands to a shell, which stumbles over its first lines: `FILE: 1:
 * …`.
 */
function wasReadByShell({ file, stderr }: FailureFacts, { start }: StartFacts): boolean {
  const [first = ""] = stderr;
  return (
    programMagic(start) !== undefined &&
    first.startsWith(file) &&
    /^: (?:line )?\d+: /.test(first.slice(file.length))
  );
}

/** One whose workers are all busy takes connections all the same; so does one of another protocol. */
const MUTE_APPLICATION = verdict(
  "too-slow",
  "the application took the request, and said nothing in time",
  "see whether all its workers are busy (php-fpm: pm.max_children), what it waits for, and whether it speaks this protocol (uWSGI: --fastcgi-socket or --scgi-socket); or raise cgiLimits.timeToHeader (--cgi-limit header=…)",
);

const PHP_WITHOUT_HEADER = verdict(
  "text-before-header",
  "php is for the command line: it prints no header, also where the script calls header()",
  "let php-cgi run it: --cgi-interpreter .php=php-cgi",
);

function isCommandLinePHP(start: StartFacts | undefined): boolean {
  const { interpreter } = start ?? {};
  return /(?:^|\/)php[\d.]*(?:\.exe)?$/.test(interpreter?.sought?.name ?? interpreter?.path ?? "");
}

function diagnoseCut({ exit, cutBy, message }: FailureFacts): Verdict {
  switch (cutBy) {
    case "ERR_CGI_GATEWAY":
      return diagnoseGateway(message, undefined);
    case "ERR_CGI_TIMEOUT":
      return verdict(
        "silent",
        `in the middle of its page: ${message}`,
        "look for a loop without end or something that it waits for, or raise cgiLimits.idle (--cgi-limit idle=…), or wholeTime (time=…) where it is set",
      );
    default:
      if (exit?.signal !== undefined && exit.signal !== null) return killed(exit.signal);
      return verdict(
        "too-short",
        "it printed less than the Content-Length that it had promised",
        "count bytes and not characters, or print no Content-Length: htbin needs none",
      );
  }
}

/** An application that cannot be reached (`systemCode` says why), or that broke off. */
export function diagnoseGateway(message: string, systemCode: string | undefined): Verdict {
  switch (systemCode) {
    case "ECONNREFUSED":
    case "ENOENT":
      return verdict(
        "application-unreachable",
        "nobody listens at the address of the application",
        "start it, or correct the address behind --fastcgi or --scgi",
      );
    case "EACCES":
    case "EPERM":
      return verdict(
        "application-unreachable",
        "the user of htbin may not connect to the application's socket",
        "give that user the right to write to the socket (php-fpm: listen.owner, listen.mode)",
      );
    case "EAGAIN":
      return verdict(
        "application-unreachable",
        "the application's queue of connections is full",
        "give it more workers (php-fpm: pm.max_children) or a longer queue (listen.backlog)",
      );
    case undefined:
      return verdict(
        "application-broke-off",
        message,
        "look into the application's own log; it may have crashed, or speak another protocol",
      );
    default:
      return verdict(
        "application-unreachable",
        `the connection to the application failed: ${systemCode}`,
        "see whether it runs, and whether the address behind --fastcgi or --scgi is right",
      );
  }
}

function diagnoseBusy(systemCode: string | undefined): Verdict {
  if (systemCode !== undefined) {
    return verdict(
      "system-full",
      `the system has no room for another process, pipe or file (${systemCode})`,
      "look at ulimit -n and ulimit -u of the server, and at the memory of the machine",
    );
  }
  return verdict(
    "too-busy",
    "as many scripts run as are allowed, and as many wait",
    "nothing is wrong with the script; make it faster, or raise cgiLimits.scriptsAtOnce (--cgi-limit scripts=…)",
  );
}
