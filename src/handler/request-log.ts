// The log methods of a handler: what is logged, and how a line looks.

import type { HTTPMessage } from "../http1/http-message.ts";
import { formatMessage } from "../log/format-message.ts";
import { visibleMessage } from "../log/log-record.ts";
import { type AccessRecord, LINE_FORMATS, type LogFormat } from "../log/log-format.ts";
import { writeEntry } from "../log/write-entry.ts";
import { declareSteps } from "../server/guard-overrides.ts";
import type { ClientAddress } from "../server/server-address.ts";
import type { TCPServer } from "../server/tcp-server.ts";
import { formatLogDate } from "../text/http-date.ts";
import { makeVisible } from "../text/visible.ts";
import { everySecond } from "./every-second.ts";

const logDateNow = everySecond(formatLogDate);

/**
 * What `logRequest()` passes to `logMessage()`, as in the original. It is how `logMessage()` knows a
 * request from other messages.
 */
const ACCESS_MESSAGE = '"%s" %s %s';

/** The rung below `BaseHTTPRequestHandler`, of which it is a part: each method can be overridden there. */
export abstract class RequestLog {
  /** The server, whose `log` gets the lines. */
  abstract readonly server: TCPServer;
  /** `[host, port]` of the client. */
  abstract readonly clientAddress: ClientAddress;
  /** The fields of the request. */
  abstract headers: HTTPMessage;
  /** The request line as text, without its end; as it came if its syntax is wrong, empty if none came. */
  requestline = "";
  /** The form of the lines. That of the server by default, which is `python` by default. */
  logFormat: LogFormat = "python";

  #level: "error" | "info" = "info";
  /** When the head was there, in milliseconds of a clock that does not jump; `NaN` if nobody asks. */
  #begin = NaN;

  /**
   * Logs a request when its response has ended. `size` counts the bytes of the body that were
   * sent; `-` if there were none.
   */
  logRequest(code: number | string = "-", size: number | string = "-"): void {
    this.logMessage(ACCESS_MESSAGE, this.requestline, code, size);
  }

  /** Logs why a request cannot be fulfilled. */
  logError(format: string, ...args: unknown[]): void {
    this.#level = "error";
    try {
      this.logMessage(format, ...args);
    } finally {
      this.#level = "info";
    }
  }

  /**
   * Logs a line to `server.log`: client address, time, and the message with `%s`, `%d`, `%r` filled in and
   * control characters made visible; or the same in the form of `logFormat`. Override it to log elsewhere:
   * all that is logged about requests passes here.
   */
  logMessage(format: string, ...args: unknown[]): void {
    if (this.logFormat !== "python") return this.#logInForm(this.logFormat, format, args);
    // The line of every request: it need not be interpreted. Looked at in parts: V8 would copy them together
    // for the search, once for each line.
    const isAccess = format === ACCESS_MESSAGE && args.length === 3;
    const message = isAccess
      ? `"${makeVisible(String(args[0]))}" ${visibleWord(args[1])} ${visibleWord(args[2])}`
      : visibleMessage(format, args);
    writeEntry(this.server.log, `${this.#visibleAddress()} - - [${this.logDateTimeString()}] ${message}\n`);
  }

  /**
   * Now, as the log has it: `06/Nov/1994 08:49:37`, local time. The form `python` calls it; the
   * others say how they write a time.
   */
  logDateTimeString(): string {
    return logDateNow();
  }

  /** The address of the client; `-` on a Unix socket. No name is looked up. */
  addressString(): string {
    return this.clientAddress[0] || "-";
  }

  /**
   * Who the client is, for all forms of the log but `python`; `-` by default. Override it
   * where a handler checks passwords.
   */
  remoteUser(): string {
    return "-";
  }

  /** Called when the head of a request is there. The clock is read only where a duration is shown. */
  protected noteRequestBegin(): void {
    if (this.logFormat === "json") this.#begin = performance.now();
  }

  /** An override may take the address from a field of the request, and with it whatever the client wants. */
  #visibleAddress(): string {
    const address = this.addressString();
    return address === this.clientAddress[0] ? address : makeVisible(address);
  }

  #logInForm(form: Exclude<LogFormat, "python">, format: string, args: readonly unknown[]): void {
    const lines = LINE_FORMATS[form];
    const time = Date.now();
    if (format === ACCESS_MESSAGE) return writeEntry(this.server.log, lines.access(this.#record(time, args)));
    const message = formatMessage(format, args);
    const remote = this.addressString();
    const shown = visibleMessage(format, args);
    writeEntry(this.server.log, lines.message({ time, remote, level: this.#level, message, shown }));
  }

  /** The arguments come from `logRequest()`, or from an override that has its own idea of them. */
  #record(time: number, [requestLine, status, size]: readonly unknown[]): AccessRecord {
    const duration = performance.now() - this.#begin;
    return {
      time,
      remote: this.addressString(),
      user: this.remoteUser(),
      requestLine: String(requestLine),
      status: typeof status === "number" ? status : String(status),
      size: typeof size === "number" ? size : String(size),
      duration: Number.isNaN(duration) ? undefined : duration,
      referer: this.headers.get("referer"),
      userAgent: this.headers.get("user-agent"),
    };
  }
}

declareSteps(RequestLog.prototype, {
  addressString: "decides",
  logDateTimeString: "decides",
  remoteUser: "decides",
  logRequest: "beside",
  logError: "beside",
  logMessage: "beside",
  noteRequestBegin: "beside",
});

/** Nearly always a number or `-`. */
function visibleWord(value: unknown): string {
  return typeof value === "number" || value === "-" ? String(value) : makeVisible(String(value));
}
