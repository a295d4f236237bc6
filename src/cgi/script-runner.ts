// How a script that has been found is run, and what becomes of its answer, its redirect, or
// its failure (RFC 3875 §4, §6).

import type { Socket } from "node:net";
import { dirname } from "node:path";

import { CGIError, HTTPRequestError } from "../errors.ts";
import { placeBelow } from "../files/base-path.ts";
import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { describeError } from "../log/describe-error.ts";
import { LogRecord } from "../log/log-record.ts";
import { stderrLog } from "../log/log-sink.ts";
import { declareSteps } from "../server/guard-overrides.ts";
import type { TCPServer } from "../server/tcp-server.ts";
import { escapeHtml } from "../text/html.ts";
import { makeVisible } from "../text/visible.ts";
import type { Application } from "./application-path.ts";
import { REDIRECT_LOOP } from "./diagnose.ts";
import { DEBUG_ERROR_MESSAGE, isLocalClient } from "./debug-page.ts";
import { type EnvironmentSettings, scriptEnvironment, scriptSearchPath } from "./environment.ts";
import { type Attempt, describeFailure } from "./failed-run.ts";
import type { StartableCommand } from "./interpreter.ts";
import { type CGILimits, completeCGILimits, defaultCGILimits } from "./limits.ts";
import { isNonParsedHeader, type LocatedScript } from "./locate-script.ts";
import type { CGIMount } from "./mount.ts";
import { queryArguments } from "./query-words.ts";
import { type ScriptBody, takeBody } from "./request-body.ts";
import type { ScriptDocument } from "./response-outcome.ts";
import { RunNotes } from "./run-notes.ts";
import { verdictLines } from "./run-record.ts";
import { notStarted, runScript, type ScriptAnswer } from "./run-script.ts";
import type { Interpreters } from "./script-by-name.ts";
import type { ScriptJob } from "./script-job.ts";
import { scriptRequest } from "./script-request.ts";
import { startOf } from "./script-start.ts";
import { type DocumentSink, sendDocument, sendPieces } from "./send-document.ts";
import { Slots } from "./slots.ts";
import { opensPipesByName } from "./start-process.ts";
import { type SystemUser, userForScripts } from "./user.ts";

/** The first request, where a local redirect led to this one. */
interface Redirected {
  readonly path: string;
  readonly times: number;
}

/** Local redirects in a row. Apache follows 10, lighttpd 5. */
const MOST_REDIRECTS = 10;

/** Characters of a path that each line of a script's stderr repeats. */
const LONGEST_LABEL = 200;

/** Seconds after which a client that found no free place should try again. */
const RETRY_AFTER = "5";

/** All connections of a server share its places for scripts. */
const slotsOfServer = new WeakMap<TCPServer, Slots>();

/** Whose script it is, where it lies in no CGI directory. */
export interface ScriptOwner {
  readonly mount: CGIMount | undefined;
  /** The one that runs already, and is asked in the place of the file. */
  readonly application: Application | undefined;
}

/** The rung below `CGIHTTPRequestHandler`, of which it is a part. */
export abstract class ScriptRunner extends SimpleHTTPRequestHandler {
  /**
   * Extension → the program that runs such files, anywhere below `directory` and without an x bit:
   * `{ ".php": ["php-cgi"] }`. With `[]` they are started by themselves, as in a CGI directory. `index` with
   * such an extension answers for its directory.
   */
  cgiInterpreters: Interpreters = {};
  /** Whom scripts run as when the server is root: a name, `uid` or `uid:gid`. Else it changes nothing. */
  cgiUser = "nobody";
  /** Variables for all scripts, beside PATH. They cannot replace what the request gives. */
  cgiEnvironment: Readonly<Record<string, string>> = {};
  /** Names of variables of the server's own environment that scripts get, too. */
  cgiPassEnvironment: readonly string[] = [];
  /** Whether scripts get the Authorization field, because they check passwords themselves. */
  cgiPassAuthorization = false;
  /** Whether a query without `=` becomes arguments of scripts (RFC 3875 §4.4), but not of interpreters. */
  cgiQueryArguments = false;
  /**
   * Limits for scripts that differ from the defaults in `CGILimits`. Places and queue are those that the
   * first script of a server finds.
   */
  cgiLimits: Partial<CGILimits> = defaultCGILimits;
  /** Whether a client on this machine sees why a script failed; everybody else gets a short page. */
  cgiDebug = false;

  #redirected: Redirected | undefined;

  /** Runs it, and sends its answer. Whatever goes wrong, the client gets its status and the log a record. */
  protected async runFound(script: LocatedScript, owner: ScriptOwner): Promise<void> {
    const { application } = owner;
    const notes = new RunNotes();
    let start: StartableCommand | undefined;
    let next: string | undefined;
    try {
      start = application === undefined ? startOf(script.file, this.cgiInterpreters) : { kind: "direct" };
      next = await this.#run(script, owner, start, notes);
    } catch (error) {
      if (!(error instanceof CGIError)) throw error;
      const attempt = await this.#attempt(script.file, owner, start, notes);
      return this.tellFailure(await describeFailure(error, { ...attempt, application }));
    }
    if (next !== undefined) await this.#goTo(next);
  }

  /**
   * What can be refused is refused before the client is asked for a long upload.
   * @returns where to go on after a local redirect
   */
  async #run(
    script: LocatedScript,
    { mount, application }: ScriptOwner,
    start: StartableCommand,
    notes: RunNotes,
  ): Promise<string | undefined> {
    const user = application === undefined ? await userForScripts(this.cgiUser) : undefined;
    const settings = this.#environmentSettings(user, mount);
    const request = scriptRequest(this, script, this.basePath, this.#redirected?.path);
    // An application has an environment of its own already.
    const environment = scriptEnvironment(request, settings, application === undefined ? process.env : {});
    const limits = completeCGILimits(this.cgiLimits);
    const slots = this.#slots(limits);
    const client = this.#client();
    const refusal = slots.refusal(client);
    if (refusal !== undefined) return this.#sendBusy(notStarted(script.scriptName, refusal));
    let body: ScriptBody | undefined;
    try {
      body = await this.#takeBody(mount, application, limits);
      if (body.length !== undefined) environment.set("CONTENT_LENGTH", String(body.length));
      const answer = await this.startScript({
        file: script.file,
        directory: dirname(script.file),
        scriptName: this.#label(script.scriptName),
        start,
        args: this.cgiQueryArguments ? queryArguments(this.command, request.query) : [],
        isNonParsedHeader: isNonParsedHeader(script.file),
        environment,
        user,
        bodyFile: body.file,
        body: body.stream,
        slots,
        client,
        limits,
        signal: this.departure,
        onInterim: (document) => this.#sendInterim(document),
        log: (message) => this.#logLine(message),
        notes,
        application,
      });
      return await this.#send(answer, limits.gatherTime);
    } catch (error) {
      if (!(error instanceof CGIError && error.code === "ERR_CGI_BUSY")) throw error;
      return this.#sendBusy(error);
    } finally {
      await body?.close();
    }
  }

  #environmentSettings(user: SystemUser | undefined, mount?: CGIMount): EnvironmentSettings {
    return {
      own: { ...this.cgiEnvironment, ...mount?.environment },
      inherit: this.cgiPassEnvironment,
      passesAuthorization: this.cgiPassAuthorization,
      asOtherUser: user !== undefined,
    };
  }

  async #takeBody(
    mount: CGIMount | undefined,
    application: Application | undefined,
    { spoolMemory }: CGILimits,
  ): Promise<ScriptBody> {
    this.sendContinue();
    return takeBody(this.bodyFraming, () => this.rfile, {
      isStored: mount?.requestBody !== "stream",
      memory: application !== undefined || (await opensPipesByName()) ? spoolMemory : 0,
      takesFile: application === undefined,
    });
  }

  #sendBusy(error: CGIError): undefined {
    this.logError("%s", error.message);
    this.sendError(error.status, undefined, undefined, { "Retry-After": RETRY_AFTER });
  }

  /** Starts a script and reads its header. Override it to see what is about to be started. */
  protected startScript(job: ScriptJob): Promise<ScriptAnswer> {
    return runScript(job);
  }

  /**
   * Somebody at this machine may see the record; for all others the error goes its usual way: the record
   * into the log, and a short page.
   */
  protected tellFailure(error: CGIError): void {
    const record = new LogRecord(error.message, error.details);
    if (this.isResponseStarted || !this.mayReadWhy()) {
      if (error.code !== "ERR_CGI_NOT_EXECUTABLE") throw error;
      // As in the original, the client may read this message.
      this.logError("%s", record);
      throw new HTTPRequestError(403, error.message);
    }
    this.logError("%s", record);
    const format = this.errorMessageFormat;
    this.errorMessageFormat = DEBUG_ERROR_MESSAGE;
    try {
      this.sendError(error.status, undefined, record.lines.map(makeVisible).join("\n"));
    } finally {
      this.errorMessageFormat = format;
    }
  }

  /** Whether this client may see more than a short page. */
  protected mayReadWhy(): boolean {
    const peer = (this.request.socket as Partial<Socket>).remoteAddress;
    return this.cgiDebug && isLocalClient(peer, this.headers);
  }

  async #attempt(
    file: string,
    { mount }: ScriptOwner,
    start: StartableCommand | undefined,
    notes: RunNotes,
  ): Promise<Attempt> {
    // That there is no such user may be the very failure.
    const user = await userForScripts(this.cgiUser).catch(() => undefined);
    const searchPath = scriptSearchPath(this.#environmentSettings(user, mount));
    const request = `${this.command} ${this.path}`;
    return { request, file, directory: dirname(file), start, user, searchPath, notes };
  }

  /** How the log calls a run: by the script's name, and the request where that is more than a look at it. */
  #label(scriptName: string): string {
    if (this.command !== "POST" && this.path === scriptName) return scriptName;
    const path = this.path.length > LONGEST_LABEL ? `${this.path.slice(0, LONGEST_LABEL)}...` : this.path;
    return `${scriptName} (${this.command} ${path})`;
  }

  /** Writes what the script wants to be written. @returns where to go on after a local redirect */
  async #send(answer: ScriptAnswer, gatherTime: number): Promise<string | undefined> {
    try {
      const { outcome } = answer;
      switch (outcome.kind) {
        case "document":
          await sendDocument(answer, outcome, this.command === "HEAD", this.#documentSink(), gatherTime);
          return undefined;
        case "raw":
          this.startRawResponse(outcome.status);
          await sendPieces(answer, await answer.nextPiece(), this.#documentSink());
          return undefined;
        case "clientRedirect":
          this.#sendRedirect(outcome.location);
          return undefined;
        case "localRedirect":
          return outcome.target;
        default:
          return outcome satisfies never;
      }
    } catch (error) {
      answer.stop();
      throw error;
    } finally {
      answer.release();
    }
  }

  #documentSink(): DocumentSink {
    const { request } = this;
    return {
      sendHead: (document, length) => this.#sendDocumentHead(document, length),
      writeBody: (bytes) => this.writeBody(bytes),
      drained: () => (request.needsDrain ? request.drained() : undefined),
    };
  }

  #sendDocumentHead({ status, reason, fields }: ScriptDocument, length: number | undefined): void {
    this.sendResponse(status, reason);
    for (const [name, value] of fields) this.sendHeader(name, value);
    if (length !== undefined) this.sendHeader("Content-Length", length);
    this.endHeaders();
  }

  #sendInterim({ status, reason, fields }: ScriptDocument): void {
    this.sendResponseOnly(status, reason);
    for (const [name, value] of fields) this.sendHeader(name, value);
    this.endHeaders();
    this.request.flush();
  }

  #sendRedirect(location: string): void {
    const link = escapeHtml(location);
    const page = `<!DOCTYPE html>\n<title>Found</title>\n<p>The document is <a href="${link}">here</a>.</p>\n`;
    this.sendResponse(302);
    this.sendHeader("Location", location);
    this.sendHeader("Content-Type", "text/html;charset=utf-8");
    // Where a browser does not follow it, it shows the page: the link of `javascript:` would be this site's
    // own program then.
    this.sendHeader("Content-Security-Policy", "default-src 'none'");
    this.sendHeader("Content-Length", page.length);
    this.endHeaders();
    this.writeBody(page);
  }

  /** Answers as if `target` had been asked for with GET and no body, by the same rules (RFC 3875 §6.2.2). */
  async #goTo(target: string): Promise<void> {
    const { path, command, headers, bodyFraming } = this;
    const before = this.#redirected;
    const times = (before?.times ?? 0) + 1;
    if (times > MOST_REDIRECTS) {
      return this.tellFailure(
        new CGIError(
          "ERR_CGI_REDIRECT_LOOP",
          `${path}: more than ${MOST_REDIRECTS} local redirects, the last to ${target}`,
          { details: verdictLines(REDIRECT_LOOP) },
        ),
      );
    }
    // A script knows its address as its clients do.
    const place = placeBelow(target, this.basePath);
    if (place.kind !== "below")
      throw this.notFoundBecause(`the script redirects to ${target}, outside of ${this.base}`);
    this.#redirected = { path: before?.path ?? path, times };
    this.path = place.target;
    // A HEAD stays one: its response must have no body, whoever makes it.
    if (command !== "HEAD") this.command = "GET";
    this.headers = new this.MessageClass([...headers].filter(([name]) => !/^content-/i.test(name)).flat());
    this.bodyFraming = { kind: "none" };
    let status = 0;
    try {
      await (command === "HEAD" ? this.do_HEAD() : this.do_GET());
      status = this.responseStatus;
    } catch (error) {
      if (error instanceof HTTPRequestError) status = error.status;
      throw error;
    } finally {
      // The log has the path of the script, which is there: its owner would look for the fault in the wrong
      // place.
      if (status === 403 || status === 404)
        this.logError("%s: its Location, %s, is answered with %d", path, target, status);
      // The rest of the exchange is that of the request which arrived: its body still has to be read.
      this.#redirected = before;
      Object.assign(this, { path, command, headers, bodyFraming });
    }
  }

  /**
   * Called whenever a script prints on stderr, or ends: nobody is there to catch what an
   * override of the log methods throws.
   */
  #logLine(message: string): void {
    try {
      this.logError("%s", message);
    } catch (error) {
      stderrLog.write(`Exception in logError: ${describeError(error)}\n`);
    }
  }

  #slots(limits: CGILimits): Slots {
    let slots = slotsOfServer.get(this.server);
    if (slots === undefined) {
      slots = new Slots(limits);
      slotsOfServer.set(this.server, slots);
    }
    return slots;
  }

  /** Whose share of the places a script takes. On a Unix socket there is only a proxy to be seen. */
  #client(): string | undefined {
    return this.clientAddress[0] === "" ? undefined : this.clientAddress[0];
  }

  /** The client reads 404, the log why. */
  protected notFoundBecause(reason: string): HTTPRequestError {
    this.logError("%s: %s", this.path, reason);
    return new HTTPRequestError(404, "File not found");
  }
}

declareSteps(ScriptRunner.prototype, {
  tellFailure: "answers",
  notFoundBecause: "decides",
  mayReadWhy: "decides",
});
