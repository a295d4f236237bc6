// How a representation is sent: whole, in parts, or as a status alone, such as 304; and what caches are told.

import { declareSteps } from "../server/guard-overrides.ts";
import { isNamed } from "../text/is-named.ts";
import type { Content } from "./file-content.ts";
import { readConditions } from "./conditions.ts";
import { decideTransfer, type Transfer } from "./decide-transfer.ts";
import type { MayOpen } from "./open-contained.ts";
import { contentRange, multipartByteranges } from "./multipart-byteranges.ts";
import { partOfContent } from "./part-of-content.ts";
import type { Representation } from "./representation.ts";
import { RequestGate } from "./request-gate.ts";

/** What is sent of a response after its head; nothing where the head was all. */
export type Body = Content | undefined;

/** What a 304 repeats of its 200, because it updates what the client has stored (RFC 9110 §15.4.5). */
const KEPT_IN_304 = new Set(["cache-control", "content-location", "etag", "expires", "vary"]);

/** A client may keep it, and asks each time whether it has changed. */
const REVALIDATE = "no-cache";

/** The rung below `SimpleHTTPRequestHandler`, of which it is a part. */
export abstract class RepresentationSender extends RequestGate {
  /**
   * Added to successful responses for files and listings, unless a field of that name is there already; what
   * concerns caches is on 304 as well.
   */
  extraResponseHeaders: readonly (readonly [name: string, value: string])[] = [];
  /**
   * Seconds for which a client may use a file without asking again; with 0 it asks each time (`no-cache`).
   * With `auth` no cache for many may.
   */
  maxAge = 0;

  /** For the next head that ends: of a file, a listing, or the way to one. */
  #cacheControl: string | undefined = undefined;
  /** The next head that ends is of a page that another Accept field would not have got. */
  #variesByAccept = false;
  #askOpened: MayOpen | undefined;

  /** The next head that ends is of what clients may keep, and ask about each time. */
  protected revalidates(): void {
    this.#cacheControl = REVALIDATE;
  }

  /** Another Accept might not have got what the next head is of: a cache must not mix the two. */
  protected variesByAccept(): void {
    this.#variesByAccept = true;
  }

  /** Ends the head of the response. What an override has added already is left alone. */
  override endHeaders(): void {
    // An interim response (1xx) is not the one that they are meant for.
    if (this.responseStatus < 200) return super.endHeaders();
    if (this.#cacheControl !== undefined) {
      // An error may have taken the place of the file.
      if (this.responseStatus < 400 && !this.hasResponseHeader("cache-control"))
        this.sendHeader("Cache-Control", this.#cacheControl);
      this.#cacheControl = undefined;
    }
    if (this.#variesByAccept) {
      this.#variesByAccept = false;
      this.sendHeader("Vary", "Accept");
    }
    super.endHeaders();
  }

  /**
   * Whether a file may be sent at all, under whichever name it was found. Asked about what no URL of its own
   * has asked for: pages that stand in for what is not there, and what goes into an archive.
   */
  protected maySend(_path: string): boolean {
    return true;
  }

  /**
   * The same of a file that is open, or a directory: then a slash ends the path. Asked because a link can
   * have been changed since `maySend()` was.
   * @param _realPath where it really is, all links followed
   */
  protected maySendOpened(_realPath: string): boolean {
    return true;
  }

  /** `undefined` where no class has anything against any file: then its real path need not be looked for. */
  protected get mayOpen(): MayOpen | undefined {
    if (this.maySendOpened === RepresentationSender.prototype.maySendOpened) return undefined;
    return (this.#askOpened ??= (realPath) => this.maySendOpened(realPath));
  }

  /** Where it leads is true today: a folder may be a file tomorrow, or served without `base`. */
  protected override sendRedirect(status: 301 | 302, location: string): void {
    this.revalidates();
    super.sendRedirect(status, location);
  }

  /** What conditions and ranges of the request leave of it. */
  protected decideTransfer(representation: Representation): Transfer {
    return decideTransfer(this.command, readConditions(this.headers), representation, Date.now);
  }

  /**
   * Sends the head of what is left of it, or a whole error response.
   * @returns what is to follow as the body
   */
  protected sendRepresentation(representation: Representation, transfer: Transfer): Body {
    const { content, size, mediaType } = representation;
    switch (transfer.kind) {
      case "whole":
        this.#sendHeadOf(200, representation, mediaType, size);
        return content;
      case "range": {
        const part = partOfContent(content, transfer.range);
        const range = contentRange(transfer.range, size);
        this.#sendHeadOf(206, representation, mediaType, part.size, range);
        return part;
      }
      case "ranges": {
        const boundary = crypto.randomUUID();
        const parts = multipartByteranges(content, transfer.ranges, mediaType, boundary);
        const type = `multipart/byteranges; boundary=${boundary}`;
        this.#sendHeadOf(206, representation, type, parts.size);
        return parts;
      }
      case "notModified":
        content.close();
        this.#sendConditionHead(304, representation);
        return undefined;
      case "preconditionFailed":
        content.close();
        this.#sendConditionHead(412, representation);
        return undefined;
      case "unsatisfiable":
        content.close();
        this.sendError(416, undefined, undefined, {
          "Content-Range": `bytes */${size}`,
          "Accept-Ranges": "bytes",
        });
        return undefined;
      default:
        return transfer satisfies never;
    }
  }

  #sendHeadOf(
    status: number,
    { validators, contentCoding, isNegotiated }: Representation,
    mediaType: string,
    length: number,
    range?: string,
  ): void {
    const { entityTag, lastModified } = validators;
    this.sendResponse(status);
    this.sendHeader("Content-Type", mediaType);
    // The type was decided by the name: a browser that guesses another one from the bytes could
    // run what was meant to be text.
    this.sendHeader("X-Content-Type-Options", "nosniff");
    if (contentCoding !== undefined) this.sendHeader("Content-Encoding", contentCoding);
    this.sendHeader("Content-Length", length);
    if (range !== undefined) this.sendHeader("Content-Range", range);
    if (lastModified !== undefined)
      this.sendHeader("Last-Modified", this.dateTimeString(lastModified / 1000));
    this.sendHeader("ETag", entityTag);
    this.sendHeader("Accept-Ranges", "bytes");
    if (isNegotiated) this.sendHeader("Vary", "Accept-Encoding");
    this.sendExtraHeaders();
    this.endHeaders();
  }

  /** Sends the head of what is made while it is sent. @returns that, as the body */
  protected sendStreamHead(
    fields: readonly (readonly [name: string, value: string])[],
    content: Content,
  ): Content {
    try {
      this.sendResponse(200);
      for (const [name, value] of fields) this.sendHeader(name, value);
      this.sendHeader("X-Content-Type-Options", "nosniff");
      this.sendExtraHeaders();
      this.endHeaders();
      return content;
    } catch (error) {
      // An override can throw: nobody else would close what is open then.
      content.close();
      throw error;
    }
  }

  /** The head of a response that sends nothing, because of a condition. */
  #sendConditionHead(status: 304 | 412, { validators, isNegotiated }: Representation): void {
    this.sendResponse(status);
    if (status === 412) this.sendHeader("Content-Length", 0);
    this.sendHeader("ETag", validators.entityTag);
    if (isNegotiated) this.sendHeader("Vary", "Accept-Encoding");
    this.sendExtraHeaders(KEPT_IN_304);
    this.endHeaders();
  }

  /**
   * Adds `extraResponseHeaders` to the head that is put together, but for names that it has already; and says
   * how long it may be kept.
   * @param only names in lower case; all without it
   */
  protected sendExtraHeaders(only?: ReadonlySet<string>): void {
    this.#cacheControl ??= this.maxAge > 0 ? this.#freshFor(this.maxAge) : REVALIDATE;
    const extra = this.extraResponseHeaders;
    if (extra.length === 0) return;
    // Looked at before any is added: the same name twice among the extras is wanted. Vary
    // is a list, to which they add.
    const added = extra.filter(
      ([name]) =>
        (isNamed(name, "vary") || !this.hasResponseHeader(name)) &&
        // A body that is made while it is sent has none yet, and must not be cut off at a wrong one.
        !isNamed(name, "content-length") &&
        (only === undefined || only.has(name.toLowerCase())),
    );
    for (const [name, value] of added) this.sendHeader(name, value);
  }

  /**
   * A cache for many must not keep what was sent for a password, and RFC 9111 §3.5 is not enough for it:
   * nginx gives it to everybody.
   */
  #freshFor(seconds: number): string {
    return this.auth === undefined ? `max-age=${seconds}` : `private, max-age=${seconds}`;
  }
}

declareSteps(RepresentationSender.prototype, {
  revalidates: "answers",
  sendExtraHeaders: "answers",
  variesByAccept: "answers",
  decideTransfer: "decides",
  maySend: "decides",
  maySendOpened: "decides",
});
