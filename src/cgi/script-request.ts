// What a script is told about its request, from the handler that has it (RFC 3875 §4.1).

import type { Socket } from "node:net";
import { resolve } from "node:path";
import type { TLSSocket } from "node:tls";

import { HTTPRequestError } from "../errors.ts";
import type { BasePath } from "../files/base-path.ts";
import type { SimpleHTTPRequestHandler } from "../files/simple-http-request-handler.ts";
import { queryOf, withoutQuery } from "../files/url-path.ts";
import { serverNameOf } from "../server/server-address.ts";
import { percentEncodeSegment } from "../text/percent-coding.ts";
import type { ScriptRequest } from "./environment.ts";
import type { LocatedScript } from "./locate-script.ts";

const LOOPBACK = "127.0.0.1";

/** @param first the path of the request that arrived, where a local redirect led from there to this one */
export function scriptRequest(
  handler: SimpleHTTPRequestHandler,
  { scriptName, pathInfo, file }: LocatedScript,
  basePath: BasePath,
  first: string | undefined,
): ScriptRequest {
  const { path, clientAddress, authenticatedUser } = handler;
  const { serverAddress } = handler.server;
  const socket = handler.request.socket as Partial<Socket & TLSSocket>;
  return {
    method: handler.command,
    target: basePath.encoded + (first ?? path),
    protocol: handler.requestVersion,
    scheme: socket.encrypted === true ? "https" : "http",
    query: queryOf(path),
    fields: handler.headers,
    // Known when the body has been taken; nothing is read of it for a request that is refused.
    contentLength: undefined,
    scriptName: basePath.decoded + scriptName,
    pathInfo,
    pathTranslated: pathInfo === undefined ? undefined : translateInfo(handler, pathInfo),
    file,
    user: authenticatedUser === undefined ? undefined : { name: authenticatedUser, scheme: "Basic" },
    root: resolve(handler.directory),
    // Who has connected to a Unix socket is on this machine, and programs take REMOTE_ADDR for an IP address
    // (RFC 3875 §4.1.8).
    clientAddress: clientAddress[0] || (typeof serverAddress === "string" ? LOOPBACK : ""),
    clientPort: clientAddress[1],
    serverAddress: socket.localAddress ?? "",
    serverPort: socket.localPort,
    serverName: serverNameOf(serverAddress),
    serverSoftware: handler.versionString(),
    redirectedFrom:
      first === undefined
        ? undefined
        : { path: basePath.encoded + withoutQuery(first), query: queryOf(first) },
  };
}

/** PATH_TRANSLATED: PATH_INFO "treated as a separate virtual path", so encoded anew (RFC 3875 §4.1.6). */
function translateInfo(handler: SimpleHTTPRequestHandler, pathInfo: string): string | undefined {
  const target = pathInfo.split("/").map(percentEncodeSegment).join("/");
  try {
    return resolve(handler.directory, handler.translatePath(target));
  } catch (error) {
    if (error instanceof HTTPRequestError) return undefined;
    throw error;
  }
}
