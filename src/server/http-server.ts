// The HTTP server of the specification: a TCPServer that knows its own name.

import { serverNameOf } from "./server-address.ts";
import { TCPServer } from "./tcp-server.ts";

/**
 * Handles one request at a time, in the order of arrival. A connection without a complete request head waits
 * outside, so a browser that opens connections ahead does not block the others.
 */
export class HTTPServer extends TCPServer {
  /** The host that the server is bound to, or the name of the machine where it is bound to all interfaces. */
  get serverName(): string {
    return serverNameOf(this.serverAddress);
  }

  /** The port that the server is bound to; 0 on a Unix socket. */
  get serverPort(): number {
    return typeof this.serverAddress === "string" ? 0 : this.serverAddress[1];
  }
}
