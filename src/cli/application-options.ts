// `--fastcgi` and `--scgi`: read into the options they stand for, and checked.
import { parseSocketAddress } from "../text/socket-address.ts";
import { makeVisible } from "../text/visible.ts";
import { isRecord } from "./check-script-options.ts";
import { quoted } from "./quoted.ts";
import type { ServeOptions } from "./serve-options.ts";

type Member = "fastcgi" | "scgi";

/** `--fastcgi /app=unix:/run/app.sock`, `--fastcgi .php=127.0.0.1:9000` */
export function withApplication(
  member: Member,
): (text: string, soFar: ServeOptions) => ServeOptions | string {
  return (text, soFar) => {
    const at = text.indexOf("=");
    if (at === -1) {
      return `--${member} ${quoted(text)} names no address; write --${member} /app=127.0.0.1:9000`;
    }
    const written = text.slice(0, at);
    // Taken for a path, `php` would leave the sources of all such files to be sent.
    if (!written.startsWith(".") && !written.includes("/")) {
      return `--${member} ${quoted(written)} is neither a path nor an extension; write /${makeVisible(written)} for all below that path, or .${makeVisible(written)} for files`;
    }
    const place = written.startsWith(".") ? written : `/${written.replace(/^\/+|\/+$/g, "")}`;
    if (soFar[member]?.[place] !== undefined) {
      return `--${member} ${quoted(place)} is there twice; give each path one application`;
    }
    return { ...soFar, [member]: { ...soFar[member], [place]: text.slice(at + 1) } };
  };
}

/** What is wrong with a value of `fastcgi` or `scgi`. */
export function checkApplications(value: unknown, name: string): string | undefined {
  if (!isRecord(value)) {
    return `${name} has to be an object of addresses, such as { "/app": "127.0.0.1:9000" }`;
  }
  for (const [place, address] of Object.entries(value)) {
    if (!/^(?:\/[^?#\0]*|\.[^/?#\0]+)$/.test(place)) {
      return `${name} ${quoted(place)} is neither a path such as /app nor an extension such as .php`;
    }
    if (typeof address !== "string" || parseSocketAddress(address) === undefined) {
      return `${name} ${quoted(place)}: ${quoted(String(address))} is no address; write unix:/run/app.sock or 127.0.0.1:9000`;
    }
  }
  return undefined;
}
