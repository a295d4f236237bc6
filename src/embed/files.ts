// `htbin/files`: a folder served from inside another server.

import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import type { LogDestination } from "../log/log-sink.ts";
import { type FetchHandler, fetchHandler } from "./fetch-handler.ts";
import { InnerServer } from "./inner-server.ts";
import { type NodeListener, nodeListener } from "./node-listener.ts";
import { type FieldNames, withFields } from "./with-fields.ts";

export type { FetchHandler, FetchInfo } from "./fetch-handler.ts";
export type { NodeListener } from "./node-listener.ts";

/** The fields of `SimpleHTTPRequestHandler` that are worth setting; what is left out is as in the class. */
export interface FilesOptions extends Partial<
  Pick<
    SimpleHTTPRequestHandler,
    | "archives"
    | "auth"
    | "base"
    | "cacheMemory"
    | "compress"
    | "cors"
    | "directory"
    | "dotfiles"
    | "extensionsMap"
    | "extraResponseHeaders"
    | "followSymlinks"
    | "indexPages"
    | "listing"
    | "maxAge"
    | "single"
  >
> {
  /**
   * A class of your own.
   * @default SimpleHTTPRequestHandler
   */
  readonly handlerClass?: typeof SimpleHTTPRequestHandler | undefined;
  /**
   * Where errors are logged. The access log is the outer server's.
   * @default standard error
   */
  readonly log?: LogDestination | undefined;
}

const FIELDS: FieldNames<FilesOptions> = {
  archives: true,
  auth: true,
  base: true,
  cacheMemory: true,
  compress: true,
  cors: true,
  directory: true,
  dotfiles: true,
  extensionsMap: true,
  extraResponseHeaders: true,
  followSymlinks: true,
  indexPages: true,
  listing: true,
  maxAge: true,
  single: true,
};

/**
 * A listener for `node:http`, and a middleware for express and its kin: with `next`, what is not there, and methods that files do not
 * have, are left to what comes next.
 * @throws {TypeError} if there is no such option
 */
export function filesListener(options: FilesOptions = {}): NodeListener {
  return nodeListener(innerServer(options));
}

/** The same for servers with the requests and responses of the Fetch standard. */
export function filesFetch(options: FilesOptions = {}): FetchHandler {
  return fetchHandler(innerServer(options));
}

function innerServer({ handlerClass = SimpleHTTPRequestHandler, log, ...fields }: FilesOptions): InnerServer {
  return new InnerServer(withFields(handlerClass, fields, FIELDS), log);
}
