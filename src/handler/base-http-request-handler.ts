// The handler of the specification's first rung: reads requests, calls `do_<METHOD>`, and has what a method needs to answer.

import type { Readable, Writable } from "node:stream";
import { CGIError, ConnectionLostError, HTTPRequestError, ResponseOrderError } from "../errors.ts";
import type { BodyFraming } from "../http1/framing.ts";
import { HTTPMessage } from "../http1/http-message.ts";
import { BadRequestHead, type RequestHead } from "../http1/request-head.ts";
import { LogRecord } from "../log/log-record.ts";
import type { Connection } from "../server/connection.ts";
import type { ClientAddress, RequestHandler, TCPServer } from "../server/tcp-server.ts";
import { isBodiless, RESPONSES } from "../status.ts";
import { tokenList } from "../text/field-value.ts";
import { formatHttpDate } from "../text/http-date.ts";
import { makeVisible } from "../text/visible.ts";
import { DEFAULT_ERROR_CONTENT_TYPE, DEFAULT_ERROR_MESSAGE, fillErrorPage } from "./error-page.ts";
import { everySecond } from "./every-second.ts";
import { ExchangeStreams } from "./exchange-streams.ts";
import { type RequestSteps, serveRequests, WAIT } from "./request-loop.ts";
import { RequestLog } from "./request-log.ts";
import { ResponseWriter } from "./response-writer.ts";
import { returnsInTime } from "./returns-in-time.ts";

/** A property name that is put together has to be looked up among all names first; these few are what nearly all requests need. */
const METHOD_NAMES = new Map(["GET", "HEAD", "POST"].map((method) => [method, `do_${method}`]));

/** What a `do_<METHOD>` method may return: nothing, or a promise that settles when the response is complete. */
export type Handled = void | Promise<void>;

/** The body of an error response. */
export interface ErrorPage {
  readonly type: string;
  readonly body: Uint8Array;
}

const httpDateNow = everySecond(formatHttpDate);

/**
 * One instance handles one connection, request after request.
 *
 * Override: `do_GET()`, `do_POST()`, `do_<METHOD>()` for any method, which are called with the request in `command`, `path`,
 * `headers`, `rfile`; `handleExpect100()`; the log methods; `endHeaders()`, to add a field to every response.
 * Call: `sendResponse()`, `sendHeader()`, `endHeaders()`, then `wfile.write()`; or `sendError()`.
 * Set: `protocolVersion`, `serverVersion`, `sysVersion`, `errorMessageFormat`, `errorContentType`, `MessageClass`, `logFormat`.
 *
 * A method may throw an `HTTPRequestError` for an error response; any other error becomes 500.
 */
export class BaseHTTPRequestHandler extends RequestLog implements RequestHandler {
  // ---- set -----------------------------------------------------------------------------------------------------------

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

  // ---- the connection ------------------------------------------------------------------------------------------------

  /** The connection; its `socket` is the Node socket. */
  readonly request: Connection;
  /** `[host, port]` of the client. */
  readonly clientAddress: ClientAddress;
  readonly server: TCPServer;

  // ---- the request ---------------------------------------------------------------------------------------------------

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

  readonly #steps: RequestSteps;
  readonly #response: ResponseWriter;
  readonly #streams: ExchangeStreams;
  #minor = 1;
  /** The client can take another response, and we can find its next request: a handler may ask for `keep-alive`. */
  #mayPersist = false;
  /** The client waits for 100 (Continue) and has not been told to send the body. */
  #awaitsContinue = false;
  /** What of the answer goes on, whether or not the method has returned it. */
  #rest: Promise<unknown> | undefined = undefined;

  constructor(request: Connection, clientAddress: ClientAddress, server: TCPServer) {
    super();
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
    this.#steps = { request, serveNext: () => this.#serveNext(), isLast: () => this.closeConnection };
    this.logFormat = server.logFormat;
    this.#response = new ResponseWriter(request);
    this.#streams = new ExchangeStreams(request, this.#response);
  }

  // ---- the way of a connection ---------------------------------------------------------------------------------------

  /** Handles the connection to its end: `setup()`, `handle()`, `finish()`. */
  async run(): Promise<void> {
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
    const name = METHOD_NAMES.get(this.command) ?? `do_${this.command}`;
    const method = (this as unknown as Record<string, unknown>)[name];
    if (typeof method !== "function") return this.methodNotImplemented();
    if (this.#awaitsContinue && !this.#expectationIsMet()) return;
    return method.call(this) as Handled;
  }

  /**
   * What a `do_<METHOD>` returns that has not sent all of its answer. An override that calls it and does not return its promise is waited for
   * all the same, and an error costs its answer only: unheard, it would end the process.
   */
  protected endsAfter(rest: Promise<void>): Promise<void> {
    const all = this.#rest === undefined ? rest : Promise.all([this.#rest, rest]);
    all.catch(ignore);
    this.#rest = all;
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
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.sendResponseOnly(100);
    this.endHeaders();
    this.request.flush();
  }

  // ---- answering -----------------------------------------------------------------------------------------------------

  /** Begins a response: status line, Server, Date. `message` is the reason phrase; the usual one by default. */
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
   * @throws {TypeError} for a name that is no token, a value with a control character, a second or malformed Content-Length
   */
  sendHeader(keyword: string, value: string | number): void {
    this.#response.addField(keyword, String(value));
  }

  /** Whether a field of that name has been added to the response that is being put together. */
  protected hasResponseHeader(name: string): boolean {
    return this.#response.hasField(name.toLowerCase());
  }

  /** Ends the head of the response and sends it. Every response passes here, so an override can add a field to each of them. */
  endHeaders(): void {
    const { status } = this.#response;
    const isInterim = status < 200 && status !== 101;
    if (!isInterim) return this.#endFinalHead();
    // HTTP/1.0 "MUST NOT" get a 1xx (RFC 9110 §15.2): the client would take it for the response.
    if (this.#minor < 1) this.#response.discardHead();
    else this.#response.endInterimHead();
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
    this.logError("code %d, message %s", code, message ?? short);
    this.#response.discardHead();
    // An error is a whole response: what is left of the body is wanted by nobody, and is more than will be dropped.
    if (this.request.isTooLongToDiscard(this.bodyFraming)) {
      this.#mayPersist = false;
      this.closeConnection = true;
    }
    this.sendResponse(code, latin1(reason));
    for (const [name, value] of Object.entries(fields)) this.sendHeader(name, value);
    if (isBodiless(code) || code === 205) {
      // A 1xx sent as an error is nothing that another response follows, and 205 has no other end than this one.
      if (code < 200 || code === 205) this.closeConnection = true;
      if (code < 200 && code !== 101) this.#endFinalHead();
      else this.endHeaders();
      return;
    }
    const page = this.errorPage(code, reason, explain ?? long);
    this.sendHeader("Content-Type", page.type);
    this.sendHeader("Content-Length", page.body.length);
    this.endHeaders();
    this.writeBody(page.body);
  }

  /** The body of an error response, with its media type: `errorMessageFormat`, filled in. */
  protected errorPage(code: number, message: string, explain: string): ErrorPage {
    const page = fillErrorPage(this.errorMessageFormat, { code, message, explain });
    return { type: this.errorContentType, body: Buffer.from(page, "utf8") };
  }

  /** The body of the request, ending exactly where it ends. Touching it is what makes it. */
  get rfile(): Readable {
    return this.#streams.rfile;
  }

  /** The body of the response. Framing is done for you; what was declared in Content-Length is enforced. */
  get wfile(): Writable {
    return this.#streams.wfile;
  }

  /** Aborted when the client has gone, or has ended its side and been sent nothing for two seconds: pass it to whatever works for this client alone. */
  get signal(): AbortSignal {
    return this.#streams.signal;
  }

  /** Writes a piece of the body without a stream; strings are Latin-1. Then look at `request.needsDrain`. */
  protected writeBody(chunk: string | Uint8Array): void {
    this.#response.writeBody(chunk);
  }

  /**
   * Begins a response whose bytes, from its status line on, are all written by `writeBody()`. The connection is closed behind it.
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
    return joinVersions(this.serverVersion, this.sysVersion);
  }

  /** A time in seconds since the epoch, or now, as a field has it: `Sun, 06 Nov 1994 08:49:37 GMT`. */
  dateTimeString(timestamp?: number): string {
    return timestamp === undefined ? httpDateNow() : formatHttpDate(timestamp * 1000);
  }

  // ---- inside --------------------------------------------------------------------------------------------------------

  /** Handles the next request if it is here. */
  #serveNext(): Handled | typeof WAIT {
    let head: RequestHead | BadRequestHead | undefined;
    try {
      head = this.request.takeHead();
    } catch (error) {
      if (!(error instanceof BadRequestHead)) throw error;
      head = error;
    }
    if (head === undefined) {
      this.#forgetRequest();
      if (!this.request.hasNoMoreHeads) return WAIT;
      this.closeConnection = true;
      return;
    }
    const { turns } = this.server;
    const turn = turns.take();
    if (turn === undefined) return this.#serveInTurn(head);
    const taken = head;
    return turn.then(() => {
      // Nobody waits for the answer any more, and others wait for their turn.
      if (!this.request.isClosed) return this.#serveInTurn(taken);
      this.closeConnection = true;
      turns.leave();
    });
  }

  /**
   * A connection that waits keeps nothing of its last request. Thousands that did would hold memory, and teach the collector of garbage that such
   * objects live long: it would keep those of later requests until a full collection.
   */
  #forgetRequest(): void {
    this.headers = NO_FIELDS;
    this.requestline = "";
    this.path = "";
  }

  #serveInTurn(head: RequestHead | BadRequestHead): Handled {
    const { turns } = this.server;
    let answered: Handled;
    try {
      answered = head instanceof BadRequestHead ? this.#refuse(head) : this.#respond(head);
    } catch (error) {
      turns.leave();
      throw error;
    }
    // Others have their turn then: what is left to read of this request concerns this connection alone.
    if (answered instanceof Promise) return this.#endInTime(answered);
    turns.leave();
    return this.#endRequest();
  }

  async #endInTime(answered: Promise<void>): Promise<void> {
    let isEnded: boolean;
    try {
      isEnded = await returnsInTime(answered, this.request, this.request.limits);
    } finally {
      this.server.turns.leave();
    }
    if (isEnded) return this.#endRequest();
    this.closeConnection = true;
    this.logError("'%s' is still handled although its client has gone: not waited for", this.requestline);
  }

  /** Without a promise when nothing has to be waited for: most responses are complete when their method returns. */
  #respond(head: RequestHead): Handled {
    this.#begin(head);
    try {
      const handled = this.#checkExpect(head) ? this.dispatch() : undefined;
      if (
        handled instanceof Promise ||
        this.#rest !== undefined ||
        this.#streams.hasWriter ||
        this.#response.size > LARGE
      ) {
        return this.#respondLater(handled);
      }
      this.#endResponse();
    } catch (error) {
      this.#fail(error);
    }
    this.#log();
  }

  async #respondLater(handled: Handled): Promise<void> {
    try {
      await handled;
      await this.#rest;
      this.#rest = undefined;
      await this.#streams.finishWriting();
      this.#endResponse();
      if (this.request.isSending) await this.request.sent();
    } catch (error) {
      this.#fail(error);
    }
    this.#log();
  }

  /** Brings the connection to where the next request begins. */
  #endRequest(): Handled {
    if (this.request.isLastRequest) this.closeConnection = true;
    if (!this.#streams.hasReader && (this.closeConnection || this.request.isBodyRead)) return;
    return this.#discardBody();
  }

  async #discardBody(): Promise<void> {
    await this.#streams.finishReading(this.request.limits.bodyTime);
    if (this.closeConnection) return;
    const isAtNext = await this.request.discardBody(this.bodyFraming);
    if (!isAtNext || this.request.isLastRequest) this.closeConnection = true;
  }

  #begin(head: RequestHead): void {
    this.noteRequestBegin();
    this.requestline = head.requestline;
    this.command = head.method;
    this.path = head.path;
    this.requestVersion = head.version;
    this.bodyFraming = head.framing;
    this.headers = new this.MessageClass(head.fields);
    this.#mayPersist = head.persists && !this.server.turns.isLimited;
    this.closeConnection = !this.#mayPersist || this.protocolVersion === "HTTP/1.0";
    this.#minor = head.minor;
    this.#streams.reset();
    this.#awaitsContinue = false;
    this.#response.reset();
  }

  /** A request that could not be read: answered as far as possible, and the last one of its connection. */
  #refuse(error: BadRequestHead): void {
    this.noteRequestBegin();
    this.#response.reset();
    this.requestline = error.requestline;
    this.command = error.method;
    this.path = "";
    this.requestVersion = "";
    this.headers = NO_FIELDS;
    this.bodyFraming = NO_BODY;
    this.#minor = 1;
    this.#mayPersist = false;
    this.closeConnection = true;
    this.sendError(error.status, error.message, error.explain);
    this.#log();
  }

  /** @returns whether the request can be handled: 100-continue is the only expectation there is (RFC 9110 §10.1.1) */
  #checkExpect(head: RequestHead): boolean {
    if (head.expect === undefined) return true;
    const expectations = tokenList(head.expect);
    if (expectations.some((expectation) => expectation !== "100-continue")) {
      this.#mayPersist = false;
      this.closeConnection = true;
      this.sendError(417);
      return false;
    }
    const isExpected = expectations.length > 0 && this.protocolVersion !== "HTTP/1.0";
    this.#awaitsContinue = isExpected && !this.request.isBodyRead;
    return true;
  }

  #expectationIsMet(): boolean {
    const persists = !this.closeConnection;
    // An error that `handleExpect100` sends closes: nobody knows whether the body comes all the same.
    this.closeConnection = true;
    if (!this.handleExpect100()) return false;
    this.closeConnection = !persists;
    return true;
  }

  #endFinalHead(): void {
    const option = this.#response.connectionOption;
    if (option === "close") this.closeConnection = true;
    else if (option === "keep-alive" && this.#mayPersist) this.closeConnection = false;
    if (!this.#canPersist()) this.closeConnection = true;
    this.closeConnection = this.#response.endHead({
      method: this.command,
      minor: this.#minor,
      protocolVersion: this.protocolVersion,
      closes: this.closeConnection,
    });
    this.flushHeaders();
  }

  #canPersist(): boolean {
    if (this.request.isLastRequest) return false;
    // The client may or may not send the body it was not asked for: the next request cannot be found behind it.
    if (this.#awaitsContinue) return false;
    return true;
  }

  #endResponse(): void {
    const response = this.#response;
    if (!response.isStarted) {
      throw new ResponseOrderError(
        `do_${this.command} sent no complete response: call sendResponse() and endHeaders()`,
      );
    }
    const check = response.end();
    if (check === "short") this.abortResponse("the body is shorter than its Content-Length");
    else if (check === "long") {
      this.logError("the body is longer than its Content-Length: the rest was not sent");
      this.closeConnection = true;
    }
  }

  /** Whatever is thrown below ends here: as an error response, or as a response that is visibly cut. */
  #fail(error: unknown): void {
    this.#rest = undefined;
    this.#streams.fail();
    const isStarted = this.#response.isStarted;
    if (this.request.isClosed || this.#streams.isAborted || error instanceof ConnectionLostError) {
      this.closeConnection = true;
      // A client that has ended its own side only would take the end of the connection for the end of the body.
      if (isStarted && this.#response.endsByClose) this.request.cut(true);
    } else if (!(error instanceof HTTPRequestError)) {
      this.server.handleError(this.request, this.clientAddress, error);
      if (isStarted) this.abortResponse("the handler failed");
      else this.sendError(500);
    } else if (isStarted) {
      this.abortResponse(error instanceof CGIError ? recordOf(error) : error.message);
    } else if (error instanceof CGIError) {
      // Its message is about the inside of the server: for the log only.
      this.logError("%s", recordOf(error));
      this.sendError(error.status);
    } else {
      // A body that broke its framing or came too slowly: what follows on the connection is no request.
      if (!this.request.isBodyRead) this.closeConnection = true;
      this.sendError(error.status, error.message, error.explain);
    }
  }

  #log(): void {
    const { status } = this.#response;
    // A response that is lost with its connection did not have the size that was meant to be sent.
    const size = this.request.socket.destroyed ? this.#response.sentSize : this.#response.size;
    this.logRequest(status === 0 ? "-" : status, size === 0 ? "-" : size);
  }
}

function ignore(): void {}

let joined = { server: "", sys: "", text: " " };

/** The same string object for the same versions: what is written to every response is compared quickly then. */
function joinVersions(server: string, sys: string): string {
  if (joined.server !== server || joined.sys !== sys) joined = { server, sys, text: `${server} ${sys}` };
  return joined.text;
}
/** Bytes of a body written in one go that are worth a wait for their departure; all that files in memory have is less. */
const LARGE = 262_144;

const NO_FIELDS = new HTTPMessage();
const NO_BODY: BodyFraming = { kind: "none" };

function recordOf(error: CGIError): LogRecord {
  return new LogRecord(error.message, error.details);
}

/** A reason phrase goes out as Latin-1; what does not fit is replaced. */
function latin1(text: string): string {
  return text.replace(/[^\t\x20-\x7e\xa0-\xff]/g, "?");
}
