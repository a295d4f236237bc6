// What is known of a run before it starts: all that was decided about it.

import type { Readable } from "node:stream";

import type { StopSignal } from "../handler/departure.ts";
import type { Application } from "./application-path.ts";
import type { Environment } from "./environment.ts";
import type { StartableCommand } from "./interpreter.ts";
import type { CGILimits } from "./limits.ts";
import type { ScriptDocument } from "./response-outcome.ts";
import type { RunNotes } from "./run-notes.ts";
import type { Slots } from "./slots.ts";
import type { SystemUser } from "./user.ts";

export interface ScriptJob {
  readonly file: string;
  readonly directory: string;
  readonly scriptName: string;
  readonly start: StartableCommand;
  /** Arguments of a script that is started by itself. */
  readonly args?: readonly string[];
  /** It makes its whole response: nothing is read of it, nothing added (RFC 3875 §5). */
  readonly isNonParsedHeader?: boolean;
  readonly environment: Environment;
  /** `undefined`: the user that the server runs as. */
  readonly user: SystemUser | undefined;
  /** Exactly CONTENT_LENGTH bytes, in a file or from a stream; neither without a body. */
  readonly bodyFile: number | undefined;
  readonly body: Readable | undefined;
  readonly slots: Slots;
  /** Whose share of the places it takes, if anybody's. */
  readonly client: string | undefined;
  readonly limits: CGILimits;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: StopSignal;
  /** A head with a status of 102 to 199: another one follows (RFC 9110 §15.2). */
  readonly onInterim?: (document: ScriptDocument) => void;
  /** One sentence, or one line of the script's stderr; may hold any character. */
  readonly log: (message: string) => void;
  /** Takes down what is worth knowing if the run fails. */
  readonly notes?: RunNotes | undefined;
  /** The application that runs already and answers in the place of `file`. */
  readonly application?: Application | undefined;
}
