// One connection: bytes from the socket to request heads and bodies, bytes of responses to the socket, and its deadlines.

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ConnectionLostError, HTTPRequestError } from "../errors.ts";
import { type BodyDecoder, bodyDecoder } from "../http1/body-decoder.ts";
import { type BodyFraming, contentTooLarge } from "../http1/framing.ts";
import { BadRequestHead, type RequestHead, RequestHeadReader } from "../http1/request-head.ts";
import { answerAtEndOfTurn, currentBatch } from "./end-of-turn.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./limits.ts";
import { Linger } from "./linger.ts";
import { OutputQueue } from "./output-queue.ts";
import { Pace } from "./pace.ts";

/** Who takes the body of a request, piece by piece. */
export interface BodySink {
  /** @returns whether more is wanted now; if not, `readBody` is called again later */
  onPiece(bytes: Buffer): boolean;
  onEnd(): void;
  /** The body will never be complete: the client has gone, is too slow, or broke the framing. */
  onError(error: Error): void;
}

const EMPTY = Buffer.alloc(0);

/**
 * A client that has closed and one that has only ended its side (`nc -N`, RFC 9112 §9.6) look the same until something is sent: a
 * closed one answers that with a reset. So long, in milliseconds, a silent answer gives it the benefit of the doubt.
 */
const DOUBT_TIME = 2_000;

/**
 * What a server hands to a handler as its `request`: the socket, and HTTP/1 upon it.
 *
 * Reading is pulled: `takeHead()`, then `readBody()` to its end or `discardBody()`, then `takeHead()` again. What the client
 * sends ahead is kept up to a limit; beyond it the socket is paused, so the client waits.
 */
export class Connection {
  /** The socket beneath. Nothing should be written to it directly. */
  readonly socket: Duplex;
  /** What the server puts up with. */
  readonly limits: ServerLimits;
  readonly #heads: RequestHeadReader;
  readonly #output: OutputQueue;

  /** Bytes that have been received and not been read. */
  #input: Buffer = EMPTY;
  #at = 0;
  #isReading = false;
  #isPaused = false;
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
  #body: BodyDecoder | undefined;
  /** Bytes of that body so far. */
  #bodySize = 0;
  #sink: BodySink | undefined;
  readonly #bodyPace = new Pace();
  #requests = 0;
  readonly #lostListeners = new Set<() => void>();
  /** Bytes that were written when the connection was gone already. */
  #refused = 0;

  /** Told when nobody seems to wait for the answer any more. */
  #goneListener: (() => void) | undefined;
  /** Since when nothing has been sent to a client that has ended its side, and how much had been. */
  #silentSince = 0;
  #givenBefore = 0;

  /** The time by which something must have happened; `Infinity` while nothing is awaited from the client. */
  #deadline = Infinity;
  /** The server is stopping: no request after the one that runs now. */
  isLastRequest = false;

  constructor(socket: Socket | Duplex, limits: ServerLimits = DEFAULT_LIMITS) {
    this.socket = socket;
    this.limits = limits;
    this.#heads = new RequestHeadReader(limits);
    this.#output = new OutputQueue(socket);
    socket.on("error", ignore); // "close" follows, and says all that is needed
    socket.on("close", () => this.#onClose());
  }

  // ---- request heads -------------------------------------------------------------------------------------------------

  /**
   * The next request head, if all of it is here; else `whenHead()` tells when to ask again, unless `hasNoMoreHeads`.
   * @throws {BadRequestHead} for what is no request, or comes too slowly
   */
  takeHead(): RequestHead | undefined {
    if (this.#headFailure !== undefined) throw this.#headFailure;
    if (this.#at !== this.#input.length) {
      const head = this.#heads.read(this.#input, this.#at);
      if (head !== undefined) {
        this.#at = this.#heads.end;
        this.#isInHead = false;
        this.#deadline = Infinity;
        this.#beginRequest(head);
        this.#batch = this.#nextBatch;
        // Pipelined requests may be answered in parallel where all are safe (RFC 9112 §9.3.2). What comes behind another one
        // has to see what that has done.
        if (head.method !== "GET" && head.method !== "HEAD") this.#nextBatch = 0;
        return head;
      }
    }
    return undefined;
  }

  #beginRequest(head: RequestHead): void {
    const { framing } = head;
    if (++this.#requests >= this.limits.requestsPerConnection) this.isLastRequest = true;
    if (framing.kind === "none") return;
    if (framing.kind === "length" && framing.length > this.limits.body) {
      throw new BadRequestHead(contentTooLarge(this.limits.body), head.requestline, head.method);
    }
    this.#body = bodyDecoder(framing);
    this.#bodySize = 0;
    this.#bodyPace.pause();
  }

  /**
   * The number of the batch that the current request is being answered in, without having waited since it arrived; 0 if it is on its own. What has been
   * looked up in a batch was looked up after all its requests had arrived.
   */
  get batch(): number {
    return this.#batch === currentBatch() ? this.#batch : 0;
  }

  /** Calls back once, when `takeHead()` may have something new to say. A callback and no promise: it is needed for every request. */
  whenHead(callback: () => void): void {
    if (this.isIdle) {
      this.#deadline = Date.now() + this.limits.idleTime;
      // What has been read would be held for as long as nothing comes: up to 64 KiB for each connection.
      this.#input = EMPTY;
      this.#at = 0;
    }
    // The head's time runs from its first byte, and no further byte extends it.
    else if (!this.#isInHead) this.#deadline = Date.now() + this.limits.headTime;
    this.#isInHead = !this.isIdle;
    this.#onHeadInput = callback;
    this.#startReading();
    this.#resumeSocket();
  }

  /** What `takeHead()` does not give will not come: the client has ended, or we have. */
  get hasNoMoreHeads(): boolean {
    return this.#hasEnded || this.#isClosed || this.#linger !== undefined || this.#hasTimedOut;
  }

  /** Nothing of a request has arrived, and none is being handled. */
  get isIdle(): boolean {
    return this.#at === this.#input.length && this.#body === undefined;
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

  // ---- request bodies ------------------------------------------------------------------------------------------------

  /** Whether all of the current request has been read. */
  get isBodyRead(): boolean {
    return this.#body === undefined;
  }

  /** Lets the body flow into the sink, until it wants no more for now, or the body ends. */
  readBody(sink: BodySink): void {
    this.#sink = sink;
    this.#pumpBody();
  }

  /** Whether `discardBody()` would give up at once, so that the response can say that the connection closes (RFC 9112 §9.6). */
  isTooLongToDiscard(framing: BodyFraming): boolean {
    return this.#body !== undefined && framing.kind === "length" && framing.length > this.limits.discard;
  }

  /** Reads the rest of the body and drops it. @returns whether it ended within the limit: only then may another request follow */
  discardBody(framing: BodyFraming): Promise<boolean> | boolean {
    if (this.#body === undefined) return true;
    if (this.isTooLongToDiscard(framing)) return false;
    let dropped = 0;
    return new Promise((resolve) => {
      this.readBody({
        onPiece: (bytes) => {
          dropped += bytes.length;
          if (dropped <= this.limits.discard) return true;
          resolve(false);
          return false;
        },
        onEnd: () => resolve(true),
        onError: () => resolve(false),
      });
    });
  }

  #pumpBody(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    try {
      for (;;) {
        if (this.#body === undefined || this.#body.done) return this.#endBody(sink);
        const before = this.#at;
        const { bytes, next } = this.#body.take(this.#input, this.#at);
        this.#at = next;
        if (bytes.length > 0) {
          this.#bodySize += bytes.length;
          if (this.#bodySize > this.limits.body) throw contentTooLarge(this.limits.body);
          if (this.#body.done) this.#body = undefined;
          if (!sink.onPiece(bytes)) {
            this.#sink = undefined;
            this.#deadline = Infinity;
            // The last piece was taken without a wish for more: the end must still be told.
            if (this.#body === undefined) sink.onEnd();
            return;
          }
        } else if (next === before) break;
      }
    } catch (error) {
      this.#failBody(error as Error);
      return;
    }
    if (this.#hasEnded || this.#isClosed) {
      this.#failBody(new ConnectionLostError("The client ended the connection within the request body"));
      return;
    }
    this.#deadline = Date.now() + this.limits.bodyTime;
    this.#resumeSocket();
  }

  #endBody(sink: BodySink): void {
    this.#body = undefined;
    this.#sink = undefined;
    this.#deadline = Infinity;
    sink.onEnd();
  }

  #failBody(error: Error): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#deadline = Infinity;
    // Where the framing is broken nobody knows where a next request would begin.
    this.isLastRequest = true;
    sink?.onError(error);
  }

  // ---- responses -----------------------------------------------------------------------------------------------------

  /** Queues bytes; they leave together with what else is written in this turn of the event loop. Strings are Latin-1. */
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

  /**
   * Calls back when the client has taken enough, or with the error when it has gone.
   */
  whenDrained(callback: (error?: Error) => void): void {
    this.flush();
    if (this.#isClosed) return callback(this.#lostError());
    if (!this.#output.needsDrain) return callback();
    const done = (): void => {
      this.socket.off("drain", done);
      this.#lostListeners.delete(done);
      this.#output.noteTaken();
      callback(this.#isClosed ? this.#lostError() : undefined);
    };
    this.socket.on("drain", done);
    this.#lostListeners.add(done);
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

  /** Resolves when the system has taken all that was written. @throws {ConnectionLostError} when the client has gone before */
  async sent(): Promise<void> {
    this.flush();
    if (this.isSending) {
      // An empty piece is taken after all others; "drain" is silent about the last ones when they are few.
      await new Promise<void>((resolve) => this.socket.write(EMPTY, () => resolve()));
      this.#output.noteTaken();
    }
    if (this.socket.destroyed) throw this.#lostError();
  }

  /** Bytes that were written and of which nobody knows that the system has taken them. */
  get unsent(): number {
    return this.#output.unsent + this.#refused;
  }

  // ---- the end -------------------------------------------------------------------------------------------------------

  /** The connection is gone: nothing can be read or written any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Calls back once, when the connection is gone. @returns a function that takes the wish back */
  onLost(listener: () => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /**
   * Calls back once, when the connection is gone, or when its client has ended its side and been sent nothing for two seconds: most
   * clients that end their side have left. There is one such listener at a time. @returns a function that takes the wish back
   */
  onGone(listener: () => void): () => void {
    this.#goneListener = listener;
    this.#silentSince = Date.now();
    const forgetLost = this.onLost(listener);
    return () => {
      forgetLost();
      if (this.#goneListener === listener) this.#goneListener = undefined;
    };
  }

  /**
   * Closes in the order that lets the client read everything: send the rest, end our side, go on reading for a while. Closing
   * at once would answer what the client is still sending with a reset, and a reset discards the response (RFC 9112 §9.6).
   */
  close(): void {
    if (this.#isClosed || this.#linger !== undefined) return;
    this.#linger = new Linger(this.limits);
    this.flush();
    this.socket.end();
    this.#input = EMPTY;
    this.#at = 0;
    // No head will come any more, even if the client leaves its side open.
    this.#tellHeadInput();
    if (this.#hasEnded) return; // both sides have ended: the socket closes when the rest is sent
    this.#startReading();
    this.#resumeSocket();
    this.#deadline = Date.now() + this.limits.lingerTime;
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

  /** Called by the server about once a second. */
  checkDeadlines(now: number): void {
    if (this.#isClosed) return;
    if (this.#output.isStalled(now, this.limits.writeTime, this.limits.minRate)) return this.destroy();
    if (this.#hasEnded && this.#linger === undefined) return this.#checkPresence(now);
    // A socket that is not read does not tell that it was reset. Writing nothing asks for it.
    if (this.#isPaused) this.socket.write(EMPTY);
    // A handler that takes no more for now lets go of the sink: then it is not the client who is slow.
    if (this.#sink === undefined) this.#bodyPace.pause();
    else if (this.#isBodyTooSlow(now)) {
      return this.#failBody(new HTTPRequestError(408, "The request body came too slowly"));
    }
    if (now < this.#deadline) return;
    this.#deadline = Infinity;
    if (this.#linger !== undefined) {
      if (this.#linger.isOver(now, this.socket.writableLength === 0)) return this.destroy();
      this.#deadline = now + this.limits.lingerTime;
      return;
    }
    if (this.#onHeadInput === undefined) return;
    if (this.isIdle) this.#hasTimedOut = true;
    else
      this.#headFailure = new BadRequestHead(
        new HTTPRequestError(408, "The request came too slowly"),
        "",
        "",
      );
    this.#tellHeadInput();
  }

  /** What is still on its way to the client needs no guess: a client that has left answers it with a reset. */
  #checkPresence(now: number): void {
    const { given } = this.#output;
    if (given !== this.#givenBefore || this.socket.writableLength > 0) {
      this.#givenBefore = given;
      this.#silentSince = now;
    }
    const silence = now - this.#silentSince;
    if (silence >= this.limits.idleTime) return this.destroy();
    if (silence < DOUBT_TIME) return;
    const listener = this.#goneListener;
    this.#goneListener = undefined;
    listener?.();
  }

  #isBodyTooSlow(now: number): boolean {
    const { bodyTime, minRate } = this.limits;
    return now >= this.#deadline || this.#bodyPace.isTooSlow(now, this.#bodySize, bodyTime, minRate);
  }

  // ---- the socket ----------------------------------------------------------------------------------------------------

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
    if (this.#at === this.#input.length) this.#input = chunk;
    else this.#input = Buffer.concat([this.#input.subarray(this.#at), chunk]);
    this.#at = 0;
    if (this.#onHeadInput !== undefined) {
      this.#isQueued = true;
      answerAtEndOfTurn(this);
    } else if (this.#sink !== undefined) this.#pumpBody();
    else if (this.#input.length - this.#at > this.limits.readAhead) this.#pauseSocket();
  }

  /** Called at the end of the turn of the event loop that brought the beginning of a head. */
  useInput(batch: number): void {
    if (!this.#isQueued) return;
    this.#isQueued = false;
    this.#nextBatch = batch;
    this.#tellHeadInput();
    this.#nextBatch = 0;
  }

  /** The client has sent its last byte. It may still be waiting for answers: a half-closed connection is not a lost one. */
  #onEnd(): void {
    this.#hasEnded = true;
    this.#silentSince = Date.now();
    if (this.#linger !== undefined) return void this.socket.end();
    if (this.#isQueued) return;
    if (this.#onHeadInput !== undefined) this.#tellHeadInput();
    else if (this.#sink !== undefined) this.#pumpBody();
  }

  #onClose(): void {
    this.#isClosed = true;
    this.#deadline = Infinity;
    this.#tellHeadInput();
    this.#failBody(this.#lostError());
    for (const listener of this.#lostListeners) listener();
    this.#lostListeners.clear();
    this.#input = EMPTY;
    this.#at = 0;
  }

  #lostError(): Error {
    return new ConnectionLostError("The client has closed the connection");
  }

  #pauseSocket(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  #resumeSocket(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.socket.resume();
  }
}

function ignore(): void {}
