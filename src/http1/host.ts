// The Host field: which host and port the client meant to reach (RFC 9110 §7.2, RFC 3986 §3.2.2).

export interface Host {
  /** A name, an IPv4 address, or an IPv6 address in brackets; may be empty. */
  readonly name: string;
  /** As sent; empty where none was sent. */
  readonly port: string;
}

// reg-name = *( unreserved / pct-encoded / sub-delims ); a bracket pair holds an IP-literal. No userinfo: it is not part of Host.
const HOST = /^((?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*|\[[0-9A-Fa-fvV:.]+\])(?::(\d*))?$/;

/** Host = uri-host [ ":" port ]; `undefined` for what is none. */
export function parseHost(value: string): Host | undefined {
  const match = HOST.exec(value);
  if (match === null) return undefined;
  const port = match[2] ?? "";
  if (Number(port) > 65535) return undefined;
  return { name: match[1]!, port };
}

/** The clients of a server nearly all say the same. */
let lastValid = "";

/** Whether a Host field can be believed to name a host; an empty one is allowed (RFC 9110 §7.2). */
export function isHost(value: string): boolean {
  if (value === lastValid) return true;
  if (parseHost(value) === undefined) return false;
  lastValid = value;
  return true;
}
