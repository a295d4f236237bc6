// The meta-variables of a script: its whole environment, made from the request and nothing else (RFC 3875 §4.1).
//
// Query words never become arguments (RFC 3875 §4.4), although the specification's server passed an `=`-less query as one:
// `?-s` made php-cgi print its source (CVE-2012-1823), and nothing written since 1997 asks for them.

import { join } from "node:path";

import { CGIError } from "../errors.ts";
import { headerVariables, textOfBytes } from "./header-variables.ts";

/** All that a script is told about its request. Texts of the wire hold one character per byte. */
export interface ScriptRequest {
  readonly method: string;
  /** The request target as it arrived: REQUEST_URI. After a local redirect, that of the first request. */
  readonly target: string;
  /** The protocol of the request, `HTTP/1.0` or `HTTP/1.1`; not the server's own. */
  readonly protocol: string;
  readonly scheme: "http" | "https";
  /** Everything behind the first `?`, undecoded; empty if there is none. */
  readonly query: string;
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** The number of bytes that can be read from stdin; `undefined` if the request has no body. */
  readonly contentLength: number | undefined;

  readonly scriptName: string;
  readonly pathInfo: string | undefined;
  readonly file: string;
  readonly root: string;

  readonly clientAddress: string;
  readonly clientPort: number;
  /** The address and port on which the request arrived, the name of the server where no `Host` says it. */
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly serverName: string;
  /** The same text as in the `Server` field of the response. */
  readonly serverSoftware: string;

  /** Who signed in, if the server itself checked it; a mere `Authorization` field says nothing. */
  readonly user?: { readonly name: string; readonly scheme: string } | undefined;
  /** The path and query of the first request, if a local redirect led here. */
  readonly redirectedFrom?: { readonly path: string; readonly query: string } | undefined;
}

export type Environment = Record<string, string>;

/** What a script gets of the server's own environment. A password that stands there beside it stays there. */
const INHERITED = [
  "TZ",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "SystemRoot",
  "COMSPEC",
  "PATHEXT",
  "WINDIR",
  "TEMP",
  "TMP",
];

/** A script without PATH finds no program; shells then make up one each. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Linux refuses an argument or variable of more than 32 pages, its NUL included (MAX_ARG_STRLEN, execve(2)). */
const LONGEST_VARIABLE = 128 * 1024 - 1;

/**
 * `own` is what the server's owner adds for scripts; it cannot replace a variable that comes from the request
 * (CVE-2025-65082), nor pass for a request field.
 */
export function scriptEnvironment(
  request: ScriptRequest,
  own: Readonly<Record<string, string>> = {},
  serverEnvironment: NodeJS.ProcessEnv = process.env,
): Environment {
  const environment: Environment = {
    ...inheritedVariables(serverEnvironment),
    ...Object.fromEntries(Object.entries(own).filter(([name]) => !/^HTTP_/i.test(name))),
    ...headerVariables(request.fields),
    ...serverVariables(request),
    ...requestVariables(request),
    ...pathVariables(request),
  };
  for (const [name, value] of Object.entries(environment)) {
    if (value.includes("\0")) throw new CGIError("ERR_CGI_BAD_REQUEST", `${name} would hold a NUL`);
    if (Buffer.byteLength(name) + 1 + Buffer.byteLength(value) > LONGEST_VARIABLE) {
      throw new CGIError(
        "ERR_CGI_REQUEST_TOO_LARGE",
        `${name} would be longer than ${LONGEST_VARIABLE} bytes`,
      );
    }
    // CVE-2014-6271: an old bash runs what follows a value that looks like a function.
    if (value.startsWith("() {")) delete environment[name];
  }
  return environment;
}

/** Where scripts look for programs. `own` is what the server's owner adds for scripts. */
export function scriptSearchPath(
  own: Readonly<Record<string, string>>,
  serverEnvironment: NodeJS.ProcessEnv = process.env,
): string {
  return own["PATH"] ?? (serverEnvironment["PATH"] || DEFAULT_PATH);
}

function inheritedVariables(from: NodeJS.ProcessEnv): Environment {
  const environment: Environment = { PATH: from["PATH"] || DEFAULT_PATH };
  for (const name of INHERITED) {
    const value = from[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function serverVariables(request: ScriptRequest): Environment {
  return {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: request.serverSoftware,
    SERVER_NAME: serverName(request),
    SERVER_ADDR: plainAddress(request.serverAddress),
    SERVER_PORT: String(request.serverPort),
    DOCUMENT_ROOT: request.root,
  };
}

function requestVariables(request: ScriptRequest): Environment {
  const environment: Environment = {
    REQUEST_METHOD: request.method,
    REQUEST_URI: textOfBytes(request.target),
    REQUEST_SCHEME: request.scheme,
    SERVER_PROTOCOL: request.protocol,
    QUERY_STRING: textOfBytes(request.query),
    REMOTE_ADDR: plainAddress(request.clientAddress),
    // "If the hostname is not available for performance reasons […], the server MAY substitute the REMOTE_ADDR value."
    REMOTE_HOST: plainAddress(request.clientAddress),
    REMOTE_PORT: String(request.clientPort),
    // php-cgi refuses to run without it (cgi.force_redirect).
    REDIRECT_STATUS: "200",
  };
  if (request.scheme === "https") environment["HTTPS"] = "on";
  if (request.contentLength !== undefined) environment["CONTENT_LENGTH"] = String(request.contentLength);
  const contentType = firstField(request, "content-type");
  if (contentType !== undefined) environment["CONTENT_TYPE"] = textOfBytes(contentType);
  if (request.user !== undefined) {
    environment["AUTH_TYPE"] = request.user.scheme;
    environment["REMOTE_USER"] = request.user.name;
  }
  if (request.redirectedFrom !== undefined) {
    environment["REDIRECT_URL"] = request.redirectedFrom.path;
    environment["REDIRECT_QUERY_STRING"] = textOfBytes(request.redirectedFrom.query);
  }
  return environment;
}

function pathVariables(request: ScriptRequest): Environment {
  const environment: Environment = { SCRIPT_NAME: request.scriptName, SCRIPT_FILENAME: request.file };
  // "PATH_TRANSLATED […] SHOULD NOT be set if PATH_INFO is not": unset and empty are the same to a script (RFC 3875 §4.1).
  if (request.pathInfo !== undefined) {
    environment["PATH_INFO"] = request.pathInfo;
    environment["PATH_TRANSLATED"] = join(request.root, request.pathInfo);
  }
  return environment;
}

// server-name = hostname | ipv4-address | ( "[" ipv6-address "]" )
const HOST_AND_PORT = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?$/;

/** The host that the client asked for (RFC 3875 §4.1.14). Scripts build links and commands of it, so it must be a name. */
function serverName(request: ScriptRequest): string {
  const host = firstField(request, "host");
  if (host === undefined || host === "") return request.serverName;
  const match = HOST_AND_PORT.exec(host);
  if (match === null) throw new CGIError("ERR_CGI_BAD_REQUEST", "the Host field names no host");
  return match[1]!;
}

function firstField(request: ScriptRequest, lowerName: string): string | undefined {
  for (const [name, value] of request.fields) {
    if (name.toLowerCase() === lowerName) return value;
  }
  return undefined;
}

/** `::ffff:10.0.0.1` is an IPv4 client on a dual-stack socket; a zone (`fe80::1%eth0`) means nothing to others. */
function plainAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/s, "");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1] ?? withoutZone;
}
