// What the system's refusal to start a script means: the status for the client, and a sentence for the log.

import { CGIError, type CGIErrorCode, systemErrorCode } from "../errors.ts";
import { diagnoseStart } from "./diagnose-start.ts";
import { hasNoRoom } from "./no-room.ts";
import type { StartFacts } from "./start-facts.ts";

/** What `startScript` threw, as the error of the request. */
export function startFailure(error: unknown, file: string, facts: () => StartFacts): CGIError {
  const code = systemErrorCode(error);
  return new CGIError(errorCode(code), `${file} cannot be started: ${reasonFor(code, facts)}`, {
    cause: error,
  });
}

function reasonFor(code: string | undefined, facts: () => StartFacts): string {
  if (hasNoRoom(code)) return `the system has no room for another process or pipe (${code})`;
  if (code === "E2BIG") return "the environment made from the request is larger than the system passes on";
  return diagnoseStart(facts(), code)?.cause ?? `the system says ${code ?? "no reason"}`;
}

function errorCode(code: string | undefined): CGIErrorCode {
  if (hasNoRoom(code)) return "ERR_CGI_BUSY";
  return code === "E2BIG" ? "ERR_CGI_REQUEST_TOO_LARGE" : "ERR_CGI_CANNOT_START";
}
