// What an answer is read from: a process, or a request to an application that runs already.

import type { Writable } from "node:stream";

import type { CGIError } from "../errors.ts";
import type { ScriptRead } from "./script-process.ts";
import type { ProcessEnd } from "./started-process.ts";

export interface ScriptRun {
  /** For the body of the request, where there is one. */
  readonly stdin: Writable | undefined;
  readonly exited: Promise<ProcessEnd>;
  /** Why the output is not whole, once it is at its end. */
  readonly failure?: CGIError | undefined;
  /** After the end of what printed nothing: the error number of a program that could not start the script. */
  startError?(end: ProcessEnd): Promise<string | undefined>;
  read(limit: number): Promise<ScriptRead>;
  /** The client has left. */
  abandon(): void;
  /** Nobody wants the output any more. */
  end(): void;
}
