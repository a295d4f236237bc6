// The handler that runs CGI scripts, and serves files everywhere else (RFC 3875).

import { dirname, resolve } from "node:path";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { CGIError, HTTPRequestError } from "../errors.ts";
import { type Body, SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { queryOf, withoutQuery } from "../files/url-path.ts";
import type { Handled } from "../handler/base-http-request-handler.ts";
import { LogRecord } from "../log/log-record.ts";
import { describeError } from "../log/describe-error.ts";
import { stderrLog } from "../log/log-sink.ts";
import { serverNameOf, type TCPServer } from "../server/tcp-server.ts";
import { isBodiless } from "../status.ts";
import { escapeHtml } from "../text/html.ts";
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
import { decideStart, readStart, type StartableCommand } from "./interpreter.ts";
import { type CGILimits, defaultCGILimits } from "./limits.ts";
import { hasExecutePermission, type LocatedScript, locateScript } from "./locate-script.ts";
import { takeBody } from "./request-body.ts";
import type { ScriptOutcome } from "./response-outcome.ts";
import { RunNotes } from "./run-notes.ts";
import { runScript, type ScriptAnswer, type ScriptJob } from "./run-script.ts";
import { splitScriptPath } from "./script-path.ts";
import { Slots } from "./slots.ts";
import { userForScripts } from "./user.ts";

/** A path below a CGI directory. */
export interface CGIInfo {
  /** One of `cgiDirectories`. */
  readonly directory: string;
  /** What follows it, decoded: directories, the script, and the segments of PATH_INFO. */
  readonly segments: readonly string[];
}

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
 * Runs the scripts in `cgiDirectories` for GET, HEAD and POST; else a `SimpleHTTPRequestHandler`.
 *
 * Override: `isCgi()`, `isExecutable()`, `isPython()`, `runCgi()`; and all of the base classes.
 * Set: `cgiDirectories`, `cgiUser`, `cgiEnvironment`, `cgiLimits`, `cgiDebug`, `fastcgi`, `scgi`.
 */
export class CGIHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /** Directories below `directory`, in which all files are scripts: never sent, never listed. They may be several levels deep. */
  cgiDirectories: readonly string[] = ["/cgi-bin", "/htbin"];
  /** Whom scripts run as when the server runs as root: a name, `uid` or `uid:gid`. Else it changes nothing. */
  cgiUser = "nobody";
  /** Variables for all scripts, beside PATH and what the request gives. They cannot replace what the request gives. */
  cgiEnvironment: Readonly<Record<string, string>> = {};
  /** How much scripts may take. The number of places is that of the server's first script. */
  cgiLimits: CGILimits = defaultCGILimits;
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

  /** Runs a script; other resources take no POST. */
  do_POST(): Handled {
    if (this.isCgi()) return this.runCgi();
    this.sendError(501, "Can only POST to CGI scripts");
  }

  /** GET and HEAD: runs a script, which makes the whole response, or goes on as for any file. */
  override sendHead(): Body | Promise<Body> {
    if (this.isCgi()) return this.runCgi().then(() => undefined);
    const file = this.translatePath(this.path);
    if (leadsToSource(file, this.directory, this.cgiDirectories, this.indexPages)) {
      throw this.#notFound("it is a script in a CGI directory under another name");
    }
    if (isSourceOf(file, this.#allApplications(), this.indexPages)) {
      throw this.#notFound("it is a script of an application under another name");
    }
    return super.sendHead();
  }

  /**
   * Whether the path is one of a CGI directory; then `cgiInfo` says which, and what follows.
   * @throws {HTTPRequestError} for a path that is neither to be run nor to be sent
   */
  isCgi(): boolean {
    this.cgiInfo = undefined;
    this.#found = this.#findApplication("path");
    if (this.#found !== undefined) return true;
    const split = splitScriptPath(withoutQuery(this.path), this.cgiDirectories);
    if (split.kind === "refused") throw this.#notFound(split.reason);
    if (split.kind === "script") this.cgiInfo = { directory: split.directory, segments: split.segments };
    else this.#found = this.#findApplication("extension");
    return split.kind === "script" || this.#found !== undefined;
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

  /** An application takes every method. */
  protected override methodNotImplemented(): Handled {
    if (this.isCgi() && this.#found !== undefined) return this.runCgi();
    return super.methodNotImplemented();
  }

  override do_OPTIONS(): Handled {
    if (this.isCgi() && this.#found !== undefined) return this.runCgi();
    return super.do_OPTIONS();
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

  protected override hasOnlyOwnSteps(): boolean {
    const own = CGIHTTPRequestHandler.prototype;
    return this.isCgi === own.isCgi && super.hasOnlyOwnSteps(own);
  }

  protected override allowedMethods(): string {
    return this.isCgi() ? "GET, HEAD, POST, OPTIONS" : super.allowedMethods();
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
      script = found?.script ?? this.#locate(info!);
      start = found === undefined ? this.#decideStart(script.file) : { kind: "direct" };
      next = await this.#run(script, start, notes, found?.application);
    } catch (error) {
      if (!(error instanceof CGIError)) throw error;
      if (script === undefined) return this.#fail(error);
      const attempt = await this.#attempt(script.file, start, notes);
      return this.#fail(await describeFailure(error, { ...attempt, application: found?.application }));
    }
    if (next !== undefined) await this.#goTo(next);
  }

  #decideStart(file: string): StartableCommand {
    const start = decideStart(file, readStart(file));
    if (start.kind !== "impossible") return start;
    throw new CGIError("ERR_CGI_CANNOT_START", `${file} cannot be started: ${start.reason}`);
  }

  /** @returns where to go on after a local redirect */
  async #run(
    script: LocatedScript,
    start: StartableCommand,
    notes: RunNotes,
    application: Application | undefined,
  ): Promise<string | undefined> {
    // An application has an environment of its own already.
    const inherited = application === undefined ? process.env : {};
    const environment = scriptEnvironment(this.#scriptRequest(script), this.cgiEnvironment, inherited);
    const user = application === undefined ? await userForScripts(this.cgiUser) : undefined;
    const isStored = this.bodyFraming.kind === "chunked";
    if (isStored) this.sendContinue();
    const body = await takeBody(this.bodyFraming, () => this.rfile, this.cgiLimits.spoolMemory);
    if (body.length !== undefined) environment["CONTENT_LENGTH"] = String(body.length);
    try {
      const answer = await this.startScript({
        file: script.file,
        directory: dirname(script.file),
        scriptName: this.#label(script.scriptName),
        start,
        environment,
        user,
        body: body.stream,
        slots: this.#slots(),
        limits: this.cgiLimits,
        signal: this.signal,
        onAccepted: () => this.sendContinue(),
        log: (message) => this.#logLine(message),
        notes,
        application,
      });
      return await this.#send(answer, this.#label(script.scriptName));
    } catch (error) {
      if (!(error instanceof CGIError && error.code === "ERR_CGI_BUSY")) throw error;
      this.logError("%s", error.message);
      this.sendError(error.status, undefined, undefined, { "Retry-After": RETRY_AFTER });
      return undefined;
    } finally {
      await body.close();
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
  async #send(answer: ScriptAnswer, scriptName: string): Promise<string | undefined> {
    try {
      const { outcome } = answer;
      switch (outcome.kind) {
        case "document":
          this.#sendDocumentHead(outcome);
          if (this.command !== "HEAD" && !isBodiless(outcome.status))
            await this.#sendBody(answer, scriptName);
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

  #sendDocumentHead({ status, reason, fields, length }: ScriptOutcome & { kind: "document" }): void {
    this.sendResponse(status, reason);
    for (const [name, value] of fields) this.sendHeader(name, value);
    // "A server MUST NOT send a Content-Length header field in any response with a status code of […] 204" (RFC 9110 §8.6).
    if (length !== undefined && status !== 204) this.sendHeader("Content-Length", length);
    this.endHeaders();
  }

  async #sendBody(answer: ScriptAnswer, scriptName: string): Promise<void> {
    for (;;) {
      const piece = await answer.nextPiece();
      if (piece.kind === "end") return;
      // Thrown after the head has gone: the response is cut so that the client sees it.
      if (piece.kind === "cut") throw new CGIError("ERR_CGI_CUT", `${scriptName}: ${piece.reason}`);
      this.writeBody(piece.bytes);
      if (this.request.needsDrain) await this.request.drained();
    }
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
    this.#redirected = { path: before?.path ?? path, times };
    this.path = target;
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

  #locate({ directory, segments }: CGIInfo): LocatedScript {
    // Where the system knows no x bit, a script is what something is known to run.
    const needsPermission = process.platform !== "win32";
    const location = locateScript(resolve(this.directory), directory, segments, {
      followSymlinks: this.followSymlinks,
      isExecutable: (file) => (!needsPermission && this.isPython(file)) || this.isExecutable(file),
    });
    const name = `('${location.scriptName}')`;
    switch (location.kind) {
      case "script":
        return location;
      case "missing":
        if (location.reason !== undefined) this.logError("%s: %s", location.scriptName, location.reason);
        throw new HTTPRequestError(404, `No such CGI script ${name}`);
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
      target: first ?? this.path,
      protocol: this.requestVersion,
      scheme: socket.encrypted === true ? "https" : "http",
      query: queryOf(this.path),
      fields: this.headers,
      // Known when the body has been taken; nothing is read of it for a request that is refused.
      contentLength: undefined,
      scriptName,
      pathInfo,
      file,
      root: resolve(this.directory),
      clientAddress: this.clientAddress[0],
      clientPort: this.clientAddress[1],
      serverAddress: socket.localAddress ?? "",
      serverPort: socket.localPort ?? 0,
      serverName: serverNameOf(this.server.serverAddress),
      serverSoftware: this.versionString(),
      redirectedFrom: first === undefined ? undefined : { path: withoutQuery(first), query: queryOf(first) },
    };
  }

  /** Called whenever a script prints on stderr, or ends: nobody is there to catch what an override of the log methods throws. */
  #logLine(message: string): void {
    try {
      this.logError("%s", message);
    } catch (error) {
      stderrLog.write(`Exception in logError: ${describeError(error)}\n`);
    }
  }

  #slots(): Slots {
    let slots = slotsOfServer.get(this.server);
    if (slots === undefined) {
      const { scriptsAtOnce, queueLength, queueWait } = this.cgiLimits;
      slots = new Slots(scriptsAtOnce, queueLength, queueWait);
      slotsOfServer.set(this.server, slots);
    }
    return slots;
  }

  #notFound(reason: string): HTTPRequestError {
    this.logError("%s: %s", this.path, reason);
    return new HTTPRequestError(404, "File not found");
  }
}
