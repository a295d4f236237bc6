// Who may see why a script failed, and how the page looks: the record of the run, for somebody at this machine.

import { parseHost } from "../http1/host.ts";
import type { HTTPMessage } from "../http1/http-message.ts";

/** In the place of `errorMessageFormat`. */
export const DEBUG_ERROR_MESSAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1.5rem; }
pre { font: .9rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h1 span { opacity: .55; font-weight: normal; }
</style>
</head>
<body>
<h1><span>%(code)d</span> %(message)s</h1>
<pre>%(explain)s</pre>
<p>You see this because htbin runs with --cgi-debug and you are at the same machine.</p>
</body>
</html>
`;

/** What a proxy adds: then the peer is the proxy, and the client may be anybody. */
const ADDED_BY_PROXIES = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/**
 * Whether the client is a program on this machine.
 * @param peer the address that the system gives for the socket; `undefined` for a Unix socket, where proxies come from
 */
export function isLocalClient(peer: string | undefined, headers: Pick<HTTPMessage, "get">): boolean {
  if (peer === undefined || !isLoopback(peer)) return false;
  if (!isPrivateName(headers.get("host") ?? "")) return false;
  return ADDED_BY_PROXIES.every((name) => headers.get(name) === undefined);
}

/**
 * Whether no page of another site can have this machine under that name. With a public one a site can: its name leads here for a moment
 * (DNS rebinding), and the browser lets it read the answer.
 */
function isPrivateName(host: string): boolean {
  const name = parseHost(host)?.name.toLowerCase();
  if (name === undefined) return false;
  // An address, a name of the local network, or one under a reserved domain (RFC 6761, RFC 6762, RFC 8375).
  return (
    name.startsWith("[") ||
    /^[\d.]+$/.test(name) ||
    !name.includes(".") ||
    /\.(?:localhost|local|test|example|invalid|internal|home\.arpa)$/.test(name)
  );
}

// 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3), and the first as a dual-stack socket shows it.
function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/i.test(address);
}
