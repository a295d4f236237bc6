// `htbin/cgi`: CGI scripts run from inside another server.

import { CGIHTTPRequestHandler } from "../cgi/cgi-http-request-handler.ts";
import type { Body } from "../files/representation-sender.ts";
import type { LogDestination } from "../log/log-sink.ts";
import { type FetchHandler, fetchHandler } from "./fetch-handler.ts";
import { InnerServer } from "./inner-server.ts";
import { type NodeListener, nodeListener } from "./node-listener.ts";
import { type FieldNames, withFields } from "./with-fields.ts";

export type { CGILimits } from "../cgi/limits.ts";
export type { FetchHandler, FetchInfo } from "./fetch-handler.ts";
export type { NodeListener } from "./node-listener.ts";

/** The fields of `CGIHTTPRequestHandler` that are worth setting; what is left out is as in the class. */
export interface CGIOptions extends Partial<
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
    | "directory"
    | "fastcgi"
    | "scgi"
  >
> {
  /**
   * A class of your own.
   * @default CGIHTTPRequestHandler
   */
  readonly handlerClass?: typeof CGIHTTPRequestHandler | undefined;
  /**
   * Where errors are logged, and what scripts write to their standard error. The access log is the outer server's.
   * @default standard error
   */
  readonly log?: LogDestination | undefined;
}

const FIELDS: FieldNames<CGIOptions> = {
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
  directory: true,
  fastcgi: true,
  scgi: true,
};

/**
 * A listener for `node:http`, and a middleware for express and its kin. It runs scripts and serves nothing else: with `next`, all other
 * paths are left to what comes next; without, they are answered 404.
 * @throws {TypeError} if there is no such option
 */
export function cgiListener(options: CGIOptions = {}): NodeListener {
  return nodeListener(innerServer(options));
}

/** The same for servers with the requests and responses of the Fetch standard. */
export function cgiFetch(options: CGIOptions = {}): FetchHandler {
  return fetchHandler(innerServer(options));
}

function innerServer({ handlerClass = CGIHTTPRequestHandler, log, ...fields }: CGIOptions): InnerServer {
  return new InnerServer(withFields(scriptsOnly(handlerClass), fields, FIELDS), log);
}

/** The outer server has its own way with files. */
function scriptsOnly(Handler: typeof CGIHTTPRequestHandler): typeof CGIHTTPRequestHandler {
  return class extends Handler {
    override sendHead(): Body | Promise<Body> {
      if (this.isCgi()) return super.sendHead();
      this.sendError(404);
      return undefined;
    }
  };
}
