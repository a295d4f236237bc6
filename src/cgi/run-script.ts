// One run of a script, from a free place to its last byte: both directions at once, each within
// its limit (RFC 3875 §4.2, §6).

import { CGIError, type CGIErrorCode, ConnectionLostError } from "../errors.ts";
import { decideOutcome, type ScriptOutcome } from "./response-outcome.ts";
import type { ScriptHeader } from "./script-header.ts";
import { ScriptHeadsReader } from "./script-heads.ts";
import type { ScriptJob } from "./script-job.ts";
import type { ScriptRead } from "./script-process.ts";
import type { ScriptRun } from "./script-run.ts";
import { startFailureOf, startRun } from "./start-run.ts";
import type { ProcessEnd } from "./started-process.ts";

/** The body of an answer, piece by piece. */
export type BodyPiece =
  /** A large piece is lent: see `ScriptOutput.read()`. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "end" }
  /** The body is not whole, and the client must see that. A `CGIError` where the script is to blame. */
  | { readonly kind: "cut"; readonly cause: Error };

/**
 * Milliseconds for which output that nobody wants is still read, so that a script meets no
 * broken pipe over its last line.
 */
const DRAIN_TIME = 10_000;

/** Milliseconds to wait, after the end of stdout, for the news how the script ended. */
const EXIT_NEWS_TIME = 250;

/**
 * Waits for a place, starts the script, and reads its header.
 * @throws {CGIError} with all that is known about why there is no answer
 * @throws {ConnectionLostError} if the signal was aborted first
 */
export async function runScript(job: ScriptJob): Promise<ScriptAnswer> {
  const place = await job.slots.acquire(job.client, job.signal);
  if (place.kind === "aborted") throw clientGone();
  if (place.kind === "full") throw notStarted(job.scriptName, place.reason);
  let script: ScriptRun;
  try {
    script = await startRun(job);
  } catch (error) {
    place.release();
    throw error;
  }
  // A script that has closed stdout still takes its place until it ends.
  void script.exited.then((exit) => {
    place.release();
    job.notes?.ended(exit);
  });
  const answer = new ScriptAnswer(job, script);
  await answer.readHeader();
  return answer;
}

export function notStarted(scriptName: string, reason: string): CGIError {
  return new CGIError("ERR_CGI_BUSY", `${scriptName} was not started: ${reason}`);
}

function clientGone(): ConnectionLostError {
  return new ConnectionLostError("the client left before the script had answered");
}

export class ScriptAnswer {
  readonly #job: ScriptJob;
  readonly #script: ScriptRun;
  #header: ScriptHeader | undefined;
  #outcome: ScriptOutcome | undefined;
  /** What stood behind the header in the same piece of output. */
  #rest: Uint8Array | undefined;
  /** How much of a declared length is still to come. */
  #left = Infinity;
  /** When a byte went in or out last: limits count from there, as a slow upload is not the script's fault. */
  #lastProgress = performance.now();
  readonly #endsAt: number;
  #isReleased = false;
  /** How the script ended has been said already. */
  #isExitTold = false;
  /** Why the request's body is not whole. */
  #bodyError: Error | undefined;
  readonly #onUpload = (): void => {
    this.#lastProgress = performance.now();
  };
  readonly #onAbort = (): void => this.#script.abandon();

  constructor(job: ScriptJob, script: ScriptRun) {
    this.#job = job;
    this.#script = script;
    this.#endsAt = performance.now() + job.limits.wholeTime;
    job.signal.addEventListener("abort", this.#onAbort);
    if (job.signal.aborted) script.abandon();
    this.#sendBody();
  }

  get scriptName(): string {
    return this.#job.scriptName;
  }

  get outcome(): ScriptOutcome {
    if (this.#outcome === undefined) throw new TypeError("the header has not been read");
    return this.#outcome;
  }

  /** stdout is read while this goes on: a script may answer before it has read, or without reading. */
  #sendBody(): void {
    const { body } = this.#job;
    const { stdin } = this.#script;
    if (body === undefined || stdin === undefined) return;
    body.on("data", this.#onUpload);
    // A body that breaks off is never given as a whole one: the script gets
    // SIGTERM instead of an end of file.
    body.once("error", (error) => {
      if (this.#isReleased) return;
      this.#bodyError = error;
      if (error instanceof ConnectionLostError) this.#script.abandon();
      else this.#script.end();
    });
    stdin.once("close", () => this.#leaveBody());
    body.pipe(stdin);
  }

  /** What is not read of the body is the connection's again: nobody here listens to it any more. */
  #leaveBody(): void {
    this.#job.body?.unpipe(this.#script.stdin).off("data", this.#onUpload);
  }

  async readHeader(): Promise<void> {
    const heads = new ScriptHeadsReader(this.#job.limits.headerSize);
    try {
      while (this.#outcome === undefined) this.#takeHeads(heads, await this.#readForHeader(heads));
    } catch (error) {
      throw await this.#failure(error);
    }
    if (this.#outcome.kind === "document") this.#left = this.#outcome.length ?? Infinity;
  }

  /** The next output of a script that owes its header. */
  async #readForHeader(heads: ScriptHeadsReader): Promise<Buffer> {
    const { timeToHeader, wholeTime } = this.#job.limits;
    const read = await this.#read(timeToHeader);
    const lost = this.#whyUnwanted();
    if (lost !== undefined) throw lost;
    switch (read.kind) {
      case "bytes":
        return read.bytes;
      case "end":
        throw this.#script.failure ?? heads.end();
      case "silent": {
        const seconds = Math.min(timeToHeader, wholeTime) / 1000;
        throw new CGIError("ERR_CGI_TIMEOUT", `it printed no complete header within ${seconds} s`);
      }
      default:
        return read satisfies never;
    }
  }

  #takeHeads(heads: ScriptHeadsReader, bytes: Buffer): void {
    if (this.#job.isNonParsedHeader === true) {
      this.#rest = bytes;
      this.#outcome = { kind: "raw", status: statusOf(bytes) };
      return;
    }
    for (const head of heads.read(bytes)) {
      if (head.kind === "interim") {
        this.#job.onInterim?.(head.document);
        continue;
      }
      this.#header = head.header;
      // A copy, as of all parts of a piece: so small a one may wait for its client
      // while the piece is used again.
      this.#rest = Uint8Array.from(head.rest);
      this.#outcome = decideOutcome(head.header);
    }
  }

  /** Why nobody wants the answer any more: the client has left, or its request is not whole. */
  #whyUnwanted(): Error | undefined {
    return this.#job.signal.aborted ? clientGone() : this.#bodyError;
  }

  /** The header's fault in the words that people search for, with the script's name and end. */
  async #failure(error: unknown): Promise<unknown> {
    // A script that printed something else may be about to say why on stderr, and then to end by itself.
    const news =
      error instanceof CGIError && error.code !== "ERR_CGI_TIMEOUT" ? await this.#exitNews() : undefined;
    const exit = error instanceof CGIError && error.code === "ERR_CGI_NO_HEADER" ? news : undefined;
    this.stop();
    if (!(error instanceof CGIError)) return error;
    const code = exit === undefined ? undefined : await this.#script.startError?.(exit);
    if (code !== undefined) {
      this.#job.notes?.refused();
      return startFailureOf(Object.assign(new Error(code), { code }), this.#job);
    }
    const wellKnown: Partial<Record<typeof error.code, string>> = {
      ERR_CGI_NO_HEADER: "premature end of script headers: ",
      ERR_CGI_BAD_HEADER: "malformed header from script: ",
      ERR_CGI_HEADER_TOO_LARGE: "too large header from script: ",
    };
    const ending = exit === undefined ? "" : `; ${exitMessage(exit)}`;
    const message = `${this.#job.scriptName}: ${wellKnown[error.code] ?? ""}${error.message}${ending}`;
    return new CGIError(error.code, message, { cause: error });
  }

  /** Silent is also a script whose whole time is over, whatever it has printed. */
  async #read(limit: number): Promise<ScriptRead> {
    for (;;) {
      const now = performance.now();
      if (now >= this.#endsAt) return { kind: "silent" };
      const left = Math.min(this.#lastProgress + limit, this.#endsAt) - now;
      const read = await this.#script.read(Math.max(left, 0));
      if (read.kind === "bytes") {
        this.#lastProgress = performance.now();
        this.#job.notes?.output(read.bytes);
      }
      // Timers fire up to a millisecond early.
      if (read.kind !== "silent" || performance.now() - this.#lastProgress >= limit - 1) return read;
    }
  }

  /** The next piece of the body, within the length that the script declared; none after the last. */
  async nextPiece(): Promise<BodyPiece> {
    if (this.#left === 0) return this.#endOfLength();
    if (this.#rest !== undefined && this.#rest.length > 0) {
      const bytes = this.#rest;
      this.#rest = undefined;
      return this.#withinLength(bytes);
    }
    // The time that the client took for the last piece is not the script's silence.
    this.#lastProgress = performance.now();
    const read = await this.#read(this.#job.limits.idle);
    const lost = this.#whyUnwanted();
    if (lost !== undefined) return { kind: "cut", cause: lost };
    switch (read.kind) {
      case "bytes":
        return this.#withinLength(read.bytes);
      case "silent":
        this.#script.end();
        return cutBy("ERR_CGI_TIMEOUT", this.#whySilent());
      case "end":
        return this.#endOfOutput();
      default:
        return read satisfies never;
    }
  }

  #whySilent(): string {
    const { idle, wholeTime } = this.#job.limits;
    return performance.now() >= this.#endsAt
      ? `it ran for more than ${wholeTime / 1000} s`
      : `it printed nothing for ${idle / 1000} s`;
  }

  /** Without a length an end of file looks like a whole answer, whether the script was done or was shot. */
  async #endOfOutput(): Promise<BodyPiece> {
    if (this.#script.failure !== undefined) return { kind: "cut", cause: this.#script.failure };
    const exit = await this.#exitNews();
    if (typeof exit?.signal === "string") {
      this.#isExitTold = true;
      return cutBy("ERR_CGI_CUT", exitMessage(exit));
    }
    if (this.#left === Infinity) return { kind: "end" };
    return cutBy("ERR_CGI_CUT", `its output ended ${this.#left} bytes before its Content-Length`);
  }

  /** The client has all of it. A script that answered first and reads its body now still gets that body. */
  async #endOfLength(): Promise<BodyPiece> {
    while (this.#isUploading()) {
      const read = await this.#read(this.#job.limits.idle);
      if (read.kind !== "bytes") break;
    }
    return { kind: "end" };
  }

  #isUploading(): boolean {
    const { body } = this.#job;
    return body !== undefined && !body.readableEnded && this.#script.stdin?.destroyed === false;
  }

  #withinLength(bytes: Uint8Array): BodyPiece {
    if (bytes.length > this.#left) {
      this.#logExcess();
      bytes = Uint8Array.from(bytes.subarray(0, this.#left));
    }
    this.#left -= bytes.length;
    return { kind: "bytes", bytes };
  }

  #logExcess(): void {
    this.#job.log(
      `${this.#job.scriptName}: its output is longer than its Content-Length; the rest is not sent`,
    );
  }

  async #exitNews(): Promise<ProcessEnd | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), EXIT_NEWS_TIME);
    });
    const exit = await Promise.race([this.#script.exited, tooLate]);
    clearTimeout(timer);
    return exit;
  }

  /**
   * The client has all that it gets. The script may come to its end: it may not print for long, nor run on
   * for longer than it may be silent. Call it on every way out; it does not wait, and never fails.
   */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    // From here on a client that leaves is no reason to end anything.
    this.#job.signal.removeEventListener("abort", this.#onAbort);
    // What is left of the body is not passed on; but stdin stays open, or its end would
    // look like the end of the body.
    const isCut = this.#isUploading();
    this.#leaveBody();
    void this.#letFinish(isCut ? DRAIN_TIME : this.#job.limits.idle);
  }

  /** Nobody wants the answer: the script is told to end. */
  stop(): void {
    this.#script.end();
    this.release();
  }

  async #letFinish(time: number): Promise<void> {
    const script = this.#script;
    const left = Math.min(time, Math.max(this.#endsAt - performance.now(), 0));
    const end = setTimeout(() => script.end(), left);
    const deadline = performance.now() + DRAIN_TIME;
    for (;;) {
      const read = await script.read(left);
      if (read.kind === "end") break;
      // PHP works on with stdout open when its page is complete (MediaWiki's jobs, Drupal's cron): that
      // prints nothing.
      if (read.kind === "silent" || performance.now() >= deadline) {
        script.end();
        break;
      }
    }
    const exit = await script.exited;
    clearTimeout(end);
    if (exit.code !== 0 && !this.#isExitTold && !this.#job.signal.aborted && this.#header !== undefined) {
      this.#job.log(`${this.#job.scriptName}: ${exitMessage(exit)}`);
    }
  }
}

function cutBy(code: CGIErrorCode, reason: string): BodyPiece {
  return { kind: "cut", cause: new CGIError(code, reason) };
}

/** The status of a response that somebody else has made; 200 where its beginning does not say. */
function statusOf(start: Buffer): number {
  return Number(/^HTTP\/\d(?:\.\d)? +(\d{3})/.exec(start.toString("latin1", 0, 20))?.[1] ?? 200);
}

/** `CGI script exit code 1`, as the original has it. */
function exitMessage(exit: ProcessEnd): string {
  return exit.signal === null
    ? `CGI script exit code ${exit.code}`
    : `CGI script was ended by ${exit.signal}`;
}
