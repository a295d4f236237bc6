// What is asked of every request before its method: is it a question of a browser, who sends it, and is its
// target one of this server's.

import { BaseHTTPRequestHandler, type Handled } from "../handler/base-http-request-handler.ts";
import { type BasePath, parseBasePath, placeBelow } from "./base-path.ts";
import { CROSS_ORIGIN_FIELDS, isPreflight, preflightFields } from "./cross-origin.ts";
import { authenticatorFor, loadAuthenticator } from "./load-authenticator.ts";
import type { PasswordVerdict } from "./password-verdict.ts";
import { declareSteps } from "../server/guard-overrides.ts";

const CHALLENGE = 'Basic realm="htbin", charset="UTF-8"';

/** The rung below `SimpleHTTPRequestHandler`, of which it is a part: each method can be overridden there. */
export abstract class RequestGate extends BaseHTTPRequestHandler {
  /** The prefix, such as `/docs`, below which `directory` is served; `path` is what follows it. */
  base = "";
  /** Whether pages of any origin may read the answers. */
  cors = false;
  /**
   * Who may ask for anything: `user:password`, or `@` and the path of a file that
   * `htpasswd -B` or `htpasswd -5` has made.
   */
  auth: string | undefined = undefined;

  /** Who has signed in for this request, where `auth` asks for that. */
  authenticatedUser: string | undefined = undefined;

  /**
   * Before any method: who asks, and whether the target is one of this server's. Each option that
   * is not set costs a comparison.
   */
  protected override dispatch(): Handled {
    if (this.auth === undefined && this.base === "" && !this.cors) return super.dispatch();
    // Browsers send no password along with this question, and its answer tells nothing.
    if (this.cors && isPreflight(this.command, this.headers)) return this.#sendPreflight();
    if (this.auth === undefined) return this.#dispatchBelowBase();
    const isKnown = this.#authenticate(this.auth);
    if (isKnown instanceof Promise)
      return isKnown.then((known) => (known ? this.#dispatchBelowBase() : undefined));
    if (isKnown) return this.#dispatchBelowBase();
  }

  /** `base` as it stands in links, and as it is told to scripts; both are empty without one. */
  protected get basePath(): BasePath {
    return parseBasePath(this.base);
  }

  #dispatchBelowBase(): Handled {
    const place = placeBelow(this.path, this.basePath);
    switch (place.kind) {
      case "below":
        this.path = place.target;
        return super.dispatch();
      case "redirect":
        if (this.command === "GET" || this.command === "HEAD")
          return this.sendRedirect(place.status, place.location);
        return this.sendError(404);
      case "outside":
        return this.sendError(404, "File not found");
      default:
        return place satisfies never;
    }
  }

  #sendPreflight(): void {
    this.sendResponse(204);
    for (const [name, value] of preflightFields(this.headers)) this.sendHeader(name, value);
    this.endHeaders();
  }

  /** Sends a whole redirect. */
  protected sendRedirect(status: 301 | 302, location: string): void {
    this.sendResponse(status);
    this.sendHeader("Location", location);
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
  }

  /** @returns whether the request goes on; if not, it has been answered */
  #authenticate(auth: string): boolean | Promise<boolean> {
    const authenticator = authenticatorFor(auth);
    if (authenticator === undefined) return loadAuthenticator(auth).then(() => this.#authenticate(auth));
    const verdict = authenticator.check(this.headers.getCombined("authorization"), this.clientAddress[0]);
    return verdict instanceof Promise ? verdict.then((each) => this.#admit(each)) : this.#admit(verdict);
  }

  #admit(verdict: PasswordVerdict): boolean {
    switch (verdict.kind) {
      case "known":
        this.authenticatedUser = verdict.user;
        return true;
      case "unknown":
        this.sendError(401, undefined, undefined, { "WWW-Authenticate": CHALLENGE });
        return false;
      case "busy":
        this.sendError(503, undefined, undefined, { "Retry-After": "1" });
        return false;
      case "unreadable":
        this.logError("%s", verdict.why);
        this.sendError(500);
        return false;
      default:
        return verdict satisfies never;
    }
  }

  /**
   * Some requests are answered before anybody is asked: one that cannot be read, a preflight, an unknown
   * expectation. They come from nobody, whoever sent the one before on the same connection; behind a proxy
   * that is somebody else.
   */
  protected override noteRequestBegin(): void {
    this.authenticatedUser = undefined;
    super.noteRequestBegin();
  }

  /** Who has signed in, for the log. */
  override remoteUser(): string {
    return this.authenticatedUser ?? super.remoteUser();
  }

  /** Ends the head of the response. What has been added already is left alone. */
  override endHeaders(): void {
    if (this.cors && this.responseStatus >= 200) {
      for (const [name, value] of CROSS_ORIGIN_FIELDS) {
        if (!this.hasResponseHeader(name)) this.sendHeader(name, value);
      }
    }
    super.endHeaders();
  }
}

declareSteps(RequestGate.prototype, {
  sendRedirect: "answers",
});
