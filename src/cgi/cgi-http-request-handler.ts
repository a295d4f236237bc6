// The handler that runs CGI scripts, and serves files everywhere else (RFC 3875).

import { dirname, resolve } from "node:path";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { CGIError, HTTPRequestError } from "../errors.ts";
import { placeBelow } from "../files/base-path.ts";
import type { Body } from "../files/representation-sender.ts";
import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { withTrailingSlash } from "../files/redirect-location.ts";
import { queryOf, withoutQuery } from "../files/url-path.ts";
import type { Handled } from "../handler/base-http-request-handler.ts";
import { LogRecord } from "../log/log-record.ts";
import { describeError } from "../log/describe-error.ts";
import { stderrLog } from "../log/log-sink.ts";
import { serverNameOf, type TCPServer } from "../server/tcp-server.ts";
import { escapeHtml } from "../text/html.ts";
import { percentEncodeSegment } from "../text/percent-coding.ts";
import { makeVisible } from "../text/visible.ts";
import {
  type Application,
  findByExtension,
  findByPath,
  type FoundApplication,
  isSourceOf,
  listApplications,
} from "./application-path.ts";
import { DEBUG_ERROR_MESSAGE, isLocalClient } from "./debug-page.ts";
import { scriptEnvironment, type ScriptRequest, scriptSearchPath } from "./environment.ts";
import { type Attempt, describeFailure, notExecutable } from "./failed-run.ts";
import { leadsToSource } from "./guard-source.ts";
import type { StartableCommand } from "./interpreter.ts";
import { type CGILimits, completeCGILimits, defaultCGILimits } from "./limits.ts";
import {
  hasExecutePermission,
  isNonParsedHeader,
  type LocatedScript,
  locateScript,
} from "./locate-script.ts";
import { type CGIMount, mountedScript } from "./mount.ts";
import { queryArguments } from "./query-words.ts";
import { type ScriptBody, takeBody } from "./request-body.ts";
import { RunNotes } from "./run-notes.ts";
import { notStarted, runScript, type ScriptAnswer, type ScriptJob } from "./run-script.ts";
import { indexScripts, interpreterOf, type Interpreters } from "./script-by-name.ts";
import { startOf } from "./script-start.ts";
import { type CGIInfo, selectScript } from "./select-script.ts";
import { type DocumentSink, type ScriptDocument, sendDocument, sendPieces } from "./send-document.ts";
import { Slots } from "./slots.ts";
import { opensPipesByName } from "./start-process.ts";
import { userForScripts } from "./user.ts";

/** The first request, where a local redirect led to this one. */
interface Redirected {
  readonly path: string;
  readonly times: number;
}

const NONE: Readonly<Record<string, string>> = {};
const NO_APPLICATIONS: readonly Application[] = [];

/** Local redirects in a row. Apache follows 10, lighttpd 5. */
const MOST_REDIRECTS = 10;

/** Characters of a path that each line of a script's stderr repeats. */
const LONGEST_LABEL = 200;

/** Seconds after which a client that found no free place should try again. */
const RETRY_AFTER = "5";

/** All connections of a server share its places for scripts. */
const slotsOfServer = new WeakMap<TCPServer, Slots>();

/**
 * Runs scripts: those in `cgiDirectories`, programs in `cgiMounts`, and files that `cgiInterpreters` knows by their extension. They
 * get every method but TRACE and CONNECT. All else is served as by a `SimpleHTTPRequestHandler`.
 *
 * Override: `isCgi()`, `isExecutable()`, `isPython()`, `runCgi()`; and all of the base classes.
 * Set: `cgiDirectories`, `cgiMounts`, `cgiInterpreters`, `cgiEnvironment`, `cgiPassEnvironment`, `cgiPassAuthorization`,
 * `cgiQueryArguments`, `cgiUser`, `cgiLimits`, `cgiDebug`, `fastcgi`, `scgi`.
 */
export class CGIHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /**
   * Directories below `directory`, in which all files are scripts: never sent, never listed. They may be several levels deep. An
   * `index.cgi` answers for the directory that it is in.
   */
  cgiDirectories: readonly string[] = ["/cgi-bin", "/htbin"];
  /** A path of URLs → the program for it and for all below it, wherever that lies: `{ "/git": { program: "/usr/lib/…" } }`. */
  cgiMounts: Readonly<Record<string, CGIMount>> = {};
  /**
   * Extension → the program that runs such files, anywhere below `directory` and without an x bit: `{ ".php": ["php-cgi"] }`. With
   * `[]` they are started by themselves, as in a CGI directory. `index` with such an extension answers for its directory.
   */
  cgiInterpreters: Interpreters = {};
  /** Whom scripts run as when the server runs as root: a name, `uid` or `uid:gid`. Else it changes nothing. */
  cgiUser = "nobody";
  /** Variables for all scripts, beside PATH and what the request gives. They cannot replace what the request gives. */
  cgiEnvironment: Readonly<Record<string, string>> = {};
  /** Names of variables of the server's own environment that scripts get, too. */
  cgiPassEnvironment: readonly string[] = [];
  /** Whether scripts get the Authorization field, because they check passwords themselves. */
  cgiPassAuthorization = false;
  /** Whether the words of a query without `=` become arguments of scripts (RFC 3875 §4.4). Interpreters never get any. */
  cgiQueryArguments = false;
  /** How much scripts may take, where it is not as in `CGILimits`. Places and queue are those of the server's first script. */
  cgiLimits: Partial<CGILimits> = defaultCGILimits;
  /** Whether a client on this machine sees why a script failed; everybody else gets a short page. */
  cgiDebug = false;

  /**
   * Applications that run already and speak FastCGI: a path (`/app`) or an extension (`.php`) → `unix:/run/php.sock` or
   * `127.0.0.1:9000`. What is below such a path is theirs alone; of files with such an extension the source is never sent.
   */
  fastcgi: Readonly<Record<string, string>> = NONE;
  /** The same for applications that speak SCGI. */
  scgi: Readonly<Record<string, string>> = NONE;

  /** Set by `isCgi()`. */
  cgiInfo: CGIInfo | undefined;

  #redirected: Redirected | undefined;
  /** Set by `isCgi()`, for a path of an application. */
  #found: FoundApplication | undefined;
  #applications: readonly Application[] | undefined;

  /** Runs a script, whose answer it is; else says what can be done here. */
  override do_OPTIONS(): Handled {
    // `*` is the server as a whole, and none of its resources (RFC 9110 §9.3.7).
    return this.path !== "*" && this.isCgi() ? this.runCgi() : super.do_OPTIONS();
  }

  /** Runs a script; other resources take no POST. */
  do_POST(): Handled {
    if (this.isCgi()) return this.runCgi();
    this.sendError(501, "Can only POST to CGI scripts");
  }

  /** GET and HEAD: runs a script, which makes the whole response, or goes on as for any file. */
  override sendHead(): Body | Promise<Body> {
    if (this.isCgi()) return this.runCgi().then(() => undefined);
    const file = this.translatePath(this.path);
    if (!this.maySend(file)) throw this.#notFound("it is a script under another name");
    return super.sendHead();
  }

  /**
   * Whether a script answers for the path; then `cgiInfo` says where it is looked for.
   * @throws {HTTPRequestError} for a path that is neither to be run nor to be sent
   */
  isCgi(): boolean {
    this.cgiInfo = undefined;
    this.#found = this.#findApplication("path");
    if (this.#found !== undefined) return true;
    const selected = selectScript(withoutQuery(this.path), {
      directories: this.cgiDirectories,
      mounts: this.cgiMounts,
      interpreters: this.cgiInterpreters,
      root: this.directory,
      indexPages: this.indexPages,
    });
    if (selected.kind === "refused") throw this.#notFound(selected.reason);
    if (selected.kind === "script") this.cgiInfo = selected.info;
    else this.#found = this.#findApplication("extension");
    return selected.kind === "script" || this.#found !== undefined;
  }

  #findApplication(by: "path" | "extension"): FoundApplication | undefined {
    const applications = this.#allApplications();
    if (applications.length === 0) return undefined;
    const path = withoutQuery(this.path);
    const root = resolve(this.directory);
    const found =
      by === "path" ? findByPath(path, applications, root) : findByExtension(path, applications, root, this);
    if (found.kind === "refused") throw this.#notFound(found.reason);
    return found.kind === "application" ? found : undefined;
  }

  #allApplications(): readonly Application[] {
    if (this.fastcgi === NONE && this.scgi === NONE) return NO_APPLICATIONS;
    this.#applications ??= listApplications(this.fastcgi, this.scgi);
    return this.#applications;
  }

  /** Whether a file may be run, as the system sees it. */
  isExecutable(path: string): boolean {
    return hasExecutePermission(path);
  }

  /** Whether a file is a Python script by its name. */
  isPython(path: string): boolean {
    return /\.pyw?$/i.test(path);
  }

  /** A script says `100 Continue` when it is about to start; what is refused before gets its error without a body. */
  override handleExpect100(): boolean {
    if (this.command === "POST" || this.isCgi()) return true;
    return super.handleExpect100();
  }

  /** The source of a script is no page. */
  protected override maySend(path: string): boolean {
    return (
      !leadsToSource(path, this.directory, this.cgiDirectories, this.indexPages, this.cgiInterpreters) &&
      !isSourceOf(path, this.#allApplications(), this.indexPages)
    );
  }

  protected override hasOnlyOwnSteps(): boolean {
    const own = CGIHTTPRequestHandler.prototype;
    return this.isCgi === own.isCgi && super.hasOnlyOwnSteps(own);
  }

  protected override allowedMethods(): string {
    return this.isCgi() ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" : super.allowedMethods();
  }

  /** What a method means to a script, only the script knows. */
  protected override methodNotImplemented(): Handled {
    if (this.command === "CONNECT" || !this.isCgi()) return super.methodNotImplemented();
    // An echo of the request is not a script's to give (RFC 9110 §9.3.8).
    if (this.command !== "TRACE") return this.runCgi();
    this.sendError(405, undefined, undefined, { Allow: this.allowedMethods() });
  }

  /** Finds the script of `cgiInfo`, runs it, and sends what it answers. */
  async runCgi(): Promise<void> {
    const found = this.#found;
    const info = this.cgiInfo;
    if (info === undefined && found === undefined) {
      throw new TypeError("runCgi() is for paths for which isCgi() is true");
    }
    const notes = new RunNotes();
    let script: LocatedScript | undefined;
    let start: StartableCommand | undefined;
    let next: string | undefined;
    try {
      script = found?.script ?? this.#scriptOf(info!);
      if (script === undefined)
        return this.sendRedirect(301, this.basePath.encoded + withTrailingSlash(this.path));
      start = found === undefined ? startOf(script.file, this.cgiInterpreters) : { kind: "direct" };
      next = await this.#run(script, start, notes, info?.mount, found?.application);
    } catch (error) {
      if (!(error instanceof CGIError)) throw error;
      if (script === undefined) return this.#fail(error);
      const attempt = await this.#attempt(script.file, start, notes);
      return this.#fail(await describeFailure(error, { ...attempt, application: found?.application }));
    }
    if (next !== undefined) await this.#goTo(next);
  }

  /** `undefined` for a directory that lacks its slash. */
  #scriptOf(info: CGIInfo): LocatedScript | undefined {
    return info.mount === undefined ? this.#locate(info) : mountedScript(info, info.mount);
  }

  /** @returns where to go on after a local redirect */
  async #run(
    script: LocatedScript,
    start: StartableCommand,
    notes: RunNotes,
    mount: CGIMount | undefined,
    application: Application | undefined,
  ): Promise<string | undefined> {
    const request = this.#scriptRequest(script);
    const settings = {
      own: { ...this.cgiEnvironment, ...mount?.environment },
      inherit: this.cgiPassEnvironment,
      passesAuthorization: this.cgiPassAuthorization,
    };
    // An application has an environment of its own already.
    const environment = scriptEnvironment(request, settings, application === undefined ? process.env : {});
    const limits = completeCGILimits(this.cgiLimits);
    const user = application === undefined ? await userForScripts(this.cgiUser) : undefined;
    const client = this.#client();
    let body: ScriptBody | undefined;
    try {
      // Not after a long upload.
      const refusal = this.#slots(limits).refusal(client);
      if (refusal !== undefined) throw notStarted(script.scriptName, refusal);
      this.sendContinue();
      body = await takeBody(this.bodyFraming, () => this.rfile, {
        isStored: mount?.requestBody !== "stream",
        memory: application !== undefined || (await opensPipesByName()) ? limits.spoolMemory : 0,
        takesFile: application === undefined,
      });
      if (body.length !== undefined) environment["CONTENT_LENGTH"] = String(body.length);
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
        slots: this.#slots(limits),
        client,
        limits,
        signal: this.signal,
        onInterim: (outcome) => this.#sendInterim(outcome),
        log: (message) => this.#logLine(message),
        notes,
        application,
      });
      return await this.#send(answer, limits.gatherTime);
    } catch (error) {
      if (!(error instanceof CGIError && error.code === "ERR_CGI_BUSY")) throw error;
      this.logError("%s", error.message);
      this.sendError(error.status, undefined, undefined, { "Retry-After": RETRY_AFTER });
      return undefined;
    } finally {
      await body?.close();
    }
  }

  /** Starts a script that has been decided about, and reads its header. Override it to see what is about to be started. */
  protected startScript(job: ScriptJob): Promise<ScriptAnswer> {
    return runScript(job);
  }

  /** Somebody at this machine may see the record; for all others the error goes its usual way: the record into the log, and a short page. */
  #fail(error: CGIError): void {
    const peer = (this.request.socket as Partial<Socket>).remoteAddress;
    const record = new LogRecord(error.message, error.details);
    if (!this.cgiDebug || this.isResponseStarted || !isLocalClient(peer, this.headers)) {
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

  async #attempt(file: string, start: StartableCommand | undefined, notes: RunNotes): Promise<Attempt> {
    const searchPath = scriptSearchPath(this.cgiEnvironment);
    // That there is no such user may be the very failure.
    const user = await userForScripts(this.cgiUser).catch(() => undefined);
    const request = `${this.command} ${this.path}`;
    return { request, file, directory: dirname(file), start, user, searchPath, notes };
  }

  /** How the log calls a run: by the script's name, and by the request where that is more than a look at this name. */
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
    this.sendHeader("Content-Type", "text/html");
    this.sendHeader("Content-Length", page.length);
    this.endHeaders();
    this.writeBody(page);
  }

  /** Answers as if `target` had been asked for, with GET and without a body (RFC 3875 §6.2.2), by the same rules. */
  async #goTo(target: string): Promise<void> {
    const { path, command, headers, bodyFraming } = this;
    const before = this.#redirected;
    const times = (before?.times ?? 0) + 1;
    if (times > MOST_REDIRECTS) {
      throw new CGIError(
        "ERR_CGI_REDIRECT_LOOP",
        `${path}: more than ${MOST_REDIRECTS} local redirects, the last to ${target}`,
      );
    }
    // A script knows its address as its clients do.
    const place = placeBelow(target, this.basePath);
    if (place.kind !== "below")
      throw this.#notFound(`the script redirects to ${target}, outside of ${this.base}`);
    this.#redirected = { path: before?.path ?? path, times };
    this.path = place.target;
    // A HEAD stays one: its response must have no body, whoever makes it.
    if (command !== "HEAD") this.command = "GET";
    this.headers = new this.MessageClass([...headers].filter(([name]) => !/^content-/i.test(name)).flat());
    this.bodyFraming = { kind: "none" };
    try {
      await (command === "HEAD" ? this.do_HEAD() : this.do_GET());
    } finally {
      // The rest of the exchange is that of the request which arrived: its body still has to be read.
      this.#redirected = before;
      Object.assign(this, { path, command, headers, bodyFraming });
    }
  }

  /** @returns `undefined` for a directory with an index script that was asked for without its slash */
  #locate({ directory, segments }: CGIInfo): LocatedScript | undefined {
    // Where the system knows no x bit, a script is what something is known to run.
    const needsPermission = process.platform !== "win32";
    const location = locateScript(resolve(this.directory), directory, segments, {
      followSymlinks: this.followSymlinks,
      isExecutable: (file) =>
        (!needsPermission && this.isPython(file)) ||
        (interpreterOf(file, this.cgiInterpreters)?.length ?? 0) > 0 ||
        this.isExecutable(file),
      indexScripts: indexScripts(this.cgiInterpreters),
    });
    const name = `('${location.scriptName}')`;
    switch (location.kind) {
      case "script":
        return location;
      case "missing":
        if (location.reason !== undefined) this.logError("%s: %s", location.scriptName, location.reason);
        throw new HTTPRequestError(404, `No such CGI script ${name}`);
      case "needsSlash":
        return undefined;
      case "notPlainFile":
        throw new HTTPRequestError(403, `CGI script is not a plain file ${name}`);
      case "notExecutable":
        throw notExecutable(location.file, `CGI script is not executable ${name}`);
      default:
        return location satisfies never;
    }
  }

  #scriptRequest({ scriptName, pathInfo, file }: LocatedScript): ScriptRequest {
    const socket = this.request.socket as Partial<Socket & TLSSocket>;
    const first = this.#redirected?.path;
    return {
      method: this.command,
      target: this.basePath.encoded + (first ?? this.path),
      protocol: this.requestVersion,
      scheme: socket.encrypted === true ? "https" : "http",
      query: queryOf(this.path),
      fields: this.headers,
      // Known when the body has been taken; nothing is read of it for a request that is refused.
      contentLength: undefined,
      scriptName: this.basePath.decoded + scriptName,
      pathInfo,
      pathTranslated: pathInfo === undefined ? undefined : this.#translateInfo(pathInfo),
      file,
      user:
        this.authenticatedUser === undefined ? undefined : { name: this.authenticatedUser, scheme: "Basic" },
      root: resolve(this.directory),
      clientAddress: this.clientAddress[0],
      clientPort: this.clientAddress[1],
      serverAddress: socket.localAddress ?? "",
      serverPort: socket.localPort,
      serverName: serverNameOf(this.server.serverAddress),
      serverSoftware: this.versionString(),
      redirectedFrom:
        first === undefined
          ? undefined
          : { path: this.basePath.encoded + withoutQuery(first), query: queryOf(first) },
    };
  }

  /** PATH_TRANSLATED: "the PATH_INFO string […] treated as a separate virtual path", so encoded anew (RFC 3875 §4.1.6). */
  #translateInfo(pathInfo: string): string | undefined {
    try {
      return resolve(
        this.directory,
        this.translatePath(pathInfo.split("/").map(percentEncodeSegment).join("/")),
      );
    } catch (error) {
      if (error instanceof HTTPRequestError) return undefined;
      throw error;
    }
  }

  /** Called whenever a script prints on stderr, or ends: nobody is there to catch what an override of the log methods throws. */
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

  #notFound(reason: string): HTTPRequestError {
    this.logError("%s: %s", this.path, reason);
    return new HTTPRequestError(404, "File not found");
  }
}
