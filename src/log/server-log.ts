// What a server has to say about itself, apart from any request: a line of the log without a client.

import { formatLogDate } from "../text/http-date.ts";
import { makeVisible } from "../text/visible.ts";
import { stderrLog } from "./log-sink.ts";

/** Logs one line in the form of all others, with `-` for the client's address. */
export function logAboutServer(message: string): void {
  stderrLog.write(`- - - [${formatLogDate(Date.now())}] ${makeVisible(message)}\n`);
}
