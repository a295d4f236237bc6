// The handler that serves a directory: GET and HEAD for files, index pages and listings.

import { pipeline } from "node:stream/promises";
import type { Writable } from "node:stream";
import type { Handled } from "../handler/base-http-request-handler.ts";
import type { ErrorPage } from "../handler/error-page.ts";
import { declareSteps } from "../server/guard-overrides.ts";
import { percentEncodePath } from "../text/percent-coding.ts";
import { type ArchiveFormat, ARCHIVE_FORMATS, archiveFormatOf } from "./archive-format.ts";
import { codingOfName, DEFAULT_EXTENSIONS, guessType } from "./content-type.ts";
import type { EntryOptions } from "./directory-entries.ts";
import { orderOf } from "./entry-order.ts";
import { FileCache } from "./file-cache.ts";
import type { Content } from "./file-content.ts";
import { currentDirectory } from "./file-name.ts";
import { hasHiddenSegment } from "./hidden-name.ts";
import { acceptsHtml, looksLikeRoute } from "./navigation.ts";
import { readNotFoundPage } from "./not-found-page.ts";
import { directoryLocation, isMisleadingDirectory, withTrailingSlash } from "./redirect-location.ts";
import type { OpenedDirectory } from "./open-contained.ts";
import { preferredType } from "./preferred-type.ts";
import { type Body, RepresentationSender } from "./representation-sender.ts";
import {
  isNothingOutside,
  MISSING,
  type Resource,
  type ResourceOptions,
  resolveResource,
  statusForSystemError,
} from "./resolve-resource.ts";
import {
  compressSelected,
  fileAsItIs,
  type FileResource,
  representationOf,
  selectRepresentation,
} from "./select-representation.ts";
import { requireContent, requireText } from "./returned-value.ts";
import { sendContent } from "./send-content.ts";
import { joinText, StreamedContent } from "./streamed-content.ts";
import { translatePath } from "./translate-path.ts";
import { canonicalPath, queryOf } from "./url-path.ts";

/** One for all handlers: it holds files by their full names. */
const cache = new FileCache();

/** Methods that clients use on files of other servers: here they are known, and not allowed. */
const KNOWN_METHODS = new Set(["POST", "PUT", "DELETE", "PATCH"]);

/**
 * Serves the files below `directory`.
 *
 * Override: `translatePath()`, `guessType()`, `listDirectory()`, `archiveDirectory()`, `copyFile()`,
 * `sendHead()`; and all of the base class.
 * Set: `directory`, `indexPages`, `extensionsMap`, `extraResponseHeaders`, `dotfiles`, `followSymlinks`,
 * `compress`, `cacheMemory`, `listing`, `archives`, `single`, `base`, `cors`, `maxAge`, `auth`.
 */
export class SimpleHTTPRequestHandler extends RepresentationSender {
  override serverVersion = "SimpleHTTP/0.1";
  /** All that this class sends is framed, so connections can persist. */
  override protocolVersion = "HTTP/1.1";

  /** The directory to serve; the current one by default. */
  directory: string = currentDirectory();
  /** Files to look for in a directory, before it is listed. */
  indexPages: readonly string[] = ["index.html", "index.htm"];
  /** Suffix in lower case, with its dot → media type, asked first of all; `""` is for what nobody knows. */
  extensionsMap: Readonly<Record<string, string>> = DEFAULT_EXTENSIONS;
  /** Whether names that begin with a dot are served and listed. `.well-known` always is. */
  dotfiles = false;
  /** Whether symbolic links may lead out of `directory`. */
  followSymlinks = false;
  /**
   * Whether text is sent compressed to clients that accept that: from `app.js.br`, `.zst` or `.gz` beside
   * `app.js`, or compressed here. An override of `copyFile()` always gets files as they are.
   */
  compress = true;
  /**
   * Bytes of memory for small files that are asked for again and again; 0 keeps none. All handlers of a
   * process share it. What is kept is compared with the disk at every request, so it is never stale.
   */
  cacheMemory = 64 * 1024 * 1024;
  /** Whether a directory without an index page is listed; else it is 404. */
  listing = true;
  /**
   * The file, as a path in `directory`, that answers for the pages of a single-page application: where
   * nothing is, the client asks for HTML, and the last segment of the path has no extension. If it is a
   * script to `CGIHTTPRequestHandler`, it answers for whatever is not there.
   */
  single: string | undefined = undefined;
  /** Whether a directory that is listed can be downloaded as well: `?archive=zip`, `tar.gz` or `tar`. */
  archives = true;

  /** Serves a file, as conditions and ranges of the request want it (RFC 9110 §13, §14), or a listing. */
  do_GET(): Handled {
    const body = this.sendHead();
    const sent = body instanceof Promise ? body.then((each) => this.#sendBody(each)) : this.#sendBody(body);
    return sent instanceof Promise ? this.endsAfter(sent) : sent;
  }

  /** Sends the head that GET would send, and nothing else. */
  do_HEAD(): Handled {
    const body = this.sendHead();
    if (body instanceof Promise) return this.endsAfter(body.then(closeUnsent));
    closeUnsent(body);
  }

  /** Says what can be done here (RFC 9110 §9.3.7). */
  do_OPTIONS(): Handled {
    this.sendResponse(204);
    this.sendHeader("Allow", this.allowedMethods());
    this.endHeaders();
  }

  /**
   * Sends the head of the response to GET or HEAD, or a whole error response.
   * @returns what follows as the body, to be closed by the caller (of a range, its bytes); or `undefined`
   */
  sendHead(): Body | Promise<Body> {
    const resource = this.#resolve();
    switch (resource.kind) {
      case "file":
        return this.#sendFileHead(resource);
      case "directory":
        // What is in a directory changes more often than what is in a file.
        this.revalidates();
        return this.#sendDirectory(resource.path);
      case "needsSlash":
        this.sendRedirect(301, this.basePath.encoded + withTrailingSlash(this.path));
        return undefined;
      case "misspelled":
        this.sendRedirect(301, this.basePath.encoded + resource.location);
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
   * Sends the head of a listing: a page, JSON or text, as the client likes. `?sort=size&order=desc` sorts it.
   * @param path the directory, as a file name
   * @returns the listing, made while it is sent
   */
  async listDirectory(path: string): Promise<Body> {
    // Loaded for the first listing: a server of files alone does without.
    const { LISTING_TYPES, listingFields, renderListing } = await import("./listing.ts");
    const accept = this.headers.getCombined("accept");
    const type = preferredType(accept, LISTING_TYPES);
    const query = new URLSearchParams(queryOf(this.path));
    const view = {
      path: canonicalPath(this.path),
      order: orderOf(query),
      hasPreviews: query.get("view") === "tiles",
      // For people only: `wget -r` follows every link, and would load each folder once more in each format.
      archives: this.archives && acceptsHtml(accept) ? ARCHIVE_FORMATS : [],
      typeOf: (name: string) => this.#typeOf(name),
    };
    const directory = await this.#openDirectory(path);
    if (directory === undefined) return undefined;
    const text = joinText(renderListing(type, directory, this.#entryOptions(), view));
    return this.sendStreamHead(listingFields(type), new StreamedContent(text, () => directory.close()));
  }

  /**
   * Sends the head of a directory as one file to download.
   * @param path the directory, as a file name
   * @returns the archive, made while it is sent
   */
  async archiveDirectory(path: string, format: ArchiveFormat): Promise<Body> {
    const directory = await this.#openDirectory(path);
    if (directory === undefined) return undefined;
    directory.close();
    const { archiveFields, archivePieces } = await import("./archive.ts");
    const shown = canonicalPath(this.path);
    const options = {
      ...this.#entryOptions(),
      mayHold: (file: string) => this.maySend(file),
      mayOpen: this.mayOpen,
    };
    const pieces = archivePieces(format, path, shown, options);
    return this.sendStreamHead(archiveFields(format, shown), new StreamedContent(pieces));
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

  /** For a page that is not there the folder's own `404.html`, if it has one and the client asks for HTML. */
  protected override errorPage(code: number, message: string, explain: string): ErrorPage {
    if (code !== 404 || (this.command !== "GET" && this.command !== "HEAD"))
      return super.errorPage(code, message, explain);
    // On the short page as well: a cache that had it would send it to those who would get the folder's own.
    this.variesByAccept();
    if (!this.#isNavigation()) return super.errorPage(code, message, explain);
    const file = translatePath("/404.html", this.directory);
    const body = this.maySend(file) ? readNotFoundPage(file, this.#root(), this.mayOpen) : undefined;
    if (body === undefined) return super.errorPage(code, message, explain);
    return { type: this.#typeOf(file), body };
  }

  #isNavigation(): boolean {
    return (
      (this.command === "GET" || this.command === "HEAD") && acceptsHtml(this.headers.getCombined("accept"))
    );
  }

  #resolve(): Resource {
    const path = canonicalPath(this.path);
    if (!this.dotfiles && hasHiddenSegment(path)) {
      const why = "a name with a leading dot is not served (--dotfiles allows that)";
      return { kind: "error", status: 404, why };
    }
    const found = this.#look(this.path);
    if (found.kind === "error") return this.#pageInPlaceOf(found, path);
    // Only a directory is asked for with a slash at its end.
    if (path.endsWith("/") && isMisleadingDirectory(this.path)) {
      if (found.kind === "file") found.content.close();
      return { kind: "misspelled", location: directoryLocation(this.path) };
    }
    if (found.kind !== "directory" || this.listing) return found;
    return this.#pageInPlaceOf(MISSING, path);
  }

  /** The page of a single-page application answers for what is not there, not for what is and is refused. */
  #pageInPlaceOf(error: Resource & { kind: "error" }, path: string): Resource {
    if (this.single === undefined || error !== MISSING) return error;
    // The other answer of the two may be this one, too: a cache must not mix them.
    this.variesByAccept();
    if (!this.#isNavigation() || !looksLikeRoute(path)) return error;
    if (!isNothingOutside(this.translatePath(this.path), this.#root())) return error;
    const target = `/${percentEncodePath(this.single)}`;
    if (!this.maySend(this.translatePath(target))) return error;
    const page = this.#look(target);
    return page.kind === "file" ? page : error;
  }

  #look(target: string): Resource {
    const path = requireText("translatePath", this.translatePath(target));
    return resolveResource(path, this.#resourceOptions());
  }

  /** Asked for after `translatePath()`: an override may set `directory` for each request. */
  #resourceOptions(): ResourceOptions {
    return {
      indexPages: this.indexPages,
      root: this.#root(),
      mayOpen: this.mayOpen,
      cache,
      cacheMemory: this.cacheMemory,
      wantsBytes: this.command === "GET",
      batch: this.hasOnlyOwnSteps() ? this.request.batch : 0,
    };
  }

  /**
   * Whether only steps of these classes run between the arrival of a request and the look at its file. An
   * override may have just written the file: then nobody else's look at it will do.
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

  /** @returns `undefined` if a directory cannot be read: then the error has been sent */
  async #openDirectory(path: string): Promise<OpenedDirectory | undefined> {
    const { openReadable } = await import("./directory-entries.ts");
    try {
      return await openReadable(path, this.#root(), this.mayOpen);
    } catch (error) {
      this.logError("%s: %s", this.path, (error as Error).message);
      const status = statusForSystemError(error);
      this.sendError(status, status === 404 ? "No permission to list directory" : undefined);
      return undefined;
    }
  }

  #entryOptions(): EntryOptions {
    const { request } = this;
    return { dotfiles: this.dotfiles, root: this.#root(), isWanted: () => !request.isClosed };
  }

  #sendFileHead(file: FileResource): Body | Promise<Body> {
    let { content } = file;
    try {
      const options = this.#resourceOptions();
      const mediaType = this.#typeOf(file.path);
      const ownCoding = codingOfName(file.path, mediaType);
      const selected =
        ownCoding === undefined && this.#compresses()
          ? selectRepresentation(file, mediaType, this.headers.getCombined("accept-encoding"), options)
          : fileAsItIs(file, ownCoding);
      ({ content } = selected);
      const representation = representationOf(selected, mediaType);
      const transfer = this.decideTransfer(representation);
      // What needs no bytes is not compressed.
      if (!selected.mustCompress || transfer.kind === "notModified" || transfer.kind === "preconditionFailed")
        return this.sendRepresentation(representation, transfer);
      return compressSelected(file.path, selected, options).then((compressed) => {
        const made = { ...representation, content: compressed, size: compressed.size };
        return this.sendRepresentation(made, this.decideTransfer(made));
      });
    } catch (error) {
      // An override of `guessType()` or `endHeaders()` can throw: nobody else would close the file then.
      content.close();
      throw error;
    }
  }

  /** An override of `copyFile()` that changes what is sent can only do so with the file as it is. */
  #compresses(): boolean {
    return this.compress && this.copyFile === SimpleHTTPRequestHandler.prototype.copyFile;
  }

  #typeOf(path: string): string {
    return requireText("guessType", this.guessType(path));
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

  async #copyAndClose(body: Content): Promise<void> {
    const content = requireContent(body);
    try {
      await this.copyFile(content);
    } finally {
      content.close();
    }
  }
}

function closeUnsent(body: Body): void {
  if (body !== undefined) requireContent(body).close();
}

declareSteps(SimpleHTTPRequestHandler.prototype, {
  allowedMethods: "decides",
  guessType: "decides",
  translatePath: "decides",
});
