// The handler of the specification's first rung: reads requests, calls `do_<METHOD>`, and answers.

import type { Readable, Writable } from "node:stream";
import { type BodyFraming, NO_BODY } from "../http1/framing.ts";
import { HTTPMessage } from "../http1/http-message.ts";
import { BadRequestHead, type RequestHead } from "../http1/request-head.ts";
import { reasonPhrase } from "../http1/response-head.ts";
import type { LogRecord } from "../log/log-record.ts";
import type { Connection } from "../server/connection.ts";
import { declareSteps } from "../server/guard-overrides.ts";
import type { ClientAddress } from "../server/server-address.ts";
import type { RequestHandler, TCPServer } from "../server/tcp-server.ts";
import { isBodiless, RESPONSES } from "../status.ts";
import { formatHttpDate } from "../text/http-date.ts";
import { makeVisible } from "../text/visible.ts";
import { answerRequest, type AnswerSteps, pageOrPlainOne, waitFor } from "./answer-request.ts";
import { ContinueExpectation } from "./continue-expectation.ts";
import type { StopSignal } from "./departure.ts";
import {
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
  type ErrorPage,
  makeErrorPage,
} from "./error-page.ts";
import { everySecond } from "./every-second.ts";
import { ExchangeStreams } from "./exchange-streams.ts";
import { guardSteps } from "./guard-steps.ts";
import { methodName } from "./method-name.ts";
import { serveNext, type TurnSteps } from "./next-request.ts";
import { type RequestSteps, serveRequests } from "./request-loop.ts";
import { RequestLog } from "./request-log.ts";
import { ResponseWriter } from "./response-writer.ts";
import { serverField } from "./server-field.ts";

/** What a `do_<METHOD>` method may return: nothing, or a promise that settles when its response is whole. */
export type Handled = void | Promise<void>;

const httpDateNow = everySecond(formatHttpDate);
const NO_FIELDS = new HTTPMessage();

/**
 * One instance handles one connection, request after request.
 *
 * Override: `do_GET()`, `do_POST()`, `do_<METHOD>()` for any method, which are called with the request
 * in `command`, `path`, `headers`, `rfile`; `handleExpect100()`; the log methods; `endHeaders()`, to
 * add a field to every response.
 * Call: `sendResponse()`, `sendHeader()`, `endHeaders()`, then `wfile.write()`; or `sendError()`.
 * Set: `protocolVersion`, `serverVersion`, `sysVersion`, `errorMessageFormat`, `errorContentType`,
 * `MessageClass`, `logFormat`.
 *
 * A method may throw an `HTTPRequestError` for an error response; any other error becomes 500. An override
 * that is async is waited for at the end of the answer; before it goes on, only `do_<METHOD>`, `dispatch()`,
 * `setup()` and `handle()` are.
 */
export class BaseHTTPRequestHandler extends RequestLog implements RequestHandler {
  // ---- set ------------------------------------------------------------------------------------------------

  /** First part of the Server field: `name/version`, several separated by blanks. */
  serverVersion = "BaseHTTP/0.1";
  /** Second part of the Server field. */
  sysVersion = `Node/${process.versions.node}`;
  /** `HTTP/1.0` closes after each response; with `HTTP/1.1` connections persist. */
  protocolVersion = "HTTP/1.0";
  /** Page of `sendError()`: `%(code)d`, `%(message)s` and `%(explain)s` are filled in. */
  errorMessageFormat = DEFAULT_ERROR_MESSAGE;
  /** Content-Type of that page. */
  errorContentType = DEFAULT_ERROR_CONTENT_TYPE;
  /** Makes `headers` out of the field lines. */
  MessageClass: new (fields: readonly string[]) => HTTPMessage = HTTPMessage;
  /** Status code → [short message, long message]. */
  responses: Readonly<Record<number, readonly [string, string]>> = RESPONSES;

  // ---- the connection ------------------------------------------------------------------------------------

  /** The connection; its `socket` is the Node socket. */
  readonly request: Connection;
  /** `[host, port]` of the client. */
  readonly clientAddress: ClientAddress;
  /**
   * The server that has accepted the connection. A subclass may know it better: `declare readonly server:
   * MyServer`.
   */
  readonly server: TCPServer;

  // ---- the request ---------------------------------------------------------------------------------------

  /** The connection is closed after this request. Set before `handleOneRequest()` returns. */
  closeConnection = true;
  /** The method: `GET`. */
  command = "";
  /** Path and query of the request target, as sent: `/a%20b?c`. */
  path = "";
  /** `HTTP/1.1`. */
  requestVersion = "";
  /** The fields of the request; empty between requests, as are `path` and `requestline`. */
  headers: HTTPMessage = NO_FIELDS;
  /** How the body of the request ends: not there, of known length, or in chunks. */
  bodyFraming: BodyFraming = NO_BODY;

  /** What only this class may do, for the parts of its work that have files of their own. */
  readonly #steps: RequestSteps & TurnSteps & AnswerSteps;
  readonly #response: ResponseWriter;
  readonly #streams: ExchangeStreams;
  /** The client takes another response, and its next request can be found: `keep-alive` may be asked for. */
  #mayPersist = false;
  readonly #expectation = new ContinueExpectation(this);

  constructor(request: Connection, clientAddress: ClientAddress, server: TCPServer) {
    super();
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
    this.logFormat = server.logFormat;
    this.#response = new ResponseWriter(request);
    this.#streams = new ExchangeStreams(request, this.#response);
    this.#steps = {
      handler: this,
      response: this.#response,
      streams: this.#streams,
      rest: undefined,
      unfinished: 0,
      running: undefined,
      serveNext: () => serveNext(this.#steps),
      forget: () => this.#forgetRequest(),
      answer: (head) => answerRequest(this.#steps, head),
      callMethod: (head) => this.#callMethod(head),
      abortResponse: (reason) => this.abortResponse(reason),
    };
  }

  // ---- the way of a connection ---------------------------------------------------------------------------

  /** Handles the connection to its end: `setup()`, `handle()`, `finish()`. */
  async run(): Promise<void> {
    guardSteps(this.#steps);
    await this.setup();
    try {
      await this.handle();
    } finally {
      await this.finish();
    }
  }

  /** Called before `handle()`. */
  setup(): Handled {}

  /** Called after `handle()`, also when it has thrown. */
  finish(): Handled {}

  /** Handles one request, and more while the connection persists. */
  async handle(): Promise<void> {
    if (this.handleOneRequest === BaseHTTPRequestHandler.prototype.handleOneRequest)
      return serveRequests(this.#steps, Infinity);
    do {
      await this.handleOneRequest();
    } while (!this.closeConnection);
  }

  /** Reads one request and lets its `do_<METHOD>` answer. */
  handleOneRequest(): Promise<void> {
    return serveRequests(this.#steps, 1);
  }

  /** Calls the method of the request. Override it to decide otherwise which method that is. */
  protected dispatch(): Handled {
    const method = (this as unknown as Record<string, unknown>)[methodName(this.command)];
    if (typeof method !== "function") return this.methodNotImplemented();
    if (this.#expectation.isMet()) return method.call(this) as Handled;
  }

  /**
   * What a `do_<METHOD>` returns that has not sent all of its answer. An override that calls it
   * and drops its promise is waited for all the same, and an error costs its answer only:
   * unheard, it would end the process.
   */
  protected endsAfter(rest: Promise<void>): Promise<void> {
    waitFor(this.#steps, rest);
    return rest;
  }

  /** Answers a method for which there is no `do_<METHOD>`. */
  protected methodNotImplemented(): Handled {
    this.sendError(501, `Unsupported method ('${this.command}')`);
  }

  /**
   * Called for a request with `Expect: 100-continue`: tells the client to send the body.
   * @returns whether the request is to be handled; if not, an error has been sent
   */
  handleExpect100(): boolean {
    this.sendContinue();
    return true;
  }

  /** Sends 100 (Continue), once per request, if the client waits for it. */
  protected sendContinue(): void {
    if (!this.#expectation.isOpen) return;
    this.#expectation.isOpen = false;
    this.sendResponseOnly(100);
    this.endHeaders();
    this.request.flush();
  }

  // ---- answering -----------------------------------------------------------------------------------------

  /** Begins a response: status line, Server, Date. `message` is the reason phrase, if not the usual one. */
  sendResponse(code: number, message?: string): void {
    this.sendResponseOnly(code, message);
    this.sendHeader("Server", this.versionString());
    this.sendHeader("Date", this.dateTimeString());
  }

  /** The status line alone. With 1xx and `endHeaders()` it is an interim response, before the real one. */
  sendResponseOnly(code: number, message?: string): void {
    this.#response.addStatusLine(this.protocolVersion, code, message ?? this.responses[code]?.[0] ?? "");
  }

  /**
   * Adds a field to the response. `Connection: close` and `keep-alive` decide about the connection as well.
   * @throws {TypeError} for a name that is no token, a control character, a second or wrong Content-Length
   */
  sendHeader(keyword: string, value: string | number): void {
    this.#response.addField(keyword, String(value));
  }

  /** Whether a field of that name has been added to the response that is being put together. */
  protected hasResponseHeader(name: string): boolean {
    return this.#response.hasField(name.toLowerCase());
  }

  /** Ends the head of the response and sends it. Every response passes here: an override can add fields. */
  endHeaders(): void {
    const { status } = this.#response;
    if (status >= 200 || status === 101) return this.#endFinalHead();
    this.#response.endInterimHead();
    this.flushHeaders();
  }

  /** Sends the head, if it is complete. */
  flushHeaders(): void {
    this.#response.flushHead();
  }

  /**
   * Sends a complete error response and logs it.
   * @param message reason phrase and heading; the usual one of the code by default, `???` for an unknown code
   * @param explain the text of the page
   * @param fields more fields, such as `{ Allow: "GET, HEAD" }`
   */
  sendError(
    code: number,
    message?: string,
    explain?: string,
    fields: Readonly<Record<string, string>> = {},
  ): void {
    const [short, long] = this.responses[code] ?? ["???", "???"];
    const reason = makeVisible(message ?? short);
    const values = { code, message: reason, explain: explain ?? long };
    this.logError("code %d, message %s", code, message ?? short);
    this.#response.discardHead();
    // An error is a whole response: nobody wants the rest of the body, and it is more than will be dropped.
    if (this.request.isTooLongToDiscard(this.bodyFraming)) {
      this.#mayPersist = false;
      this.closeConnection = true;
    }
    this.sendResponse(code, reasonPhrase(reason));
    for (const [name, value] of Object.entries(fields)) this.sendHeader(name, value);
    if (isBodiless(code) || code === 205) {
      // No response follows a 1xx that is an error, and only the connection's end ends a 205 with no length.
      if (code < 200 || code === 205) this.closeConnection = true;
      return code < 200 && code !== 101 ? this.#endFinalHead() : this.endHeaders();
    }
    const page = pageOrPlainOne(values, this.#steps, () => this.errorPage(code, reason, values.explain));
    this.sendHeader("Content-Type", page.type);
    this.sendHeader("Content-Length", page.body.length);
    this.endHeaders();
    this.writeBody(page.body);
  }

  /** The body of an error response, with its media type: `errorMessageFormat`, filled in. */
  protected errorPage(code: number, message: string, explain: string): ErrorPage {
    return makeErrorPage(this.errorMessageFormat, this.errorContentType, { code, message, explain });
  }

  /** The body of the request, ending exactly where it ends. Touching it is what makes it. */
  get rfile(): Readable {
    return this.#streams.rfile;
  }

  /** The body of the response. Framing is done for you; what was declared in Content-Length is enforced. */
  get wfile(): Writable {
    return this.#streams.wfile;
  }

  /**
   * Aborted when the client has gone, or has ended its side and been sent nothing for two seconds: for
   * whatever works for this client alone.
   */
  get signal(): AbortSignal {
    return this.#streams.signal;
  }

  /** The same as `signal`, for what is needed with every request: it costs next to nothing. */
  protected get departure(): StopSignal {
    return this.#streams.departure;
  }

  /**
   * Writes a piece of the body without a stream; strings are Latin-1. Then look at `request.needsDrain`. An
   * override that keeps a piece keeps a copy: large ones are lent until the client has taken them.
   */
  protected writeBody(chunk: string | Uint8Array): void {
    this.#response.writeBody(chunk);
  }

  /**
   * Begins a response of which `writeBody()` writes all, its status line first. Then the connection ends.
   * @param status for the log
   */
  protected startRawResponse(status: number): void {
    this.closeConnection = true;
    this.#response.startRaw(status);
  }

  /** Ends a response that cannot be completed so that the client sees it, and logs why. */
  protected abortResponse(reason: string | LogRecord): void {
    this.logError("response cut: %s", reason);
    this.closeConnection = true;
    this.request.cut(this.#response.endsByClose);
  }

  /** The status of the response, or of the interim response, that is being put together or was sent last. */
  protected get responseStatus(): number {
    return this.#response.status;
  }

  /** Whether the final response has been started: then it is too late for an error response. */
  protected get isResponseStarted(): boolean {
    return this.#response.isStarted;
  }

  /** Value of the Server field. */
  versionString(): string {
    return serverField(this.serverVersion, this.sysVersion);
  }

  /** A time in seconds since the epoch, or now, as a field has it: `Sun, 06 Nov 1994 08:49:37 GMT`. */
  dateTimeString(timestamp?: number): string {
    return timestamp === undefined ? httpDateNow() : formatHttpDate(timestamp * 1000);
  }

  // ---- inside --------------------------------------------------------------------------------------------

  /**
   * A connection that waits keeps nothing of its last request. Thousands that did would hold memory, and
   * teach the garbage collector that such objects live long: it would keep those of later requests, too.
   */
  #forgetRequest(): void {
    this.headers = NO_FIELDS;
    this.requestline = "";
    this.path = "";
  }

  #callMethod(head: RequestHead | BadRequestHead): Handled {
    this.#begin(head);
    if (head instanceof BadRequestHead) this.sendError(head.status, head.message, head.explain);
    else if (this.#expectation.note(head.expect)) return this.dispatch();
    else {
      this.#mayPersist = false;
      this.closeConnection = true;
      this.sendError(417);
    }
  }

  /** What can be overridden comes last: if it throws, its error must find nothing of the last request. */
  #begin(head: RequestHead | BadRequestHead): void {
    this.#streams.reset();
    this.#response.reset(head.minor);
    this.#expectation.isOpen = false;
    this.requestline = head.requestline;
    this.command = head.method;
    this.path = head.path;
    this.requestVersion = head.version;
    this.bodyFraming = head.framing;
    this.#mayPersist = head.persists && !this.server.turns.isLimited;
    this.closeConnection = !this.#mayPersist || this.protocolVersion === "HTTP/1.0";
    this.noteRequestBegin();
    this.headers = head instanceof BadRequestHead ? NO_FIELDS : new this.MessageClass(head.fields);
  }

  #endFinalHead(): void {
    // The client may or may not send the body that it was not asked for: no next request is found behind it.
    const isLast = this.request.isLastRequest || this.#expectation.isOpen;
    this.closeConnection = this.#response.endHead({
      method: this.command,
      protocolVersion: this.protocolVersion,
      closes: this.closeConnection || isLast,
      mayPersist: this.#mayPersist && !isLast,
    });
    this.flushHeaders();
  }
}

declareSteps(BaseHTTPRequestHandler.prototype, {
  sendResponse: "answers",
  sendResponseOnly: "answers",
  sendHeader: "answers",
  endHeaders: "answers",
  flushHeaders: "answers",
  sendError: "answers",
  sendContinue: "answers",
  startRawResponse: "answers",
  writeBody: "answers",
  abortResponse: "answers",
  dateTimeString: "decides",
  errorPage: "decides",
  handleExpect100: "decides",
  hasResponseHeader: "decides",
  versionString: "decides",
});
