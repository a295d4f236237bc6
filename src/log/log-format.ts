// The forms of a log line: values in, lines out.

import { makeVisible } from "../text/visible.ts";
import { formatCommonLogDate } from "../text/http-date.ts";

/**
 * - `python`: `192.0.2.7 - - [06/Nov/1994 08:49:37] "GET / HTTP/1.1" 200 612`, as the original writes it;
 * - `common`: the Common Log Format of Apache, which has the zone as well;
 * - `combined`: that, and the fields Referer and User-Agent;
 * - `json`: an object for each line.
 */
export const LOG_FORMATS = ["python", "common", "combined", "json"] as const;
/**
 * How a line of the log looks: `python` as the original's, `common` and `combined` as Apache's, `json` an
 * object.
 */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** A request and what became of it. Texts are as they came from the client. */
export interface AccessRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly remote: string;
  /** `-` if nobody has said who he is. */
  readonly user: string;
  readonly requestLine: string;
  /** `-` if there was no response. */
  readonly status: number | string;
  /** Bytes of the body; `-` if there was none. */
  readonly size: number | string;
  /** Milliseconds from the complete head of the request on; `undefined` if nobody has measured. */
  readonly duration: number | undefined;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
}

/** Anything else that is worth a line. */
export interface MessageRecord {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** `undefined` where it concerns no client. */
  readonly remote: string | undefined;
  readonly level: "error" | "info";
  readonly message: string;
  /** The message with control characters made visible, where it has several lines; else that is done here. */
  readonly shown?: string;
}

/** The two kinds of lines that a form has, each with its line end. */
interface LineFormat {
  access(record: AccessRecord): string;
  message(record: MessageRecord): string;
}

/** All forms but the original's, whose lines are written where the values are, for they are the most. */
export const LINE_FORMATS: Readonly<Record<Exclude<LogFormat, "python">, LineFormat>> = {
  common: { access: (record) => `${commonFields(record)}\n`, message: commonMessage },
  combined: {
    access: (record) =>
      `${commonFields(record)} ${quoted(record.referer ?? "-")} ${quoted(record.userAgent ?? "-")}\n`,
    message: commonMessage,
  },
  json: { access: jsonAccess, message: jsonMessage },
};

function commonFields({ remote, user, time, requestLine, status, size }: AccessRecord): string {
  return `${word(remote)} - ${word(user)} [${formatCommonLogDate(time)}] ${quoted(requestLine)} ${status} ${size}`;
}

function commonMessage({ remote, time, message, shown = makeVisible(message) }: MessageRecord): string {
  return `${word(remote ?? "-")} - - [${formatCommonLogDate(time)}] ${shown}\n`;
}

/** In quotes. One from the client would end the field, and let it write those behind. */
function quoted(text: string): string {
  return `"${withoutQuotes(text)}"`;
}

/** Without quotes: a blank would end the field. */
function word(text: string): string {
  return text === "" ? "-" : withoutQuotes(text).replaceAll(" ", "\\x20");
}

/** As nginx does: programs that read logs look for the next quote, and do not count backslashes before it. */
function withoutQuotes(text: string): string {
  return makeVisible(text).replaceAll('"', "\\x22");
}

// request-line = method SP request-target SP HTTP-version — RFC 9112 §3; the version is missing in HTTP/0.9.
const REQUEST_LINE = /^(\S+) (.*?)(?: (HTTP\/\S+))?$/s;

function jsonAccess({ time, remote, user, requestLine, status, size, ...rest }: AccessRecord): string {
  // What has not even a blank is all target: nothing of it is lost.
  const [, method = null, target = requestLine, protocol = null] = REQUEST_LINE.exec(requestLine) ?? [];
  return jsonLine({
    time: new Date(time).toISOString(),
    level: "info",
    remote,
    ...(user !== "-" && { user }),
    method,
    target,
    protocol,
    status: status === "-" ? null : status,
    bytes: size === "-" ? 0 : size,
    duration: rest.duration === undefined ? null : Math.round(rest.duration * 1000) / 1000,
    referer: rest.referer ?? null,
    userAgent: rest.userAgent ?? null,
  });
}

function jsonMessage({ time, level, remote, message }: MessageRecord): string {
  return jsonLine({
    time: new Date(time).toISOString(),
    level,
    ...(remote !== undefined && { remote }),
    message,
  });
}

// JSON may hold these as they are, but a terminal obeys some of them, U+2028 and U+2029 end a line for
// others, and the rest turn the text round them, so that a name reads as another one (UAX #9 §2).
const LEFT_BY_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function jsonLine(value: object): string {
  const text = JSON.stringify(value).replace(
    LEFT_BY_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}
