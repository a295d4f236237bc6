// What can be seen in an input and in requests that were read from it, without htbin: a known difference asks for it.

import { isIPv6 } from "node:net";
import type { SeenRequest } from "./verdict.ts";

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** The values of all fields of that name, given in lower case. */
export function valuesOf(request: SeenRequest, name: string): string[] {
  return request.fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** The members of a list field, in lower case. */
export function listOf(request: SeenRequest, name: string): string[] {
  return valuesOf(request, name)
    .flatMap((value) => value.split(","))
    .map((member) => trimBlanks(member).toLowerCase());
}

/** Not `trim()`, which takes 0xA0 for white space. */
export function trimBlanks(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** A request line without a version, which is all there is to a request of HTTP/0.9. */
export function isSimple({ version, fields, persists, body }: SeenRequest): boolean {
  // An http URI leaves a Host behind.
  const hasNoFields = fields.length === 0 || (fields.length === 1 && fields[0]![0] === "Host");
  return version === "0.9" && hasNoFields && !persists && body === "";
}

/** RFC 9112 §9.3, word by word: whether htbin is right about persistence. */
export function persistsByRule({ version, persists, ...rest }: SeenRequest): boolean {
  const options = listOf({ version, persists, ...rest }, "connection");
  if (options.includes("close") || version === "0.9") return !persists;
  return persists === (version !== "1.0" || options.includes("keep-alive"));
}

export function isUpgrade(request: SeenRequest): boolean {
  return valuesOf(request, "upgrade").length > 0 && listOf(request, "connection").includes("upgrade");
}

export function isChunked(request: SeenRequest): boolean {
  const codings = listOf(request, "transfer-encoding").join();
  return codings === "chunked" && valuesOf(request, "content-length").length === 0;
}

/** RFC 3986 §3.2, without the user information that neither Host nor a target may have. */
export function isAuthority(value: string): boolean {
  const match = /^((?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*|\[([^\]%]*)\])(?::(\d*))?$/i.exec(value);
  if (match === null || Number(match[3] ?? 0) > 65_535) return false;
  const literal = match[2];
  return literal === undefined || isIPv6(literal) || /^v[0-9a-f]+\.[\w.~!$&'()*+,;=:-]+$/i.test(literal);
}

const HTTP_URI = /^http:\/\/([^/?]*)\/*(.*)$/i;

/** The authority of an http URI; `undefined` for another form of the target. */
export function authorityOf(target: string): string | undefined {
  return HTTP_URI.exec(target)?.[1];
}

/** Path and query as htbin has them: from either form, with one leading slash. */
export function pathOf(target: string): string {
  const uri = HTTP_URI.exec(target);
  return uri === null ? target.replace(/^\/+/, "/") : `/${uri[2]!}`;
}

/** The fields as one text, with the Host that an http URI puts in the place of the one that was sent. */
export function fieldsWithHostOf(target: string, fields: SeenRequest["fields"]): string {
  const authority = authorityOf(target);
  if (authority === undefined) return JSON.stringify(fields);
  const isHost = ([name]: readonly [string, string]): boolean => name.toLowerCase() === "host";
  if (!fields.some(isHost)) return JSON.stringify([...fields, ["Host", authority]]);
  return JSON.stringify(fields.map((field) => (isHost(field) ? [field[0], authority] : field)));
}

/** Whether a CR or LF stands directly before what could be this request. */
export function isBehindLineEnd({ method }: SeenRequest, input: string): boolean {
  return input.includes(`\r${method}`) || input.includes(`\n${method}`);
}

// RFC 9112 §7.1.1, §5.6.4
const QUOTED = String.raw`"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"`;
const EXTENSION = `[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|${QUOTED}))?`;
const CHUNK_LINE = new RegExp(`^[0-9a-f]+(?:${EXTENSION})*$`, "i");

/** Whether there is a chunk-size line with extensions that RFC 9112 does not know. */
export function hasBadExtension(input: string): boolean {
  return input.split("\r\n").some((line) => /[0-9a-f]+[ \t]*;/i.test(line) && !CHUNK_LINE.test(line));
}

const FIELD_LINES = String.raw`(?:${TOKEN}:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n`;

/**
 * Whether each request line in the input that could be this one begins a head as RFC 9112 writes it: then the peer's
 * leniency is not why it took the request.
 */
export function hasStrictHead({ method, target, version }: SeenRequest, input: string): boolean {
  if (!new RegExp(`^${TOKEN}$`).test(method) || /[\x00-\x20\x7f]/.test(target)) return false;
  const words = [quote(method), quote(target).replace(/^\\x2f/, "\\x2f+"), `HTTP/${quote(version)}`];
  const places = input.match(new RegExp(words.join(String.raw`[\s\x1c-\x1f\x85]+`), "g")) ?? [];
  // The body of another request may stand directly before it, but no white space.
  const isBehindNoBlank = String.raw`(?<![\s\x1c-\x1f\x85](?<!\r\n))`;
  const heads =
    input.match(new RegExp(`${isBehindNoBlank}${words.join(" ")}\\r\\n${FIELD_LINES}`, "g")) ?? [];
  return places.length > 0 && places.length === heads.length;
}

/** A text as part of a regular expression. */
export function quote(text: string): string {
  return text.replace(
    /[^A-Za-z0-9]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
