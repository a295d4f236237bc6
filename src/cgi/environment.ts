// The meta-variables of a script: its whole environment, made from the request and
// nothing else (RFC 3875 §4.1).
//
// Query words become arguments only where that is asked for (`query-words.ts`), although the specification's
// server passed an `=`-less query as one: `?-s` made php-cgi print its source (CVE-2012-1823), and nothing
// written since 1997 asks for them.

import { CGIError } from "../errors.ts";
import { parseHost } from "../http1/host.ts";
import { DEFAULT_PATH } from "./find-program.ts";
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
  /** What PATH_INFO stands for as a path of this server: PATH_TRANSLATED. */
  readonly pathTranslated: string | undefined;
  readonly root: string;

  readonly clientAddress: string;
  readonly clientPort: number;
  /** The address and port on which the request arrived; no port for a Unix socket. */
  readonly serverAddress: string;
  readonly serverPort: number | undefined;
  /** The name of the server where no `Host` says it. */
  readonly serverName: string;
  /** The same text as in the `Server` field of the response. */
  readonly serverSoftware: string;

  /** Who signed in, if the server itself checked it; a mere `Authorization` field says nothing. */
  readonly user?: { readonly name: string; readonly scheme: string } | undefined;
  /** The path and query of the first request, if a local redirect led here. */
  readonly redirectedFrom?: { readonly path: string; readonly query: string } | undefined;
}

/** A map, because it is filled and read for each request: V8 does that three times as fast as an object. */
export type Environment = ReadonlyMap<string, string>;

type Growing = Map<string, string>;

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

/** What the server's owner says about the environments of scripts, beside what the request gives. */
export interface EnvironmentSettings {
  /** Variables to add. They replace neither what the request gives nor what it could (CVE-2025-65082). */
  readonly own?: Readonly<Record<string, string>>;
  /** Names of variables to take over from the server's own environment. */
  readonly inherit?: readonly string[];
  /** Whether scripts see Authorization: they check passwords themselves. */
  readonly passesAuthorization?: boolean;
  /** Whether scripts run as another user than the server. */
  readonly asOtherUser?: boolean;
}

/**
 * Variables that say something about the request: where it does not, they are not there,
 * whatever the server's owner says.
 */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  "CONTENT_LENGTH",
  "CONTENT_TYPE",
  "DOCUMENT_ROOT",
  "GATEWAY_INTERFACE",
  "PATH_INFO",
  "PATH_TRANSLATED",
  "QUERY_STRING",
  "REDIRECT_QUERY_STRING",
  "REDIRECT_STATUS",
  "REDIRECT_URL",
  "REMOTE_ADDR",
  "REMOTE_HOST",
  "REMOTE_IDENT",
  "REMOTE_PORT",
  "REQUEST_METHOD",
  "REQUEST_SCHEME",
  "REQUEST_URI",
  "SCRIPT_FILENAME",
  "SCRIPT_NAME",
  "SERVER_ADDR",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "SERVER_SOFTWARE",
]);

/**
 * Whether a variable is made from the request and nothing else. AUTH_TYPE, REMOTE_USER and HTTPS are not
 * among them: without a sign-in or TLS of our own, the server's owner may know better than we do
 * (`HTTPS=on` behind a proxy with TLS).
 */
export function isOfTheRequest(name: string): boolean {
  return /^HTTP_/i.test(name) || OF_THE_REQUEST.has(name.toUpperCase());
}

/** Bytes: Linux refuses a variable of more than 32 pages, its NUL included (MAX_ARG_STRLEN, execve(2)). */
export const LONGEST_WORD = 128 * 1024 - 1;

/** @throws {CGIError} where a variable would hold what none can */
export function scriptEnvironment(
  request: ScriptRequest,
  settings: EnvironmentSettings = {},
  serverEnvironment: NodeJS.ProcessEnv = process.env,
): Map<string, string> {
  const { own = {}, passesAuthorization = false } = settings;
  // Each step goes before the ones above it.
  const environment = inheritedVariables(settings, serverEnvironment);
  for (const [name, value] of Object.entries(own)) {
    // An empty PATH would make the folder of the script the only one.
    if (!isOfTheRequest(name) && !(name === "PATH" && value === "")) environment.set(name, value);
  }
  headerVariables(request.fields, passesAuthorization, environment);
  addServerVariables(environment, request);
  addRequestVariables(environment, request);
  addPathVariables(environment, request);
  for (const [name, value] of environment) {
    if (value.includes("\0")) throw new CGIError("ERR_CGI_BAD_REQUEST", `${name} would hold a NUL`);
    if (!fits(name, value)) {
      throw new CGIError("ERR_CGI_REQUEST_TOO_LARGE", `${name} would be longer than ${LONGEST_WORD} bytes`);
    }
    // CVE-2014-6271: an old bash runs what follows a value that looks like a function.
    if (value.startsWith("() {")) environment.delete(name);
  }
  return environment;
}

function fits(name: string, value: string): boolean {
  // No character takes more than three bytes for each of its units.
  if (3 * (name.length + 1 + value.length) <= LONGEST_WORD) return true;
  return Buffer.byteLength(name) + 1 + Buffer.byteLength(value) <= LONGEST_WORD;
}

/**
 * Where scripts look for programs. The PATH of root leads to folders that others may not read, and to
 * tools that are not for them: scripts of another user get a safe one, as from Apache's suexec,
 * unless PATH is asked for by name.
 */
export function scriptSearchPath(
  { own = {}, inherit = [], asOtherUser = false }: EnvironmentSettings,
  serverEnvironment: NodeJS.ProcessEnv = process.env,
): string {
  if (own["PATH"]) return own["PATH"];
  return (asOtherUser && !inherit.includes("PATH") ? undefined : serverEnvironment["PATH"]) || DEFAULT_PATH;
}

function inheritedVariables(settings: EnvironmentSettings, from: NodeJS.ProcessEnv): Growing {
  const environment: Growing = new Map();
  for (const name of INHERITED) inheritVariable(environment, from, name);
  for (const name of settings.inherit ?? [])
    if (!isOfTheRequest(name)) inheritVariable(environment, from, name);
  environment.set("PATH", scriptSearchPath(settings, from));
  return environment;
}

function inheritVariable(environment: Growing, from: NodeJS.ProcessEnv, name: string): void {
  const value = from[name];
  if (value !== undefined) environment.set(name, value);
}

function addServerVariables(environment: Growing, request: ScriptRequest): void {
  environment.set("GATEWAY_INTERFACE", "CGI/1.1");
  environment.set("SERVER_SOFTWARE", request.serverSoftware);
  environment.set("SERVER_NAME", serverName(request));
  environment.set("SERVER_ADDR", plainAddress(request.serverAddress));
  environment.set("SERVER_PORT", String(request.serverPort ?? portOfHost(request)));
  environment.set("DOCUMENT_ROOT", request.root);
}

function addRequestVariables(environment: Growing, request: ScriptRequest): void {
  const clientAddress = plainAddress(request.clientAddress);
  environment.set("REQUEST_METHOD", request.method);
  environment.set("REQUEST_URI", textOfBytes(request.target));
  environment.set("REQUEST_SCHEME", request.scheme);
  environment.set("SERVER_PROTOCOL", request.protocol);
  environment.set("QUERY_STRING", textOfBytes(request.query));
  environment.set("REMOTE_ADDR", clientAddress);
  // "If the hostname is not available for performance reasons […], the server MAY
  // substitute the REMOTE_ADDR value."
  environment.set("REMOTE_HOST", clientAddress);
  environment.set("REMOTE_PORT", String(request.clientPort));
  // php-cgi refuses to run without it (cgi.force_redirect).
  environment.set("REDIRECT_STATUS", "200");
  if (request.scheme === "https") environment.set("HTTPS", "on");
  if (request.contentLength !== undefined) environment.set("CONTENT_LENGTH", String(request.contentLength));
  const contentType = firstField(request, "content-type");
  if (contentType !== undefined) environment.set("CONTENT_TYPE", textOfBytes(contentType));
  if (request.user !== undefined) {
    environment.set("AUTH_TYPE", request.user.scheme);
    environment.set("REMOTE_USER", request.user.name);
  }
  if (request.redirectedFrom !== undefined) {
    environment.set("REDIRECT_URL", request.redirectedFrom.path);
    environment.set("REDIRECT_QUERY_STRING", textOfBytes(request.redirectedFrom.query));
  }
}

function addPathVariables(environment: Growing, request: ScriptRequest): void {
  environment.set("SCRIPT_NAME", request.scriptName);
  environment.set("SCRIPT_FILENAME", request.file);
  // Unset and empty are the same to a script (RFC 3875 §4.1), but PATH_TRANSLATED "MUST be
  // unset" with PATH_INFO (§4.1.6).
  if (request.pathInfo !== undefined) {
    environment.set("PATH_INFO", request.pathInfo);
    if (request.pathTranslated !== undefined) environment.set("PATH_TRANSLATED", request.pathTranslated);
  }
}

// server-name = hostname | ipv4-address | ( "[" ipv6-address "]" )
const HOST_AND_PORT = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?$/;

/** The host that the client asked for (RFC 3875 §4.1.14). Scripts build links of it, so it must be a name. */
function serverName(request: ScriptRequest): string {
  const host = firstField(request, "host");
  if (host === undefined || host === "") return request.serverName;
  const match = HOST_AND_PORT.exec(host);
  if (match === null) throw new CGIError("ERR_CGI_BAD_REQUEST", "the Host field names no host");
  return match[1]!;
}

/** On a Unix socket there is no port but the one that the client believes in. */
function portOfHost(request: ScriptRequest): string {
  const port = parseHost(firstField(request, "host") ?? "")?.port;
  return port || (request.scheme === "https" ? "443" : "80");
}

function firstField(request: ScriptRequest, lowerName: string): string | undefined {
  for (const [name, value] of request.fields) {
    if (name.toLowerCase() === lowerName) return value;
  }
  return undefined;
}

/** `::ffff:10.0.0.1` is an IPv4 client on a dual-stack socket; a zone (`fe80::1%eth0`) helps nobody. */
function plainAddress(address: string): string {
  if (!address.includes(":")) return address;
  const withoutZone = address.replace(/%.*$/s, "");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1] ?? withoutZone;
}
