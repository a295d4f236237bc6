// Whether the value of an option is one, for each option of `serve()`: JavaScript callers can pass anything.
import { isAbsolute } from "node:path";

import { LOG_FORMATS } from "../log/log-format.ts";
import { isFieldValue } from "../text/field-value.ts";
import { isToken } from "../text/token.ts";
import { isRecord } from "./check-script-options.ts";
import { quoted } from "./quoted.ts";
import { PROTOCOL_VERSIONS } from "./serve-options.ts";

/** What is wrong with a value, as a sentence that says what to do; `name` is what the reader calls it. */
export type Check = (value: unknown, name: string) => string | undefined;

export function checkPort(port: unknown, name: string): string | undefined {
  if (typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65535) return undefined;
  if (typeof port !== "number") return `${name} has to be a number, such as 8000`;
  return `${name} ${quoted(port)} is out of range; choose a whole number from 1 to 65535, or 0 for any free one`;
}

export function checkBind(address: unknown, name: string): string | undefined {
  if (typeof address !== "string") return `${name} has to be a text`;
  const withPort = /^([^:]*|\[.*\]):(\d+)$/.exec(address);
  if (withPort !== null) {
    return `${name} ${quoted(address)} holds a port; write the address alone, and the port (${withPort[2]}) by itself`;
  }
  if (/[\u0000-\u0020/]/.test(address))
    return `${name} ${quoted(address)} is no address; give an IP address or a host name`;
  return undefined;
}

export function checkBytes(bytes: unknown, name: string): string | undefined {
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0) return undefined;
  return `${name} has to be a whole number of bytes, or 0 for none`;
}

export function checkText(text: unknown, name: string): string | undefined {
  if (typeof text !== "string") return `${name} has to be a text`;
  if (text === "") return `${name} is empty; give it a value or leave it out`;
  if (text.includes("\0")) return `${name} holds a NUL character; leave it out`;
  return undefined;
}

export function checkContentType(type: unknown, name: string): string | undefined {
  const problem = checkText(type, name) ?? checkValue(type as string, name);
  if (problem !== undefined) return problem;
  // Parameters are none of our business; without a type and a subtype no browser knows
  // what to do (RFC 9110 §8.3.1).
  const [essence = ""] = (type as string).split(";");
  const words = essence.trimEnd().split("/");
  if (words.length === 2 && words.every((word) => isToken(word))) return undefined;
  return `${name} ${quoted(type)} is no media type; write one such as text/plain`;
}

export function checkSingle(file: unknown, name: string): string | undefined {
  const problem = checkText(file, name);
  if (problem !== undefined) return problem;
  const segments = (file as string).split("/");
  if (!segments.includes("..") && !isAbsolute(file as string)) return undefined;
  return `${name} ${quoted(file)} is not in the folder; name a file in it, such as index.html`;
}

export function checkBase(base: unknown, name: string): string | undefined {
  const problem = checkText(base, name);
  if (problem !== undefined) return problem;
  if (/^\w+:\/\//.test(base as string))
    return `${name} ${quoted(base)} is a URL; write its path alone, such as /docs`;
  const isPath = !/[?#\u0000-\u001f]|%(?![0-9a-f]{2})|%00|(?:^|\/)\.{1,2}(?:\/|$)/i.test(base as string);
  if (isPath && /[^/]/.test(base as string)) return undefined;
  return `${name} ${quoted(base)} is no path of a URL; write one such as /docs`;
}

export function checkMaxAge(seconds: unknown, name: string): string | undefined {
  if (Number.isInteger(seconds) && (seconds as number) >= 0 && (seconds as number) <= 2 ** 31)
    return undefined;
  return `${name} ${quoted(seconds)} is no time; write whole seconds, such as 3600 or 0`;
}

// What is wrong with a password is said without showing it.
export function checkAuth(auth: unknown, name: string): string | undefined {
  const problem = checkText(auth, name);
  if (problem !== undefined) return problem;
  if (/[\u0000-\u001f\u007f]/.test(auth as string)) return `${name} holds a control character; leave it out`;
  if (auth === "@") return `${name} names no file; write @ and its path, such as @.htpasswd`;
  if ((auth as string).startsWith("@") || /^[^:]+:./s.test(auth as string)) return undefined;
  return `${name} needs a user and a password with a colon between them, or @ and the path of a file`;
}

export function checkSwitch(value: unknown, name: string): string | undefined {
  return typeof value === "boolean" ? undefined : `${name} has to be true or false`;
}

export function checkProtocol(protocol: unknown, name: string): string | undefined {
  if (PROTOCOL_VERSIONS.some((version) => version === protocol)) return undefined;
  return `${name} ${quoted(protocol)} is not spoken here; choose ${alternatives(PROTOCOL_VERSIONS)}`;
}

export function checkLogFormat(format: unknown, name: string): string | undefined {
  if (LOG_FORMATS.some((known) => known === format)) return undefined;
  return `${name} ${quoted(format)} is no form of a log; choose ${alternatives(LOG_FORMATS)}`;
}

/** Only that it is an object: the rest is checked where scripts are loaded. */
export function checkCGILimits(limits: unknown, name: string): string | undefined {
  return isRecord(limits) ? undefined : `${name} has to be an object; see CGILimits`;
}

export function checkClass(value: unknown, name: string): string | undefined {
  return typeof value === "function" ? undefined : `${name} has to be a class`;
}

// These two say where the message ends (RFC 9112 §6); a second opinion on that is how requests are smuggled.
const FRAMING_FIELDS = new Set(["content-length", "transfer-encoding"]);

export function checkHeaders(headers: unknown, name: string): string | undefined {
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
