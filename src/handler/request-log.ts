// The log methods of a handler: what is logged, and how a line looks.

import { formatMessage } from "../log/format-message.ts";
import { stderrLog } from "../log/log-sink.ts";
import type { ClientAddress } from "../server/tcp-server.ts";
import { formatLogDate } from "../text/http-date.ts";
import { makeVisible } from "../text/visible.ts";
import { everySecond } from "./every-second.ts";

const logDateNow = everySecond(formatLogDate);

/** The rung below `BaseHTTPRequestHandler`, of which it is a part: each method can be overridden there. */
export abstract class RequestLog {
  /** `[host, port]` of the client. */
  abstract readonly clientAddress: ClientAddress;
  /** The request line as text, without its end; as it came if its syntax is wrong, empty if none came. */
  requestline = "";

  /** Logs a request when its response has ended. `size` counts the bytes of the body; `-` if there was none. */
  logRequest(code: number | string = "-", size: number | string = "-"): void {
    this.logMessage('"%s" %s %s', this.requestline, code, size);
  }

  /** Logs why a request cannot be fulfilled. */
  logError(format: string, ...args: unknown[]): void {
    this.logMessage(format, ...args);
  }

  /** Logs a line: client address, time, and the message with `%s`, `%d`, `%r` filled in and control characters made visible. */
  logMessage(format: string, ...args: unknown[]): void {
    const message = makeVisible(formatMessage(format, args));
    stderrLog.write(`${this.addressString()} - - [${this.logDateTimeString()}] ${message}\n`);
  }

  /** Now, as the log has it: `06/Nov/1994 08:49:37`, local time. */
  logDateTimeString(): string {
    return logDateNow();
  }

  /** The address of the client; `-` on a Unix socket. No name is looked up. */
  addressString(): string {
    return this.clientAddress[0] || "-";
  }
}
