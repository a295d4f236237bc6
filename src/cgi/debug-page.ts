// Who may see why a script failed, and how the page looks: the record of the run,
// for somebody at this machine.

import { PAGE_STYLE } from "../handler/page-style.ts";
import { parseHost } from "../http1/host.ts";
import type { HTTPMessage } from "../http1/http-message.ts";

/** In the place of `errorMessageFormat`. */
export const DEBUG_ERROR_MESSAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%(code)d %(message)s</title>
<style>${PAGE_STYLE}
main { max-width: 64rem; margin: clamp(1.5rem, 6vh, 4rem) auto 2rem; padding: 0 1.5rem; }
h1 { margin: 0 0 1.25rem; font-size: clamp(1.375rem, 1.1rem + 1.4vw, 2rem); line-height: 1.25; font-weight: 650; letter-spacing: -.012em; }
h1 span { margin-right: .25rem; font-weight: 300; font-variant-numeric: tabular-nums; color: var(--accent); }
pre { margin: 0; padding: 1rem 1.25rem; font: .875rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; text-indent: 9ch hanging each-line; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; }
p { margin: 1rem 0 0; font-size: .9375rem; color: var(--muted); }
</style>
</head>
<body>
<main>
<h1><span>%(code)d</span> %(message)s</h1>
<pre>%(explain)s</pre>
<p>You see this because htbin runs with --cgi-debug and you are at the same machine.</p>
</main>
</body>
</html>
`;

/** What a proxy adds: then the peer is the proxy, and the client may be anybody. */
const ADDED_BY_PROXIES = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/**
 * Whether the client is a program on this machine.
 * @param peer the address that the system gives for the socket; `undefined` for a Unix
 * socket, where proxies come from
 */
export function isLocalClient(peer: string | undefined, headers: Pick<HTTPMessage, "get">): boolean {
  if (peer === undefined || !isLoopback(peer)) return false;
  if (!isPrivateName(headers.get("host") ?? "")) return false;
  return ADDED_BY_PROXIES.every((name) => headers.get(name) === undefined);
}

/**
 * Whether no page of another site can have this machine under that name. With a public one a site can: its
 * name leads here for a moment (DNS rebinding), and the browser lets it read the answer.
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
