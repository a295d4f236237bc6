// The handler that runs CGI scripts, and serves files everywhere else (RFC 3875): which
// path is a script's, and whose.

import { resolve } from "node:path";

import { CGIError, HTTPRequestError } from "../errors.ts";
import { hasHiddenSegment } from "../files/hidden-name.ts";
import { describeMissing } from "../files/missing-name.ts";
import { withTrailingSlash } from "../files/redirect-location.ts";
import type { Body } from "../files/representation-sender.ts";
import { canonicalPath, withoutQuery } from "../files/url-path.ts";
import type { Handled } from "../handler/base-http-request-handler.ts";
import { declareSteps } from "../server/guard-overrides.ts";
import { percentEncodePath } from "../text/percent-coding.ts";
import { makeVisible } from "../text/visible.ts";
import {
  type Application,
  findByExtension,
  findByPath,
  type FoundApplication,
  hasNameOf,
  isSourceOf,
  listApplications,
  pathsOf,
} from "./application-path.ts";
import { notExecutable } from "./failed-run.ts";
import { isCovered, isSource, leadsToSource } from "./guard-source.ts";
import { leadsNowhere } from "./leads-nowhere.ts";
import { hasExecutePermission, type LocatedScript, locateScript } from "./locate-script.ts";
import { type CGIMount, mountedScript } from "./mount.ts";
import { indexScripts, interpreterOf } from "./script-by-name.ts";
import { ScriptRunner } from "./script-runner.ts";
import { type CGIInfo, selectScript } from "./select-script.ts";

const NONE: Readonly<Record<string, string>> = {};
const NO_APPLICATIONS: readonly Application[] = [];

/**
 * Runs scripts: those in `cgiDirectories`, programs in `cgiMounts`, and files that
 * `cgiInterpreters` knows by their extension. They get every method but TRACE and CONNECT. All else
 * is served as by a `SimpleHTTPRequestHandler`.
 *
 * Override: `isCgi()`, `isExecutable()`, `isPython()`, `runCgi()`; and all of the base classes.
 * Set: `cgiDirectories`, `cgiMounts`, `cgiInterpreters`, `cgiEnvironment`, `cgiPassEnvironment`,
 * `cgiPassAuthorization`, `cgiQueryArguments`, `cgiUser`, `cgiLimits`, `cgiDebug`, `fastcgi`, `scgi`.
 */
export class CGIHTTPRequestHandler extends ScriptRunner {
  /**
   * Directories below `directory`, in which all files are scripts: never sent, never listed. They may be
   * several levels deep. An `index.cgi` answers for the directory that it is in.
   */
  cgiDirectories: readonly string[] = ["/cgi-bin", "/htbin"];
  /**
   * A path of URLs → the program for it and for all below it, wherever that lies:
   * `{ "/git": { program: "/usr/lib/…" } }`.
   */
  cgiMounts: Readonly<Record<string, CGIMount>> = {};

  /**
   * Applications that run already and speak FastCGI: a path (`/app`) or an extension (`.php`) →
   * `unix:/run/php.sock` or `127.0.0.1:9000`. What is below such a path is theirs alone; of files with such
   * an extension the source is never sent.
   */
  fastcgi: Readonly<Record<string, string>> = NONE;
  /** The same for applications that speak SCGI. */
  scgi: Readonly<Record<string, string>> = NONE;

  /** Set by `isCgi()`. */
  cgiInfo: CGIInfo | undefined;

  /** Set by `isCgi()`, for a path of an application. */
  #found: FoundApplication | undefined;
  #applications: readonly Application[] | undefined;

  /** Runs a script, whose answer it is; else says what can be done here. */
  override do_OPTIONS(): Handled {
    // `*` is the server as a whole, and none of its resources (RFC 9110 §9.3.7).
    return this.path !== "*" && this.isCgi() ? this.endsAfter(this.runCgi()) : super.do_OPTIONS();
  }

  /** Runs a script; other resources take no POST. */
  do_POST(): Handled {
    if (this.isCgi()) return this.endsAfter(this.runCgi());
    this.sendError(501, "Can only POST to CGI scripts");
  }

  /** GET and HEAD: runs a script, which makes the whole response, or goes on as for any file. */
  override sendHead(): Body | Promise<Body> {
    if (this.isCgi()) return this.runCgi().then(() => undefined);
    const file = this.translatePath(this.path);
    if (!this.maySend(file)) throw this.notFoundBecause("it is a script under another name");
    return super.sendHead();
  }

  /**
   * Whether a script answers for the path; then `cgiInfo` says where it is looked for.
   * @throws {HTTPRequestError} for a path that is neither to be run nor to be sent
   */
  isCgi(): boolean {
    const path = withoutQuery(this.path);
    return (
      this.#select(path) || (this.single !== undefined && this.#selectFrontController(path, this.single))
    );
  }

  /** Whether a script answers for a path; notes which. */
  #select(path: string): boolean {
    this.cgiInfo = undefined;
    this.#found = this.#findApplication("path", path);
    if (this.#found !== undefined) return true;
    const selected = selectScript(path, {
      directories: this.cgiDirectories,
      mounts: this.cgiMounts,
      interpreters: this.cgiInterpreters,
      root: this.directory,
      indexPages: this.indexPages,
    });
    if (selected.kind === "refused") throw this.notFoundBecause(selected.reason);
    if (selected.kind === "script") this.cgiInfo = selected.info;
    else this.#found = this.#findApplication("extension", path);
    return selected.kind === "script" || this.#found !== undefined;
  }

  /**
   * A `single` that is a script answers where nothing is there: it knows itself what to say about
   * every path, method and type.
   */
  #selectFrontController(path: string, single: string): boolean {
    if (!path.startsWith("/") || !this.#select(`/${percentEncodePath(single)}`)) return false;
    const { dotfiles, listing, indexPages, followSymlinks } = this;
    const root = followSymlinks ? undefined : resolve(this.directory);
    if (
      (dotfiles || !hasHiddenSegment(canonicalPath(path))) &&
      leadsNowhere(this.translatePath(this.path), root, listing ? undefined : indexPages)
    )
      return true;
    this.cgiInfo = undefined;
    this.#found = undefined;
    return false;
  }

  #findApplication(by: "path" | "extension", path: string): FoundApplication | undefined {
    const applications = this.#allApplications();
    if (applications.length === 0) return undefined;
    const root = resolve(this.directory);
    const found =
      by === "path" ? findByPath(path, applications, root) : findByExtension(path, applications, root, this);
    if (found.kind === "refused") throw this.notFoundBecause(found.reason);
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

  /** A script says `100 Continue` when it is about to start; what is refused has its error without a body. */
  override handleExpect100(): boolean {
    if (this.command === "POST" || this.isCgi()) return true;
    return super.handleExpect100();
  }

  /** The source of a script is no page. */
  protected override maySend(path: string): boolean {
    return (
      !leadsToSource(path, this.directory, this.cgiDirectories, this.indexPages, this.cgiInterpreters) &&
      !isSourceOf(path, this.#allApplications(), this.indexPages) &&
      !isCovered(path, this.directory, [...Object.keys(this.cgiMounts), ...pathsOf(this.#allApplications())])
    );
  }

  protected override maySendOpened(realPath: string): boolean {
    return (
      !isSource(realPath, this.directory, this.cgiDirectories, this.cgiInterpreters) &&
      !hasNameOf(realPath, this.#allApplications())
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
    let script: LocatedScript | undefined;
    try {
      script = found?.script ?? this.#scriptOf(info!);
    } catch (error) {
      if (!(error instanceof CGIError)) throw error;
      return this.tellFailure(error);
    }
    if (script === undefined)
      return this.sendRedirect(301, this.basePath.encoded + withTrailingSlash(this.path));
    await this.runFound(script, { mount: info?.mount, application: found?.application });
  }

  /** `undefined` for a directory that lacks its slash. */
  #scriptOf(info: CGIInfo): LocatedScript | undefined {
    return info.mount === undefined ? this.#locate(info) : mountedScript(info, info.mount);
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
        // A look at the names beside it for each guess of a scanner would be too much.
        throw this.#refusal(
          404,
          `No such CGI script ${name}`,
          location.scriptName,
          location.reason ??
            (this.cgiDebug ? describeMissing(resolve(this.directory) + location.scriptName) : undefined),
        );
      case "needsSlash":
        return undefined;
      case "notPlainFile":
        throw this.#refusal(
          403,
          `CGI script is not a plain file ${name}`,
          location.scriptName,
          "name a script in the URL: only plain files are started, and a folder of scripts is never listed",
        );
      case "notExecutable":
        throw notExecutable(location.file, `CGI script is not executable ${name}`);
      default:
        return location satisfies never;
    }
  }

  /** The log says why, and so does the page to whoever may know. */
  #refusal(status: number, message: string, scriptName: string, reason?: string): HTTPRequestError {
    if (reason === undefined) return new HTTPRequestError(status, message);
    this.logError("%s: %s", scriptName, reason);
    return new HTTPRequestError(
      status,
      message,
      this.mayReadWhy() ? sentence(makeVisible(reason)) : undefined,
    );
  }
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

declareSteps(CGIHTTPRequestHandler.prototype, {
  isCgi: "decides",
  isExecutable: "decides",
  isPython: "decides",
});
