// The HTTP server for everyday use: it handles any number of requests at the same time.

import { HTTPServer } from "./http-server.ts";

/** Like `HTTPServer`, but requests do not wait for each other: the event loop does what threads do there. */
export class ThreadingHTTPServer extends HTTPServer {
  protected override requestsAtOnce(): number {
    return Infinity;
  }
}
