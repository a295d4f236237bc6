// What htbin says when it is ready: where it can be reached, what it serves, and who its scripts are.
import type { NetworkInterfaceInfo } from "node:os";

import { shownPath } from "./shown-path.ts";

export interface BannerFacts {
  /** Where the server really listens: an IP address and a port, or the path of a Unix socket. */
  readonly address: readonly [host: string, port: number] | string;
  /** As `os.networkInterfaces()` says. */
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  /** The folder, as an absolute path; `undefined` for a handler that serves none. */
  readonly directory: string | undefined;
  /** The user that CGI scripts run as; `undefined` where none are run. */
  readonly scriptUser: ScriptUser | undefined;
  /** The log file is one of the files that are served. */
  readonly isLogServed: boolean;
  /** The prefix that the folder is served below, as a URL has it: `/docs`; empty if there is none. */
  readonly base: string;
  readonly asksForPassword: boolean;
  /** The file of `--single`, if it is not there: all pages are 404 until it is. */
  readonly missingPage: string | undefined;
  /** Paths of `--cgi-dir` at which the folder has nothing. */
  readonly missingScriptFolders: readonly string[];
  /** Scripts were asked for, and the folder has neither of those that they lie in. */
  readonly hasNoScripts: boolean;
}

/** A user chosen for the scripts, or the one who started the server. */
export interface ScriptUser {
  readonly kind: "chosen" | "same";
  readonly name: string;
}

/** The lines of the banner. Programs read the first one, whose form is fixed; the others are for people. */
export function bannerLines(facts: BannerFacts): [first: string, ...others: string[]] {
  const { address, directory, scriptUser } = facts;
  const others: string[] = [];
  if (typeof address === "string") {
    others.push(`  curl --unix-socket ${shownPath(address)} http://localhost${facts.base}/`);
  } else {
    const urls = reachableUrls(facts);
    // The first line has this one already.
    if (urls.length > 1 || facts.base !== "") others.push(...urls.map((url) => `  ${url}`));
  }
  if (directory !== undefined) others.push(`Folder: ${shownPath(directory)}`);
  if (facts.isLogServed)
    others.push("The log file is in that folder: whoever reaches the server can read it.");
  if (facts.missingPage !== undefined) {
    const page = shownPath(facts.missingPage);
    others.push(`There is no ${page} in it: pages of the application are 404 until there is.`);
  }
  for (const path of facts.missingScriptFolders) {
    others.push(`There is no ${shownPath(path.slice(1))} in it: --cgi-dir is a path below that folder.`);
  }
  if (facts.hasNoScripts) others.push("There is no cgi-bin/ or htbin/ in it: no script runs until there is.");
  if (facts.asksForPassword && typeof address !== "string" && !isLoopback(address[0])) {
    others.push(
      "Passwords cross the network unencrypted: put a proxy with TLS in front, or --bind 127.0.0.1.",
    );
  }
  if (scriptUser !== undefined) others.push(scriptLine(scriptUser));
  return [firstLine(address), ...others];
}

function firstLine(address: BannerFacts["address"]): string {
  if (typeof address === "string") return `Serving HTTP on unix:${shownPath(address)} ...`;
  const [host, port] = address;
  return `Serving HTTP on ${host} port ${port} (${urlOf(host, port)}) ...`;
}

function scriptLine({ kind, name }: ScriptUser): string {
  return kind === "same"
    ? `CGI scripts run as ${name}, the user who started htbin.`
    : // "as nobody" is also English for "as no one".
      `CGI scripts run as the user ${name}.`;
}

/** The user that scripts run as, under the rule of the specification: nobody instead of root. */
export function scriptUser(
  cgiUser: string | undefined,
  starter: { readonly isRoot: boolean; readonly name: string },
): ScriptUser {
  if (starter.isRoot) return { kind: "chosen", name: cgiUser ?? "nobody" };
  return { kind: "same", name: starter.name };
}

/**
 * The URLs of a server: on every interface `localhost` first, then each address that others can use; else the
 * one of its address. None on a Unix socket.
 */
export function reachableUrls({
  address,
  interfaces,
  base,
}: Pick<BannerFacts, "address" | "interfaces" | "base">): string[] {
  if (typeof address === "string") return [];
  const [host, port] = address;
  const withBase = (name: string): string =>
    base === "" ? urlOf(name, port) : `${urlOf(name, port).slice(0, -1)}${base}/`;
  if (host !== "::" && host !== "0.0.0.0") return [withBase(host)];
  const external = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter((each) => !each.internal && !isLinkLocal(each.address));
  const of = (family: string): string[] =>
    external.filter((each) => each.family === family).map((each) => each.address);
  // "::" takes IPv4, too; "0.0.0.0" takes nothing else.
  const addresses = ["localhost", ...of("IPv4"), ...(host === "::" ? of("IPv6") : [])];
  return [...new Set(addresses)].map(withBase);
}

/** The URL for other devices, such as a phone; `undefined` if no other can reach the server. */
export function urlForOthers(
  facts: Pick<BannerFacts, "address" | "interfaces" | "base">,
): string | undefined {
  return reachableUrls(facts).find((url) => !isLoopback(new URL(url).hostname.replace(/^\[(.*)\]$/, "$1")));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

// fe80::/10 and 169.254.0.0/16 (RFC 4291 §2.5.6, RFC 3927): no use in a URL
// without the name of the interface.
function isLinkLocal(address: string): boolean {
  return /^(fe[89ab][0-9a-f]:|169\.254\.)/i.test(address);
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}
