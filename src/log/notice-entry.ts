// An entry in which the server says something about itself, apart from any request.

import { formatLogDate } from "../text/http-date.ts";
import { makeVisible } from "../text/visible.ts";
import { LINE_FORMATS, type LogFormat } from "./log-format.ts";

/** One line in the form of all others, without a client. */
export function noticeEntry(format: LogFormat, message: string): string {
  const time = Date.now();
  if (format === "python") return `- - - [${formatLogDate(time)}] ${makeVisible(message)}\n`;
  return LINE_FORMATS[format].message({ time, remote: undefined, level: "error", message });
}
