// A connection to a running application.

import { connect, type Socket } from "node:net";

import { CGIError, systemErrorCode } from "../errors.ts";
import { parseSocketAddress } from "../text/socket-address.ts";

/** Milliseconds. A listener takes connections at once; if its queue is full, a 504 soon beats a long wait. */
const CONNECT_TIME = 5_000;

/**
 * @param address as `parseSocketAddress` reads it
 * @throws {CGIError} ERR_CGI_GATEWAY if nobody takes the connection, ERR_CGI_TIMEOUT if that is not decided
 * in time, ERR_CGI_BUSY if we have no descriptor left for it
 */
export function connectTo(address: string, time: number = CONNECT_TIME): Promise<Socket> {
  const target = parseSocketAddress(address);
  if (target === undefined) {
    throw new CGIError("ERR_CGI_GATEWAY", `'${address}' is no address of an application`);
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new CGIError("ERR_CGI_TIMEOUT", `${address} took no connection within ${time / 1000} s`));
    }, time);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(connectFailure(error, address));
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

function connectFailure(error: Error, address: string): CGIError {
  const code = systemErrorCode(error);
  const isOurs = code === "EMFILE" || code === "ENFILE" || code === "ENOMEM";
  const message = `${address} cannot be reached: ${code ?? error.message}`;
  return new CGIError(isOurs ? "ERR_CGI_BUSY" : "ERR_CGI_GATEWAY", message, { cause: error });
}
