// `htbin/files`: a folder served from inside another server.

import { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import type { LogDestination } from "../log/log-sink.ts";
import { type FetchHandler, fetchHandler } from "./fetch-handler.ts";
import { FILE_FIELDS, type FileFields } from "./file-fields.ts";
import { InnerServer } from "./inner-server.ts";
import { type NodeListener, nodeListener } from "./node-listener.ts";
import { withFields } from "./with-fields.ts";

export type { FetchHandler, FetchInfo } from "./fetch-handler.ts";
export type { NodeListener } from "./node-listener.ts";

/** The folder, and how its files are sent. */
export interface FilesOptions extends FileFields {
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

/**
 * A listener for `node:http`, and a middleware for express and its kin: with `next`, what is not there, and
 * methods that files do not have, are left to what comes next.
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
  return new InnerServer(withFields(handlerClass, fields, FILE_FIELDS, ["handlerClass", "log"]), log);
}
