// What starting a process takes and gives, by whichever road.

import type { Writable } from "node:stream";

import type { Environment } from "./environment.ts";
import type { ScriptOutput } from "./script-output.ts";

export interface ProcessStart {
  /** An absolute path, so that nothing is searched for and a name with a hyphen in front is no option. */
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  /** Where the script is: "The current working directory […] SHOULD be set to [that]" (RFC 3875 §7.2). */
  readonly directory: string;
  /** Only root may name one: user and group are changed, and supplementary groups are dropped. */
  readonly user: UserAndGroup | undefined;
  readonly stdin: ProcessStdin;
  /** What the system is to hold it to. */
  readonly resources: ScriptResources;
}

/** At its end at once, which costs no pipe; a pipe; or an open file, read from where it stands. */
export type ProcessStdin = "empty" | "pipe" | number;

export interface UserAndGroup {
  readonly uid: number;
  readonly gid: number;
}

/** What the system lets one process of a script take; what is not named is not limited. */
export interface ScriptResources {
  /** Seconds of processor time; then SIGXCPU. */
  readonly cpu?: number;
  /** Bytes of address space. A program that maps much and uses little (Go, Java, Node) needs much. */
  readonly memory?: number;
  /** Bytes of the largest file that it writes; then SIGXFSZ. */
  readonly fileSize?: number;
  /**
   * Processes and threads of the user that scripts run as, in all: the system knows no other
   * count. Root has no such limit.
   */
  readonly processes?: number;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedProcess {
  readonly pid: number;
  /** Our end, where stdin is a pipe. */
  readonly stdin: Writable | undefined;
  readonly stdout: ScriptOutput;
  readonly stderr: ScriptOutput;
  /** Where another program starts the command: the line on stderr by which it says that it cannot. */
  readonly refusal: RegExp | undefined;
  /** Called once, when it has ended and its number is free. To be set in the turn that got this object. */
  onEnded: (end: ProcessEnd) => void;
}

export type StartProcess = (start: ProcessStart) => Promise<StartedProcess>;
