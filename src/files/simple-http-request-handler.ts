// The handler that serves a directory: GET and HEAD for files, index pages and listings.

import { opendir } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Writable } from "node:stream";
import { BaseHTTPRequestHandler, type Handled } from "../handler/base-http-request-handler.ts";
import { type ArchiveFormat, ARCHIVE_FORMATS, archiveFormatOf } from "./archive-format.ts";
import { guessType } from "./content-type.ts";
import { orderOf } from "./entry-order.ts";
import type { EntryOptions } from "./directory-entries.ts";
import { FileCache } from "./file-cache.ts";
import type { Content } from "./file-content.ts";
import { hasHiddenSegment } from "./hidden-name.ts";
import { isNotModified } from "./modified-since.ts";
import { preferredType } from "./preferred-type.ts";
import { withTrailingSlash } from "./redirect-location.ts";
import { type Resource, resolveResource, statusForSystemError } from "./resolve-resource.ts";
import { sendContent } from "./send-content.ts";
import { joinText, StreamedContent } from "./streamed-content.ts";
import { translatePath } from "./translate-path.ts";
import { canonicalPath, queryOf } from "./url-path.ts";

/** One for all handlers: it holds files by their full names. */
const cache = new FileCache();

/** What is sent of a response after its head; nothing where the head was all. */
export type Body = Content | undefined;

const DEFAULT_EXTENSIONS: Readonly<Record<string, string>> = {
  "": "application/octet-stream",
  ".gz": "application/gzip",
  ".z": "application/octet-stream",
  ".bz2": "application/x-bzip2",
  ".xz": "application/x-xz",
};

/** What a 304 repeats of the 200 that it stands for, because it updates what the client has stored (RFC 9110 §15.4.5). */
const KEPT_IN_304 = new Set(["cache-control", "content-location", "etag", "expires", "vary"]);

/** Methods that clients use on files of other servers: here they are known, and not allowed. */
const KNOWN_METHODS = new Set(["POST", "PUT", "DELETE", "PATCH"]);

/**
 * Serves the files below `directory`.
 *
 * Override: `translatePath()`, `guessType()`, `listDirectory()`, `archiveDirectory()`, `copyFile()`, `sendHead()`; and all of the base class.
 * Set: `directory`, `indexPages`, `extensionsMap`, `extraResponseHeaders`, `dotfiles`, `followSymlinks`, `archives`.
 */
export class SimpleHTTPRequestHandler extends BaseHTTPRequestHandler {
  override serverVersion = "SimpleHTTP/0.1";
  /** All that this class sends is framed, so connections can persist. */
  override protocolVersion = "HTTP/1.1";

  /** The directory to serve; the current one by default. */
  directory: string = process.cwd();
  /** Files to look for in a directory, before it is listed. */
  indexPages: readonly string[] = ["index.html", "index.htm"];
  /** Suffix in lower case, with its dot → media type; `""` is the type of all that is unknown. */
  extensionsMap: Readonly<Record<string, string>> = DEFAULT_EXTENSIONS;
  /**
   * Added to successful responses for files and listings, unless a field of that name is there already; what concerns caches is
   * on 304 as well.
   */
  extraResponseHeaders: readonly (readonly [name: string, value: string])[] = [];
  /** Whether names that begin with a dot are served and listed. `.well-known` always is. */
  dotfiles = false;
  /** Whether symbolic links may lead out of `directory`. */
  followSymlinks = false;
  /** Whether a directory that is listed can be downloaded as well: `?archive=zip`, `tar.gz` or `tar`. */
  archives = true;

  /** Serves a file or a listing. */
  do_GET(): Handled {
    const body = this.sendHead();
    return body instanceof Promise ? body.then((content) => this.#sendBody(content)) : this.#sendBody(body);
  }

  /** Sends the head that GET would send, and nothing else. */
  do_HEAD(): Handled {
    const body = this.sendHead();
    if (body instanceof Promise) return body.then((content) => content?.close());
    body?.close();
  }

  /** Says what can be done here (RFC 9110 §9.3.7). */
  do_OPTIONS(): Handled {
    this.sendResponse(204);
    this.sendHeader("Allow", this.allowedMethods());
    this.endHeaders();
  }

  /**
   * Sends the head of the response to GET or HEAD, or a whole error response.
   * @returns what is to follow as the body, to be closed by the caller; `undefined` if nothing is
   */
  sendHead(): Body | Promise<Body> {
    const resource = this.#resolve();
    switch (resource.kind) {
      case "file":
        return this.#sendFileHead(resource);
      case "directory":
        return this.#sendDirectory(resource.path);
      case "needsSlash":
        this.sendResponse(301);
        this.sendHeader("Location", withTrailingSlash(this.path));
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
        return undefined;
      case "error":
        if (resource.why !== undefined) this.logError("%s: %s", this.path, resource.why);
        this.sendError(resource.status, resource.status === 404 ? "File not found" : undefined);
        return undefined;
      default:
        return resource satisfies never;
    }
  }

  /**
   * Sends the head of a listing: as a page, as JSON or as plain text, whichever the client likes best. `?sort=size&order=desc` sorts it.
   * @param path the directory, as a file name
   * @returns the listing, made while it is sent
   */
  async listDirectory(path: string): Promise<Body> {
    if (!(await this.#canBeRead(path))) return undefined;
    // Loaded for the first listing: a server of files alone does without.
    const [{ LISTING_TYPES, renderListing }, { LISTING_POLICY }] = await Promise.all([
      import("./listing.ts"),
      import("./listing-page.ts"),
    ]);
    const type = preferredType(this.headers.getCombined("accept"), LISTING_TYPES);
    const query = new URLSearchParams(queryOf(this.path));
    this.sendResponse(200);
    this.sendHeader("Content-Type", type === "application/json" ? type : `${type}; charset=utf-8`);
    this.sendHeader("Vary", "Accept");
    this.sendHeader("Content-Security-Policy", LISTING_POLICY);
    this.sendHeader("X-Content-Type-Options", "nosniff");
    this.#sendExtraHeaders();
    this.endHeaders();
    const view = {
      path: canonicalPath(this.path),
      order: orderOf(query),
      hasPreviews: query.get("view") === "tiles",
      archives: this.archives ? ARCHIVE_FORMATS : [],
      typeOf: (name: string) => this.guessType(name),
    };
    return new StreamedContent(joinText(renderListing(type, path, this.#entryOptions(), view)));
  }

  /**
   * Sends the head of a directory as one file to download.
   * @param path the directory, as a file name
   * @returns the archive, made while it is sent
   */
  async archiveDirectory(path: string, format: ArchiveFormat): Promise<Body> {
    if (!(await this.#canBeRead(path))) return undefined;
    const { archiveFields, archivePieces } = await import("./archive.ts");
    const shown = canonicalPath(this.path);
    this.sendResponse(200);
    for (const [name, value] of archiveFields(format, shown)) this.sendHeader(name, value);
    this.sendHeader("X-Content-Type-Options", "nosniff");
    this.#sendExtraHeaders();
    this.endHeaders();
    return new StreamedContent(archivePieces(format, path, shown, this.#entryOptions()));
  }

  /** The file name that a request target stands for; a slash at its end is kept. */
  translatePath(path: string): string {
    return translatePath(path, this.directory);
  }

  /** The media type for a file name, from its suffix alone. */
  guessType(path: string): string {
    return guessType(path, this.extensionsMap) ?? "application/octet-stream";
  }

  /**
   * Copies the body of a response to the client.
   * @param destination `wfile` where none is given; an override usually passes its own stream on to it
   */
  async copyFile(source: Content, destination?: Writable): Promise<void> {
    if (destination !== undefined) return pipeline(source.stream(), destination, { end: false });
    const { request } = this;
    return sendContent(source, {
      write: (bytes) => this.writeBody(bytes),
      drained: () => request.drained(),
    });
  }

  /** The methods of this resource, for the Allow field. */
  protected allowedMethods(): string {
    return "GET, HEAD, OPTIONS";
  }

  protected override methodNotImplemented(): Handled {
    if (!KNOWN_METHODS.has(this.command)) return super.methodNotImplemented();
    this.sendError(405, undefined, undefined, { Allow: this.allowedMethods() });
  }

  #resolve(): Resource {
    if (!this.dotfiles && hasHiddenSegment(canonicalPath(this.path))) {
      return {
        kind: "error",
        status: 404,
        why: "a name with a leading dot is not served (--dotfiles allows that)",
      };
    }
    return resolveResource(this.translatePath(this.path), {
      indexPages: this.indexPages,
      root: this.#root(),
      cache,
      wantsBytes: this.command === "GET",
      batch: this.hasOnlyOwnSteps() ? this.request.batch : 0,
    });
  }

  /**
   * Whether only steps of these classes run between the arrival of a request and the look at its file. An override may have just
   * written the file: then nobody else's look at it will do.
   * @param own the prototype that has all of those steps
   */
  protected hasOnlyOwnSteps(own: SimpleHTTPRequestHandler = SimpleHTTPRequestHandler.prototype): boolean {
    return (
      this.do_GET === own.do_GET &&
      this.sendHead === own.sendHead &&
      this.translatePath === own.translatePath &&
      this.dispatch === own.dispatch
    );
  }

  #root(): string | undefined {
    return this.followSymlinks ? undefined : this.directory || ".";
  }

  #sendDirectory(path: string): Body | Promise<Body> {
    const format = this.archives ? archiveFormatOf(queryOf(this.path)) : undefined;
    if (format === undefined) return this.listDirectory(path);
    if (format !== "unknown") return this.archiveDirectory(path, format);
    this.sendError(400, "No such archive format", `Ask for one of these: ${ARCHIVE_FORMATS.join(", ")}.`);
    return undefined;
  }

  /** Whether a directory can be read; if not, the error has been sent. */
  async #canBeRead(path: string): Promise<boolean> {
    try {
      const directory = await opendir(path);
      await directory.close();
      return true;
    } catch (error) {
      this.logError("%s: %s", this.path, (error as Error).message);
      const status = statusForSystemError(error);
      this.sendError(status, status === 404 ? "No permission to list directory" : undefined);
      return false;
    }
  }

  #entryOptions(): EntryOptions {
    return { dotfiles: this.dotfiles, root: this.#root() };
  }

  #sendFileHead(file: Resource & { kind: "file" }): Body {
    try {
      return this.#sendOpenFileHead(file);
    } catch (error) {
      // An override of `guessType()` or `endHeaders()` can throw: nobody else would close the file then.
      file.content.close();
      throw error;
    }
  }

  #sendOpenFileHead({ path, stats, content }: Resource & { kind: "file" }): Body {
    // Never "later than the server's time of message origination" (RFC 9110 §8.8.2.1).
    const modified = Math.min(Math.floor(stats.mtimeMs / 1000) * 1000, Date.now());
    if (isNotModified(this.headers.get("if-modified-since"), this.headers.get("if-none-match"), modified)) {
      content.close();
      this.sendResponse(304);
      this.#sendExtraHeaders(KEPT_IN_304);
      this.endHeaders();
      return undefined;
    }
    this.sendResponse(200);
    this.sendHeader("Content-Type", this.guessType(path));
    this.sendHeader("Content-Length", content.size);
    this.sendHeader("Last-Modified", this.dateTimeString(modified / 1000));
    this.#sendExtraHeaders();
    this.endHeaders();
    return content;
  }

  #sendExtraHeaders(only?: ReadonlySet<string>): void {
    const extra = this.extraResponseHeaders;
    if (extra.length === 0) return;
    // Looked at before any is added: the same name twice among the extras is wanted.
    const added = extra.filter(
      ([name]) =>
        !this.hasResponseHeader(name) &&
        // A body that is made while it is sent has none yet, and must not be cut off at a wrong one.
        name.toLowerCase() !== "content-length" &&
        (only === undefined || only.has(name.toLowerCase())),
    );
    for (const [name, value] of added) this.sendHeader(name, value);
  }

  #sendBody(content: Body): Handled {
    if (content === undefined) return;
    // A whole file in memory goes out with its head, unless someone wants to see it pass.
    if (content.bytes !== undefined && this.copyFile === SimpleHTTPRequestHandler.prototype.copyFile) {
      this.writeBody(content.bytes);
      content.close();
      return;
    }
    return this.#copyAndClose(content);
  }

  async #copyAndClose(content: Content): Promise<void> {
    try {
      await this.copyFile(content);
    } finally {
      content.close();
    }
  }
}
