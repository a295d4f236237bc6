// Whether options can be served with: one check per option, and those between two of them.
import { LOG_FORMATS } from "../log/log-format.ts";
import { checkLimits } from "../server/limits.ts";
import { isFieldValue } from "../text/field-value.ts";
import { isToken } from "../text/token.ts";
import { makeVisible } from "../text/visible.ts";
import { checkApplications } from "./application-options.ts";
import { runsScripts } from "./runs-scripts.ts";
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
  cgiUser: checkText,
  cgiDebug: checkSwitch,
  fastcgi: checkApplications,
  scgi: checkApplications,
  headers: checkHeaders,
  contentType: (value, name) => checkText(value, name) ?? checkValue(value as string, name),
  dotfiles: checkSwitch,
  followSymlinks: checkSwitch,
  limits: checkLimits,
  logFormat: checkLogFormat,
  logFile: checkText,
  quiet: checkSwitch,
  banner: checkSwitch,
  handlerClass: (value, name) => (typeof value === "function" ? undefined : `${name} has to be a class`),
};

/** The first thing that is wrong with the options, as one sentence without its full stop. */
export function checkServeOptions(
  options: ServeOptions,
  nameOf: (member: keyof ServeOptions) => string = (member) => member,
): string | undefined {
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CHECKS, key)) return `there is no option ${makeVisible(key)}; see ServeOptions`;
    const member = key as keyof ServeOptions;
    const problem = CHECKS[member](value, nameOf(member));
    if (problem !== undefined) return problem;
  }
  return checkTogether(options, nameOf);
}

function checkTogether(
  options: ServeOptions,
  nameOf: (member: keyof ServeOptions) => string,
): string | undefined {
  for (const other of ["port", "bind"] as const) {
    if (options.unix !== undefined && options[other] !== undefined) {
      return `${nameOf("unix")} and ${nameOf(other)} exclude each other; leave one of them out`;
    }
  }
  for (const member of ["cgiUser", "cgiDebug"] as const) {
    const isSaid = options[member] !== undefined && options[member] !== false;
    if (isSaid && !runsScripts(options) && options.handlerClass === undefined) {
      return `${nameOf(member)} is for CGI scripts; add ${nameOf("cgi")}`;
    }
  }
  return undefined;
}

function checkPort(port: unknown, name: string): string | undefined {
  if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65535) return undefined;
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

function checkText(text: unknown, name: string): string | undefined {
  if (typeof text !== "string") return `${name} has to be a text`;
  if (text === "") return `${name} is empty; give it a value or leave it out`;
  if (text.includes("\0")) return `${name} holds a NUL character; leave it out`;
  return undefined;
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

/** A value as the user gave it, safe to print. */
function quoted(value: unknown): string {
  return typeof value === "string" ? `"${makeVisible(value)}"` : String(value);
}
