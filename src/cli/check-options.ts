// Whether a server can start with these options: one check for each option, and those between two of them.
import { isAbsolute } from "node:path";

import { LOG_FORMATS } from "../log/log-format.ts";
import { checkLimits } from "../server/limits.ts";
import { isFieldValue } from "../text/field-value.ts";
import { isToken } from "../text/token.ts";
import { makeVisible } from "../text/visible.ts";
import {
  checkDirectories,
  checkEnvironment,
  checkInterpreters,
  checkMounts,
  checkVariables,
} from "./check-script-options.ts";
import { checkApplications } from "./application-options.ts";
import { quoted } from "./quoted.ts";
import { PLACES_OF_SCRIPTS, runsScripts } from "./runs-scripts.ts";
import { PROTOCOL_VERSIONS, type ServeOptions } from "./serve-options.ts";

/** What is wrong with a value, as a sentence that says what to do; `name` is what the reader calls the option. */
type Check = (value: unknown, name: string) => string | undefined;

// Every member has a check, and the compiler asks for that of a new one: JavaScript callers can pass anything.
const CHECKS: { readonly [Member in keyof ServeOptions]-?: Check } = {
  port: checkPort,
  bind: checkBind,
  unix: checkText,
  directory: checkText,
  protocol: checkProtocol,
  cgi: checkSwitch,
  cgiDirectories: checkDirectories,
  cgiMounts: checkMounts,
  cgiInterpreters: checkInterpreters,
  cgiEnvironment: checkEnvironment,
  cgiPassEnvironment: checkVariables,
  cgiPassAuthorization: checkSwitch,
  cgiQueryArguments: checkSwitch,
  cgiUser: checkText,
  // The rest is checked where scripts are loaded.
  cgiLimits: (value, name) =>
    typeof value === "object" && value !== null ? undefined : `${name} has to be an object; see CGILimits`,
  cgiDebug: checkSwitch,
  fastcgi: checkApplications,
  scgi: checkApplications,
  headers: checkHeaders,
  contentType: checkContentType,
  dotfiles: checkSwitch,
  followSymlinks: checkSwitch,
  compress: checkSwitch,
  cacheMemory: checkBytes,
  listing: checkSwitch,
  single: checkSingle,
  base: checkBase,
  cors: checkSwitch,
  maxAge: checkMaxAge,
  auth: checkAuth,
  archives: checkSwitch,
  limits: checkLimits,
  logFormat: checkLogFormat,
  logFile: checkText,
  quiet: checkSwitch,
  banner: checkSwitch,
  open: checkSwitch,
  qr: checkSwitch,
  handlerClass: (value, name) => (typeof value === "function" ? undefined : `${name} has to be a class`),
};

/** The first thing that is wrong with the options, as one sentence without its full stop. */
export function checkServeOptions(
  options: ServeOptions,
  nameOf: (member: keyof ServeOptions) => string = (member) => member,
): string | undefined {
  // JavaScript callers may think of a port or a folder first; started without a word, it would be another one.
  if (typeof options !== "object" || options === null || Array.isArray(options))
    return "the options have to be an object, such as { port: 8000 }";
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CHECKS, key)) return `there is no option ${makeVisible(key)}; see ServeOptions`;
    const member = key as keyof ServeOptions;
    const problem = CHECKS[member](value, nameOf(member));
    if (problem !== undefined) return problem;
  }
  return checkTogether(options, nameOf);
}

/** What says how scripts are run, and none of where they are. */
const FOR_SCRIPTS = [
  "cgiUser",
  "cgiDebug",
  "cgiLimits",
  "cgiEnvironment",
  "cgiPassEnvironment",
  "cgiPassAuthorization",
  "cgiQueryArguments",
] as const;

function checkTogether(
  options: ServeOptions,
  nameOf: (member: keyof ServeOptions) => string,
): string | undefined {
  for (const other of ["port", "bind"] as const) {
    if (options.unix !== undefined && options[other] !== undefined) {
      return `${nameOf("unix")} and ${nameOf(other)} exclude each other; leave one of them out`;
    }
  }
  for (const other of ["open", "qr"] as const) {
    if (options.unix !== undefined && options[other] === true) {
      return `${nameOf(other)} needs a URL, and a Unix socket has none; leave ${nameOf(other)} out`;
    }
  }
  const place = PLACES_OF_SCRIPTS.find((member) => options[member] !== undefined);
  if (options.cgi === false && place !== undefined) {
    return `${nameOf("cgi")} is false, and ${nameOf(place)} says where scripts are; leave one of them out`;
  }
  if (!runsScripts(options) && options.handlerClass === undefined) {
    const idle = FOR_SCRIPTS.find((member) => options[member] !== undefined && options[member] !== false);
    if (idle !== undefined) return `${nameOf(idle)} is for CGI scripts; add ${nameOf("cgi")}`;
  }
  return undefined;
}

function checkPort(port: unknown, name: string): string | undefined {
  if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65535) return undefined;
  if (typeof port !== "number") return `${name} has to be a number, such as 8000`;
  return `${name} ${quoted(port)} is out of range; choose a whole number from 1 to 65535, or 0 for any free one`;
}

function checkBind(address: unknown, name: string): string | undefined {
  if (typeof address !== "string") return `${name} has to be a text`;
  const withPort = /^([^:]*|\[.*\]):(\d+)$/.exec(address);
  if (withPort !== null) {
    return `${name} ${quoted(address)} holds a port; write the address alone, and the port (${withPort[2]}) by itself`;
  }
  if (/[\u0000-\u0020/]/.test(address))
    return `${name} ${quoted(address)} is no address; give an IP address or a host name`;
  return undefined;
}

function checkBytes(bytes: unknown, name: string): string | undefined {
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0) return undefined;
  return `${name} has to be a whole number of bytes, or 0 for none`;
}

function checkText(text: unknown, name: string): string | undefined {
  if (typeof text !== "string") return `${name} has to be a text`;
  if (text === "") return `${name} is empty; give it a value or leave it out`;
  if (text.includes("\0")) return `${name} holds a NUL character; leave it out`;
  return undefined;
}

function checkContentType(type: unknown, name: string): string | undefined {
  const problem = checkText(type, name) ?? checkValue(type as string, name);
  if (problem !== undefined) return problem;
  // Parameters are none of our business; without a type and a subtype no browser knows what to do (RFC 9110 §8.3.1).
  const [essence = ""] = (type as string).split(";");
  const words = essence.trimEnd().split("/");
  if (words.length === 2 && words.every((word) => isToken(word))) return undefined;
  return `${name} ${quoted(type)} is no media type; write one such as text/plain`;
}

function checkSingle(file: unknown, name: string): string | undefined {
  const problem = checkText(file, name);
  if (problem !== undefined) return problem;
  const segments = (file as string).split("/");
  if (!segments.includes("..") && !isAbsolute(file as string)) return undefined;
  return `${name} ${quoted(file)} is not in the folder; name a file in it, such as index.html`;
}

function checkBase(base: unknown, name: string): string | undefined {
  const problem = checkText(base, name);
  if (problem !== undefined) return problem;
  if (/^\w+:\/\//.test(base as string))
    return `${name} ${quoted(base)} is a URL; write its path alone, such as /docs`;
  const isPath = !/[?#\u0000-\u001f]|%(?![0-9a-f]{2})|%00|(?:^|\/)\.{1,2}(?:\/|$)/i.test(base as string);
  if (isPath && /[^/]/.test(base as string)) return undefined;
  return `${name} ${quoted(base)} is no path of a URL; write one such as /docs`;
}

function checkMaxAge(seconds: unknown, name: string): string | undefined {
  if (Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= 2 ** 31)
    return undefined;
  return `${name} ${quoted(seconds)} is no time; write whole seconds, such as 3600 or 0`;
}

// What is wrong with a password is said without showing it.
function checkAuth(auth: unknown, name: string): string | undefined {
  const problem = checkText(auth, name);
  if (problem !== undefined) return problem;
  if (/[\u0000-\u001f\u007f]/.test(auth as string)) return `${name} holds a control character; leave it out`;
  if (auth === "@") return `${name} names no file; write @ and its path, such as @.htpasswd`;
  if ((auth as string).startsWith("@") || /^[^:]+:./s.test(auth as string)) return undefined;
  return `${name} needs a user and a password with a colon between them, or @ and the path of a file`;
}

function checkSwitch(value: unknown, name: string): string | undefined {
  return typeof value === "boolean" ? undefined : `${name} has to be true or false`;
}

function checkProtocol(protocol: unknown, name: string): string | undefined {
  if (PROTOCOL_VERSIONS.some((version) => version === protocol)) return undefined;
  return `${name} ${quoted(protocol)} is not spoken here; choose ${alternatives(PROTOCOL_VERSIONS)}`;
}

function checkLogFormat(format: unknown, name: string): string | undefined {
  if (LOG_FORMATS.some((known) => known === format)) return undefined;
  return `${name} ${quoted(format)} is no form of a log; choose ${alternatives(LOG_FORMATS)}`;
}

// These two say where the message ends (RFC 9112 §6); a second opinion on that is how requests are smuggled.
const FRAMING_FIELDS = new Set(["content-length", "transfer-encoding"]);

function checkHeaders(headers: unknown, name: string): string | undefined {
  if (!Array.isArray(headers)) return `${name} has to be a list of [name, value]`;
  for (const header of headers as readonly unknown[]) {
    const [field, value] = Array.isArray(header) ? (header as readonly unknown[]) : [];
    if (typeof field !== "string" || typeof value !== "string")
      return `${name} has to be a list of [name, value]`;
    if (!isToken(field)) {
      return `${name} ${quoted(field)} is no header name; use letters, digits and hyphens, without blanks`;
    }
    if (FRAMING_FIELDS.has(field.toLowerCase())) {
      return `${name} ${field} cannot be set, because htbin frames its answers itself; leave it out`;
    }
    const problem = checkValue(value, `${name} ${field}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function checkValue(value: string, name: string): string | undefined {
  if (isFieldValue(value)) return undefined;
  return `${name} has a character that no header value can hold; use one line of Latin-1 text`;
}

function alternatives(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
