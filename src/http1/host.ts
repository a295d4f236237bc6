// The Host field: which host and port the client meant to reach (RFC 9110 §7.2, RFC 3986 §3.2.2).

export interface Host {
  /** A name, an IPv4 address, or an IPv6 address in brackets; may be empty. */
  readonly name: string;
  /** As sent; empty where none was sent. */
  readonly port: string;
}

// reg-name = *( unreserved / pct-encoded / sub-delims ). No userinfo: it is not part of Host.
const HOST = /^((?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*|\[[^\]]*\])(?::(\d*))?$/;
// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
const IP_FUTURE = /^v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$/i;
const IPV4_AT_END = /:(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/;

/** Host = uri-host [ ":" port ]; `undefined` for what is none. */
export function parseHost(value: string): Host | undefined {
  const match = HOST.exec(value);
  if (match === null) return undefined;
  const name = match[1]!;
  // IP-literal = "[" ( IPv6address / IPvFuture ) "]"
  if (name.startsWith("[") && !isIPv6(name.slice(1, -1)) && !IP_FUTURE.test(name.slice(1, -1)))
    return undefined;
  const port = match[2] ?? "";
  if (Number(port) > 65535) return undefined;
  return { name, port };
}

// Eight groups, the last two of which may be written as an IPv4 address; one "::" stands for
// one or more groups of zeros.
function isIPv6(text: string): boolean {
  const [before = "", after, ...more] = text.replace(IPV4_AT_END, ":0:0").split("::");
  if (more.length > 0) return false;
  const groups = [before, after ?? ""].flatMap((half) => (half === "" ? [] : half.split(":")));
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return after === undefined ? groups.length === 8 : groups.length < 8;
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
