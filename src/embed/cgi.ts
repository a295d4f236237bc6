// `htbin/cgi`: CGI scripts run from inside another server.

import { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import { completeCGILimits } from "../cgi/limits.ts";
import type { Body } from "../files/representation-sender.ts";
import type { LogDestination } from "../log/log-sink.ts";
import { type FetchHandler, fetchHandler } from "./fetch-handler.ts";
import { FILE_FIELDS, type FileFields } from "./file-fields.ts";
import { InnerServer, type Keeping } from "./inner-server.ts";
import { type NodeListener, nodeListener } from "./node-listener.ts";
import { type FieldNames, withFields } from "./with-fields.ts";

export type { CGILimits } from "../cgi/limits.ts";
export type { CGIMount } from "../cgi/mount.ts";
export type { Interpreters } from "../cgi/script-by-name.ts";
export type { FetchHandler, FetchInfo } from "./fetch-handler.ts";
export type { NodeListener } from "./node-listener.ts";

/** The fields of `CGIHTTPRequestHandler` that are worth setting; what is left out is as in the class. */
type CGIFields = Partial<
  Pick<
    CGIHTTPRequestHandler,
    | "cgiDebug"
    | "cgiDirectories"
    | "cgiEnvironment"
    | "cgiInterpreters"
    | "cgiLimits"
    | "cgiMounts"
    | "cgiPassAuthorization"
    | "cgiPassEnvironment"
    | "cgiQueryArguments"
    | "cgiUser"
    | "fastcgi"
    | "scgi"
  >
>;

/** Where the scripts are and how they run, and what becomes of all other files. */
export interface CGIOptions extends FileFields, CGIFields {
  /**
   * Whether all else in `directory` is sent, too, as by `htbin --cgi`. To be used where scripts and files are
   * in one folder: whoever only knows files sends scripts as well, be it under another name or in an archive.
   * @default false
   */
  readonly files?: boolean | undefined;
  /**
   * A class of your own.
   * @default CGIHTTPRequestHandler
   */
  readonly handlerClass?: typeof CGIHTTPRequestHandler | undefined;
  /**
   * Where errors are logged, and what scripts write to their standard error. The
   * access log is the outer server's.
   * @default standard error
   */
  readonly log?: LogDestination | undefined;
}

const FIELDS: FieldNames<CGIOptions> = {
  ...FILE_FIELDS,
  cgiDebug: true,
  cgiDirectories: true,
  cgiEnvironment: true,
  cgiInterpreters: true,
  cgiLimits: true,
  cgiMounts: true,
  cgiPassAuthorization: true,
  cgiPassEnvironment: true,
  cgiQueryArguments: true,
  cgiUser: true,
  fastcgi: true,
  scgi: true,
};

/**
 * A listener for `node:http`, and a middleware for express and its kin. It runs scripts, and sends files
 * where `files` asks for it: with `next`, all other paths are left to what comes next; without, they are
 * answered 404. A path that leads to the source of a script is 404 in either case.
 * @throws {TypeError} if there is no such option
 * @throws {LimitError} for a limit that is none
 */
export function cgiListener(options: CGIOptions = {}): NodeListener {
  return nodeListener(innerServer(options));
}

/**
 * The same for servers with the requests and responses of the Fetch standard.
 * @throws {TypeError} if there is no such option
 * @throws {LimitError} for a limit that is none
 */
export function cgiFetch(options: CGIOptions = {}): FetchHandler {
  return fetchHandler(innerServer(options));
}

function innerServer({
  handlerClass = CGIHTTPRequestHandler,
  files = false,
  log,
  ...fields
}: CGIOptions): InnerServer {
  // Here its owner sees it; in a request it would be a 500 for each client.
  if (fields.cgiLimits !== undefined) completeCGILimits(fields.cgiLimits);
  return new InnerServer(
    withFields(insideOther(handlerClass, files), fields, FIELDS, ["files", "handlerClass", "log"]),
    log,
  );
}

/** The outer server may have its own way with files, but never gets to see a path of a script's source. */
function insideOther(
  Handler: typeof CGIHTTPRequestHandler,
  sendsFiles: boolean,
): typeof CGIHTTPRequestHandler {
  return class extends Handler implements Keeping {
    override sendHead(): Body | Promise<Body> {
      if (sendsFiles || this.isCgi()) return super.sendHead();
      this.sendError(404);
      return undefined;
    }

    keepsError(): boolean {
      return !this.maySend(this.translatePath(this.path));
    }
  };
}
