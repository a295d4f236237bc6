// Where a running application listens, and a connection to it.

import { connect, type Socket } from "node:net";

import { CGIError, systemErrorCode } from "../errors.ts";

export type ApplicationAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** `unix:/run/php.sock`, `127.0.0.1:9000`, `[::1]:9000`, `name:9000`; `undefined` for anything else. */
export function parseAddress(text: string): ApplicationAddress | undefined {
  if (text.includes("\0")) return undefined;
  if (text.startsWith("unix:")) return text.length > 5 ? { path: text.slice(5) } : undefined;
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) return undefined;
  return { host: (match[1] ?? match[2])!, port };
}

/** Milliseconds: who listens, takes a connection at once, and a full queue is told by 504 rather than by patience. */
const CONNECT_TIME = 5_000;

/**
 * @param address as `parseAddress` reads it
 * @throws {CGIError} ERR_CGI_GATEWAY if nobody takes the connection, ERR_CGI_TIMEOUT if that is not decided in time, ERR_CGI_BUSY
 * if we have no descriptor left for it
 */
export function connectTo(address: string, time: number = CONNECT_TIME): Promise<Socket> {
  const target = parseAddress(address);
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
