// One request to a FastCGI application: records over a connection that is kept for the next one.

import type { Socket } from "node:net";
import { Writable } from "node:stream";

import { CGIError } from "../errors.ts";
import { connectTo } from "./connect-to-application.ts";
import { ApplicationRun } from "./application-run.ts";
import type { Environment } from "./environment.ts";
import { BadRecord, makeRecords, makeRequest, readEnd, RECORD_TYPE, takeRecord } from "./fastcgi-records.ts";
import { keep, takeKept, watchPatience } from "./kept-connections.ts";
import { LineSplitter } from "./line-splitter.ts";

/** What is asked of an application. */
export interface ApplicationRequest {
  /** `unix:/run/php.sock`, `127.0.0.1:9000`. */
  readonly address: string;
  readonly environment: Environment;
  readonly hasBody: boolean;
  /** One line of what it prints on stderr, without its line end. */
  readonly onStderrLine: (line: string) => void;
}

/** One request at a time on a connection: hardly an application takes more. */
const REQUEST_ID = 1;
const EMPTY = Buffer.alloc(0);
/** How long a connection is open after its request was aborted, in milliseconds. */
const ABORT_TIME = 1_000;

/** @throws {CGIError} as `connectTo` does */
export async function startFastCGI(request: ApplicationRequest): Promise<ApplicationRun> {
  const kept = canBeRepeated(request) ? takeKept(request.address) : undefined;
  return new FastCGIRun(kept ?? (await connectTo(request.address)), request, kept !== undefined);
}

/**
 * An application may close a kept connection at the moment when we use it: only what can be
 * asked once more is asked there.
 */
function canBeRepeated({ environment, hasBody }: ApplicationRequest): boolean {
  const method = environment.get("REQUEST_METHOD");
  return !hasBody && (method === "GET" || method === "HEAD");
}

class FastCGIRun extends ApplicationRun {
  override readonly stdin: Writable | undefined;
  readonly #lines: LineSplitter;
  readonly #patience: { stop(): void };
  #input: Buffer = EMPTY;
  /** What to ask once more if the kept connection turns out to be closed. */
  #repeat: Buffer | undefined;

  constructor(
    socket: Socket,
    { address, environment, hasBody, onStderrLine }: ApplicationRequest,
    isKept: boolean,
  ) {
    super(socket, address);
    this.#lines = new LineSplitter(onStderrLine);
    this.#patience = watchPatience(address);
    const begin = makeRequest(REQUEST_ID, environment, true);
    if (hasBody) {
      socket.write(begin);
      this.stdin = recordWriter(socket);
    } else {
      const whole = Buffer.concat([begin, makeRecords(RECORD_TYPE.stdin, REQUEST_ID, EMPTY)]);
      socket.write(whole);
      if (isKept) this.#repeat = whole;
    }
  }

  protected override onBytes(bytes: Buffer): void {
    this.#patience.stop();
    this.#repeat = undefined;
    const input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    let at = 0;
    try {
      for (;;) {
        const taken = takeRecord(input, at);
        if (taken === undefined) break;
        at = taken.next;
        const { type, requestId, content } = taken.record;
        if (requestId !== REQUEST_ID) continue;
        if (type === RECORD_TYPE.stdout && content.length > 0) this.addOutput(content);
        else if (type === RECORD_TYPE.stderr) this.#lines.push(content);
        else if (type === RECORD_TYPE.endRequest) return this.#end(content, at === input.length);
      }
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      this.fail(this.broken(`sent what is no FastCGI (${error.message})`, error));
      return;
    }
    this.#input = input.subarray(at);
  }

  #end(content: Buffer, isLast: boolean): void {
    const end = readEnd(content);
    this.#lines.end();
    switch (end.kind) {
      case "complete":
        this.complete(end.appStatus);
        // What is left of a body, or stands behind the end, would be taken for the
        // next request, or its answer.
        if (isLast && (this.stdin === undefined || this.stdin.writableFinished)) {
          this.leaveSocket();
          keep(this.address, this.socket);
        } else this.socket.destroy();
        return;
      case "overloaded":
        return this.fail(new CGIError("ERR_CGI_BUSY", `the application at ${this.address} is overloaded`));
      case "refused":
        return this.fail(this.broken(`refused the request (${end.reason})`));
      default:
        return end satisfies never;
    }
  }

  protected override onEnd(): void {
    this.#lines.end();
    this.fail(this.broken("closed the connection"));
  }

  protected override abort(): void {
    this.#patience.stop();
    this.#repeat = undefined;
    this.socket.end(makeRecords(RECORD_TYPE.abortRequest, REQUEST_ID, EMPTY));
    this.socket.resume();
    setTimeout(() => this.socket.destroy(), ABORT_TIME).unref();
  }

  protected override fail(error: CGIError): void {
    const repeat = this.#repeat;
    this.#repeat = undefined;
    if (repeat !== undefined) return void this.#askAgain(repeat);
    this.#patience.stop();
    super.fail(error);
  }

  async #askAgain(request: Buffer): Promise<void> {
    try {
      await this.changeSocket(() => connectTo(this.address));
      this.socket.write(request);
    } catch (error) {
      super.fail(error as CGIError);
    }
  }
}

/** The body of the request as FCGI_STDIN; what the application does not take, waits in the client. */
function recordWriter(socket: Socket): Writable {
  const write = (bytes: Uint8Array, done: (error?: Error | null) => void): void => {
    socket.write(makeRecords(RECORD_TYPE.stdin, REQUEST_ID, bytes), (error) => done(error));
  };
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => write(chunk, done),
    final: (done) => write(EMPTY, done),
  }).on("error", () => {});
}
