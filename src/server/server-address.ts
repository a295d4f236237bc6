// Addresses of servers and clients: as they are given, as the system wants and shows them, and as names.

import type { ListenOptions } from "node:net";
import { hostname } from "node:os";

/** `[host, port]`, host `""` for all interfaces, port 0 for any free one; or the path of a Unix socket. */
export type ServerAddress = readonly [host: string, port: number] | string;

/** `[host, port]` of the client; `["", 0]` on a Unix socket, where a client has no address. */
export type ClientAddress = readonly [host: string, port: number];

/** As `listen()` of `node:net` wants it. */
export function listenTarget(address: ServerAddress): ListenOptions {
  if (typeof address === "string") return { path: address };
  const [host, port] = address;
  // Without a host Node takes `::` for both families, or `0.0.0.0` on a machine without IPv6.
  return host === "" ? { port } : { host, port };
}

/** A dual-stack socket shows IPv4 clients as `::ffff:192.0.2.1`; nobody else does. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return "";
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

/**
 * The host name to call this server by: the one it is bound to, or that of the machine. No DNS is
 * asked: it can take half a minute.
 */
export function serverNameOf(address: ServerAddress): string {
  if (typeof address === "string") return hostname();
  const [host] = address;
  return host === "" || host === "::" || host === "0.0.0.0" ? hostname() : host;
}
