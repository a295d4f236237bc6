// A failed run, described: the error of the request together with all that is
// known about the script behind it.

import { CGIError, systemErrorCode } from "../errors.ts";
import type { Application } from "./application-path.ts";
import { wayTo } from "./access-way.ts";
import { diagnose } from "./diagnose.ts";
import { diagnoseNotExecutable } from "./diagnose-start.ts";
import { readStart, type StartableCommand } from "./interpreter.ts";
import { tellingLine } from "./last-words.ts";
import { namedObstacle } from "./named-obstacle.ts";
import type { RunNotes } from "./run-notes.ts";
import { recordLines, verdictLines } from "./run-record.ts";
import { principal, startFacts } from "./start-facts.ts";
import { type SystemUser, UnknownUserError } from "./user.ts";
import type { Verdict } from "./verdict.ts";

/** What was tried. */
export interface Attempt {
  /** `GET /cgi-bin/x?y`. */
  readonly request: string;
  readonly file: string;
  readonly directory: string;
  /** `undefined` where it was not even clear how to start it. */
  readonly start: StartableCommand | undefined;
  /** `undefined`: the user that the server runs as. */
  readonly user: SystemUser | undefined;
  /** PATH of the script. */
  readonly searchPath: string;
  readonly notes: RunNotes;
  /** Who was asked in the place of the file. */
  readonly application?: Application | undefined;
}

/** Milliseconds to wait, after a failure, for the end of the script and its last words on stderr. */
const LAST_WORDS_TIME = 250;

/** The same error with the record of the run as its details. */
export async function describeFailure(error: CGIError, attempt: Attempt): Promise<CGIError> {
  const { notes } = attempt;
  // How it ends from here on is our doing.
  const { exit, duration } = notes;
  await notes.complete(LAST_WORDS_TIME);
  const facts = { ...attempt, exit, duration, outputSize: notes.outputSize, lastWords: notes.lastWords };
  const user = attempt.user?.name ?? "the user of the server";
  const details = recordLines(
    { ...facts, interpreter: interpreterOf(attempt.start), user, application: attempt.application },
    verdictOn(error, attempt, exit),
  );
  return new CGIError(error.code, error.message, { cause: error.cause ?? error, details });
}

/** A script without an x bit, or out of our reach. `message` is what the client may read. */
export function notExecutable(file: string, message: string): CGIError {
  const obstacle = diagnoseNotExecutable(file, wayTo(file), principal(undefined), readStart(file));
  return new CGIError("ERR_CGI_NOT_EXECUTABLE", message, { details: verdictLines(obstacle) });
}

function verdictOn(error: CGIError, attempt: Attempt, exit: RunNotes["exit"]): Verdict {
  const { file, start, user, searchPath, notes } = attempt;
  // The record has the script's name already.
  const nameless = error.cause instanceof CGIError ? error.cause : error;
  const stderr = [...notes.lastWords.first, ...notes.lastWords.last];
  const told = tellingLine(stderr);
  return diagnose({
    code: error.code,
    cutBy: nameless.code,
    message: nameless.message,
    file,
    start: attempt.application === undefined ? startFacts(file, start, user, searchPath) : undefined,
    systemCode: systemCodeBehind(error),
    isUserUnknown: error instanceof UnknownUserError,
    output: notes.outputStart,
    hasEnded: error.code === "ERR_CGI_NO_HEADER",
    stderr,
    exit,
    isApplication: attempt.application !== undefined,
    beyondReach:
      told === undefined || attempt.application !== undefined
        ? undefined
        : namedObstacle(told, principal(user)),
  });
}

/** What the system said; an error of ours may stand between. */
function systemCodeBehind(error: CGIError): string | undefined {
  const { cause } = error;
  return cause instanceof CGIError ? systemCodeBehind(cause) : systemErrorCode(cause);
}

function interpreterOf(start: StartableCommand | undefined): string | undefined {
  return start?.kind === "interpreter" ? [start.command, ...start.args].join(" ") : undefined;
}
