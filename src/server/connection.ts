// One connection: request heads and bodies from the socket, responses to the socket, and its deadlines.

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ConnectionLostError, HTTPRequestError } from "../errors.ts";
import { bodyDecoder } from "../http1/body-decoder.ts";
import { type BodyFraming, contentTooLarge } from "../http1/framing.ts";
import { BadRequestHead, type RequestHead, RequestHeadReader } from "../http1/request-head.ts";
import { ClientPresence } from "./client-presence.ts";
import { answerAtEndOfTurn, currentBatch } from "./end-of-turn.ts";
import { turnMoment } from "./turn-clock.ts";
import { type BodySink, droppingSink, IncomingBody } from "./incoming-body.ts";
import { InputQueue } from "./input-queue.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./limits.ts";
import { Linger } from "./linger.ts";
import { OutputQueue } from "./output-queue.ts";

/**
 * What a server hands to a handler as its `request`: the socket, and HTTP/1 upon it.
 *
 * Reading is pulled: `takeHead()`, then `readBody()` to its end or `discardBody()`, then `takeHead()` again.
 * What the client sends ahead is kept up to a limit; beyond it the socket is paused, so the client waits.
 */
export class Connection {
  /** The socket beneath. Nothing should be written to it directly. */
  readonly socket: Duplex;
  /** What the server puts up with. */
  readonly limits: ServerLimits;
  readonly #heads: RequestHeadReader;
  readonly #input: InputQueue;
  readonly #output: OutputQueue;
  readonly #presence = new ClientPresence();

  #isReading = false;
  #hasEnded = false;
  #isClosed = false;
  /** There from `close()` on. */
  #linger: Linger | undefined;
  /** The client was given time for another request, and has not used it. */
  #hasTimedOut = false;

  #onHeadInput: (() => void) | undefined;
  #headFailure: BadRequestHead | undefined;
  /** A part of the head is here, and its time is running. */
  #isInHead = false;
  /** There is input for a head, to be looked at when the turn of the event loop ends. */
  #isQueued = false;
  /** The batch of the next head, then of the current one. */
  #nextBatch = 0;
  #batch = 0;
  /** The body of the current request, if it has one. */
  #body: IncomingBody | undefined;
  #requests = 0;
  /** Bytes that were written when the connection was gone already. */
  #refused = 0;

  /** When the awaited head must be here, or when to look after a closing connection; else `Infinity`. */
  #deadline = Infinity;
  /** The server is stopping: no request after the one that runs now. */
  isLastRequest = false;

  constructor(socket: Socket | Duplex, limits: ServerLimits = DEFAULT_LIMITS) {
    this.socket = socket;
    this.limits = limits;
    this.#heads = new RequestHeadReader(limits);
    this.#input = new InputQueue(socket);
    this.#output = new OutputQueue(socket);
    socket.on("error", ignore); // "close" follows, and says all that is needed
    socket.on("close", () => this.#onClose());
  }

  // ---- request heads -------------------------------------------------------------------------------------

  /**
   * The next request head, if all of it is here; else `whenHead()` says when to ask, unless `hasNoMoreHeads`.
   * @throws {BadRequestHead} for what is no request, or comes too slowly
   */
  takeHead(): RequestHead | undefined {
    if (this.#headFailure !== undefined) throw this.#headFailure;
    const input = this.#input;
    const head = input.isEmpty ? undefined : this.#heads.read(input.bytes, input.at);
    if (head === undefined) return undefined;
    input.at = this.#heads.end;
    this.#isInHead = false;
    this.#deadline = Infinity;
    this.#beginRequest(head);
    this.#batch = this.#nextBatch;
    // Pipelined requests may be answered in parallel where all are safe (RFC 9112 §9.3.2). What comes behind
    // another one has to see what that has done.
    if (head.method !== "GET" && head.method !== "HEAD") this.#nextBatch = 0;
    return head;
  }

  #beginRequest(head: RequestHead): void {
    const { framing } = head;
    if (++this.#requests >= this.limits.requestsPerConnection) this.isLastRequest = true;
    this.#body = undefined;
    if (framing.kind === "none") return;
    if (framing.kind === "length" && framing.length > this.limits.body) {
      throw new BadRequestHead(contentTooLarge(this.limits.body), head.requestline, head.method);
    }
    const decoder = bodyDecoder(framing);
    if (decoder !== undefined) this.#body = new IncomingBody(decoder, this.limits);
  }

  /**
   * The number of the batch that the current request is answered in, without having waited since it arrived;
   * 0 if it is on its own. What was looked up in a batch was looked up after all its requests had arrived.
   */
  get batch(): number {
    return this.#batch === currentBatch() ? this.#batch : 0;
  }

  /** Calls back once, when `takeHead()` may have news. No promise: it is needed for every request. */
  whenHead(callback: () => void): void {
    if (this.isIdle) {
      this.#deadline = turnMoment() + this.limits.idleTime;
      // A connection that waits holds nothing of what it has done.
      this.#input.clear();
      this.#body = undefined;
    }
    // The head's time runs from its first byte, and no further byte extends it.
    else if (!this.#isInHead) this.#deadline = turnMoment() + this.limits.headTime;
    this.#isInHead = !this.isIdle;
    this.#onHeadInput = callback;
    this.#startReading();
    this.#input.resume();
  }

  /** What `takeHead()` does not give will not come: the client has ended, or we have. */
  get hasNoMoreHeads(): boolean {
    return this.#hasEnded || this.#isClosed || this.#linger !== undefined || this.#hasTimedOut;
  }

  /** Nothing of a request has arrived, and none is being handled. */
  get isIdle(): boolean {
    return this.#input.isEmpty && this.isBodyRead;
  }

  /** Between requests, waiting for the next head: closing now loses nothing. */
  get isWaiting(): boolean {
    return this.isIdle && (this.#onHeadInput !== undefined || !this.#isReading);
  }

  /** When the time for the head ends that is waited for; `Infinity` if none is. */
  get headDeadline(): number {
    return this.#onHeadInput === undefined ? Infinity : this.#deadline;
  }

  #tellHeadInput(): void {
    const callback = this.#onHeadInput;
    this.#onHeadInput = undefined;
    callback?.();
  }

  // ---- request bodies ------------------------------------------------------------------------------------

  /** Whether all of the current request has been read. */
  get isBodyRead(): boolean {
    return this.#body === undefined || this.#body.isRead;
  }

  /** Lets the body flow into the sink, until it wants no more for now, or the body ends. */
  readBody(sink: BodySink): void {
    if (this.#body === undefined) return sink.onEnd();
    this.#body.pour(sink);
    this.#moveBody(this.#body);
  }

  /** Whether `discardBody()` would give up at once: then the response says `close` (RFC 9112 §9.6). */
  isTooLongToDiscard(framing: BodyFraming): boolean {
    return !this.isBodyRead && framing.kind === "length" && framing.length > this.limits.discard;
  }

  /** Drops the rest of the body. @returns whether it ended within the limit, and a request may follow */
  discardBody(framing: BodyFraming): Promise<boolean> | boolean {
    if (this.isBodyRead) return true;
    if (this.isTooLongToDiscard(framing)) return false;
    return new Promise((resolve) => this.readBody(droppingSink(this.limits.discard, resolve)));
  }

  #moveBody(body: IncomingBody): void {
    let wantsMore: boolean;
    try {
      wantsMore = body.take(this.#input);
    } catch (error) {
      return this.#failBody(error as Error);
    }
    if (!wantsMore) return;
    if (this.#hasEnded || this.#isClosed) {
      this.#failBody(new ConnectionLostError("The client ended the connection within the request body"));
    } else this.#input.resume();
  }

  #failBody(error: Error): void {
    // Where the framing is broken nobody knows where a next request would begin.
    this.isLastRequest = true;
    this.#body?.fail(error);
  }

  // ---- responses -----------------------------------------------------------------------------------------

  /** Queues bytes, which leave with all that is written in this turn of the loop. Strings are Latin-1. */
  write(data: string | Uint8Array): void {
    if (this.#isClosed) this.#refused += data.length;
    else this.#output.write(data);
  }

  /** Hands all that is queued to the socket now. */
  flush(): void {
    if (!this.#isClosed) this.#output.flush();
  }

  /** More has been written than the client takes: wait for `whenDrained()` before writing more. */
  get needsDrain(): boolean {
    return this.#output.needsDrain;
  }

  /** Calls back when the client has taken enough, or with the error when it has gone. */
  whenDrained(callback: (error?: Error) => void): void {
    this.flush();
    if (this.#isClosed) return callback(this.#lostError());
    if (!this.#output.needsDrain) return callback();
    const done = (): void => {
      this.socket.off("drain", done);
      forgetLost();
      this.#output.noteTaken();
      callback(this.#isClosed ? this.#lostError() : undefined);
    };
    this.socket.on("drain", done);
    const forgetLost = this.onLost(done);
  }

  /** Resolves when the client has taken enough. @throws {ConnectionLostError} when it has gone */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.whenDrained((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** The system has not taken all yet that was handed to the socket: the client is slower than the server. */
  get isSending(): boolean {
    return this.#output.isSending;
  }

  /** Resolves when the system has taken all of it. @throws {ConnectionLostError} when the client has gone */
  async sent(): Promise<void> {
    this.flush();
    if (this.isSending) await this.#output.taken();
    if (this.socket.destroyed) throw this.#lostError();
  }

  /** Bytes that were written and of which nobody knows that the system has taken them. */
  get unsent(): number {
    return this.#output.unsent + this.#refused;
  }

  // ---- the end -------------------------------------------------------------------------------------------

  /** The connection is gone: nothing can be read or written any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls back once, when the connection is gone. @returns a function that takes the wish back */
  onLost(listener: () => void): () => void {
    return this.#presence.onLost(listener);
  }

  /**
   * Calls back once, when the connection is gone, or when its client has ended its side and been sent nothing
   * for two seconds: most clients that end their side have left. There is one such listener at a time.
   * @returns a function that takes the wish back
   */
  onGone(listener: () => void): () => void {
    return this.#presence.onGone(listener);
  }

  /**
   * Closes in the order that lets the client read everything: send the rest, end our side, go on reading for
   * a while. Closing at once would answer what the client is still sending with a reset, and a reset discards
   * the response (RFC 9112 §9.6).
   */
  close(): void {
    if (this.#isClosed || this.#linger !== undefined) return;
    this.#linger = new Linger(this.limits);
    this.flush();
    this.socket.end();
    this.#input.clear();
    // No head will come any more, even if the client leaves its side open.
    this.#tellHeadInput();
    if (this.#hasEnded) return; // both sides have ended: the socket closes when the rest is sent
    this.#startReading();
    this.#input.resume();
    this.#deadline = performance.now() + this.limits.lingerTime;
  }

  /**
   * Ends the connection so that the client sees that its response is not complete.
   * @param reset by a reset, where the end of the connection would look like the end of the body
   */
  cut(reset: boolean): void {
    if (this.#isClosed) return;
    this.flush();
    const socket = this.socket as Partial<Socket> & Duplex;
    if (reset && socket.resetAndDestroy !== undefined) socket.resetAndDestroy();
    else if (socket.writableLength === 0 || reset) socket.destroy();
    else socket.end(() => socket.destroy());
  }

  /** Closes without a further word. */
  destroy(): void {
    this.socket.destroy();
  }

  /**
   * Called by the server about once a second. @param now of `performance.now()`: the time of day may be set
   * at any moment
   */
  checkDeadlines(now: number): void {
    if (this.#isClosed) return;
    if (this.#output.isStalled(now, this.limits.writeTime, this.limits.minRate)) return this.destroy();
    if (this.#hasEnded && this.#linger === undefined) return this.#checkPresence(now);
    this.#input.askWhilePaused();
    if (this.#body?.isTooSlow(now) === true) return this.#failBody(tooSlow("request body"));
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    if (this.#linger !== undefined) {
      if (this.#linger.isOver(now, this.socket.writableLength === 0)) return this.destroy();
      this.#deadline = now + this.limits.lingerTime;
      return;
    }
    if (this.#onHeadInput === undefined) return;
    if (this.isIdle) this.#hasTimedOut = true;
    else this.#headFailure = new BadRequestHead(tooSlow("request"), "", "");
    this.#tellHeadInput();
  }

  #checkPresence(now: number): void {
    const isOnItsWay = this.socket.writableLength > 0;
    if (this.#presence.checkSilence(this.limits.idleTime, now, this.#output.given, isOnItsWay))
      this.destroy();
  }

  // ---- the socket ----------------------------------------------------------------------------------------

  #startReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.socket.on("end", () => this.#onEnd());
  }

  #onData(chunk: Buffer): void {
    // A large body follows its head in the same turn: it is not to be gathered here.
    if (this.#isQueued) this.useInput(0);
    if (this.#linger !== undefined) return this.#linger.noteData();
    this.#input.add(chunk);
    if (this.#onHeadInput !== undefined) {
      this.#isQueued = true;
      answerAtEndOfTurn(this);
    } else if (this.#body?.isWanted === true) this.#moveBody(this.#body);
    else this.#input.pauseBeyond(this.limits.readAhead);
  }

  /** Called at the end of the turn of the event loop that brought the beginning of a head. */
  useInput(batch: number): void {
    if (!this.#isQueued) return;
    this.#isQueued = false;
    this.#nextBatch = batch;
    this.#tellHeadInput();
    this.#nextBatch = 0;
  }

  /** The client has sent its last byte. It may still wait for answers: half closed is not lost. */
  #onEnd(): void {
    this.#hasEnded = true;
    this.#presence.noteEnd();
    if (this.#linger !== undefined) return void this.socket.end();
    if (this.#isQueued) return;
    if (this.#onHeadInput !== undefined) this.#tellHeadInput();
    else if (this.#body?.isWanted === true) this.#moveBody(this.#body);
  }

  #onClose(): void {
    this.#isClosed = true;
    this.#deadline = Infinity;
    this.#tellHeadInput();
    this.#failBody(this.#lostError());
    this.#presence.noteLost();
    this.#input.clear();
  }

  #lostError(): Error {
    return new ConnectionLostError("The client has closed the connection");
  }
}

function tooSlow(what: string): HTTPRequestError {
  return new HTTPRequestError(408, `The ${what} came too slowly`);
}

function ignore(): void {}
