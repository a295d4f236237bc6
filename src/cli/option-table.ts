// The options of the command line, in the order of the help text; `option-rules.ts` says what their values may be.
import { DEFAULT_LIMITS, type ServerLimits } from "../server/limits.ts";
import { withApplication } from "./application-options.ts";
import { parseCGILimits } from "./cgi-limit-words.ts";
import { parseCount, parseSeconds, parseSize, parseWholeSeconds } from "./limit-values.ts";
import type { OptionRow } from "./option-row.ts";
import { withDirectory, withEnvironment, withInterpreter, withMount, withStream } from "./script-options.ts";
import type { ServeOptions } from "./serve-options.ts";

/** The row that takes two words, `-H NAME VALUE`; `header-words.ts` makes one of them. */
export const HEADER_OPTION = { name: "header", short: "H" } as const;

export const OPTION_TABLE: readonly OptionRow[] = [
  {
    kind: "value",
    name: "bind",
    short: "b",
    aliases: ["host"],
    value: "ADDRESS",
    group: "Where it listens",
    member: "bind",
    help: "IPv4, IPv6 or a name of this machine (default: every interface; 127.0.0.1 = this machine only)",
    // "[::1]" is how a URL spells it; the socket wants it bare.
    add: (bind, soFar) => ({ ...soFar, bind: bind.replace(/^\[(.*)\]$/, "$1") }),
  },
  {
    kind: "value",
    name: "unix",
    value: "PATH",
    group: "Where it listens",
    member: "unix",
    help: "a Unix socket instead of a port",
    add: (unix, soFar) => ({ ...soFar, unix }),
  },
  {
    kind: "value",
    name: "directory",
    short: "d",
    value: "DIR",
    group: "What it serves",
    member: "directory",
    help: "the same as the word [directory]",
    add: (directory, soFar) => ({ ...soFar, directory }),
  },
  {
    kind: "switch",
    name: "dotfiles",
    group: "What it serves",
    member: "dotfiles",
    help: "also names that begin with a dot",
  },
  {
    kind: "switch",
    name: "follow-symlinks",
    group: "What it serves",
    member: "followSymlinks",
    help: "also links that lead out of the folder",
  },
  {
    kind: "switch",
    name: "no-listing",
    group: "What it serves",
    member: "listing",
    help: "no lists of files: folders without an index page are 404",
  },
  {
    kind: "optional",
    name: "single",
    short: "s",
    value: "FILE",
    group: "What it serves",
    member: "single",
    help: "send index.html, or FILE, to browsers that ask for a page that is no file: for single-page applications; a FILE that is a script (index.php) answers for all that is no file",
    without: "index.html",
    add: (single, soFar) => ({ ...soFar, single }),
  },
  {
    kind: "value",
    name: "base",
    value: "PATH",
    group: "What it serves",
    member: "base",
    help: "serve the folder below this path, such as /docs",
    add: (base, soFar) => ({ ...soFar, base }),
  },
  {
    kind: "value",
    name: "auth",
    value: "USER:PASSWORD",
    group: "What it serves",
    member: "auth",
    help: "ask for a password; @FILE for those in a file made by htpasswd -B or -5",
    add: (auth, soFar) => ({ ...soFar, auth }),
  },
  {
    kind: "value",
    name: "cache-memory",
    value: "SIZE",
    group: "What it serves",
    member: "cacheMemory",
    help: "memory for small files that are asked for often, such as 16M; 0 = none (default: 64M)",
    add: (size, soFar) => {
      const cacheMemory = parseSize(size, "--cache-memory");
      return typeof cacheMemory === "string" ? cacheMemory : { ...soFar, cacheMemory };
    },
  },
  {
    kind: "switch",
    name: "no-archive",
    group: "What it serves",
    member: "archives",
    help: "no folders as one file to download (zip, tar.gz, tar)",
  },
  {
    kind: "value",
    name: "protocol",
    short: "p",
    value: "VERSION",
    group: "How it answers",
    member: "protocol",
    help: "HTTP/1.0 or HTTP/1.1 (default: HTTP/1.1)",
    // Any text: a wrong one is found, and answered with the choices, where the option is checked.
    add: (protocol, soFar) => ({ ...soFar, protocol: protocol as ServeOptions["protocol"] }),
  },
  {
    kind: "value",
    name: HEADER_OPTION.name,
    short: HEADER_OPTION.short,
    value: "NAME VALUE",
    group: "How it answers",
    member: "headers",
    help: "add a header to files and listings, also as 'NAME: VALUE'; may be repeated",
    add: (field, soFar) => ({ ...soFar, headers: [...(soFar.headers ?? []), splitField(field)] }),
  },
  {
    kind: "value",
    name: "content-type",
    value: "TYPE",
    group: "How it answers",
    member: "contentType",
    help: "for files of an unknown extension (default: application/octet-stream)",
    add: (contentType, soFar) => ({ ...soFar, contentType }),
  },
  {
    kind: "value",
    name: "cache",
    value: "SECONDS",
    group: "How it answers",
    member: "maxAge",
    help: "how long browsers may use a file without asking again (default: 0, ask each time)",
    add: (seconds, soFar) => {
      const maxAge = parseWholeSeconds(seconds, "--cache");
      return typeof maxAge === "string" ? maxAge : { ...soFar, maxAge };
    },
  },
  {
    kind: "switch",
    name: "cors",
    group: "How it answers",
    member: "cors",
    help: "let pages of any other site read the answers",
  },
  {
    kind: "switch",
    name: "no-compress",
    group: "How it answers",
    member: "compress",
    help: "send text as it is: not compressed, and not from .br, .zst or .gz files beside it",
  },
  {
    kind: "switch",
    name: "cgi",
    group: "CGI scripts",
    member: "cgi",
    help: "run the scripts in cgi-bin/ and htbin/",
  },
  {
    kind: "value",
    name: "cgi-user",
    value: "NAME",
    group: "CGI scripts",
    member: "cgiUser",
    help: "run them as this user (only as root; default: nobody)",
    add: (cgiUser, soFar) => ({ ...soFar, cgiUser }),
  },
  {
    kind: "value",
    name: "cgi-dir",
    value: "PATH",
    group: "CGI scripts",
    member: "cgiDirectories",
    help: "run the scripts in this folder, instead of cgi-bin/ and htbin/; may be repeated",
    add: withDirectory,
  },
  {
    kind: "value",
    name: "cgi-mount",
    value: "PATH=PROGRAM",
    group: "CGI scripts",
    member: "cgiMounts",
    help: "let a program answer for PATH and all below it; may be repeated",
    add: withMount,
  },
  {
    kind: "value",
    name: "cgi-interpreter",
    value: ".EXT=PROGRAM",
    group: "CGI scripts",
    member: "cgiInterpreters",
    help: "run files with this extension by a program, such as .php=php-cgi; may be repeated",
    add: withInterpreter,
  },
  {
    kind: "value",
    name: "cgi-env",
    value: "[PATH:]NAME=VALUE",
    group: "CGI scripts",
    member: "cgiEnvironment",
    help: "a variable for all scripts, or for the mount at PATH; may be repeated",
    add: withEnvironment,
  },
  {
    kind: "value",
    name: "cgi-pass-env",
    value: "NAME",
    group: "CGI scripts",
    member: "cgiPassEnvironment",
    help: "a variable of htbin's own environment for all scripts; may be repeated",
    add: (name, soFar) => ({ ...soFar, cgiPassEnvironment: [...(soFar.cgiPassEnvironment ?? []), name] }),
  },
  {
    kind: "switch",
    name: "cgi-pass-auth",
    group: "CGI scripts",
    member: "cgiPassAuthorization",
    help: "give scripts the passwords that clients send (HTTP_AUTHORIZATION)",
  },
  {
    kind: "switch",
    name: "cgi-query-args",
    group: "CGI scripts",
    member: "cgiQueryArguments",
    help: "make the words of a query without '=' the arguments of scripts",
  },
  {
    kind: "value",
    name: "cgi-stream",
    value: "PATH",
    group: "CGI scripts",
    member: "cgiMounts",
    help: "hand bodies in chunks to the mount at PATH as they come, without CONTENT_LENGTH",
    add: withStream,
  },
  {
    kind: "value",
    name: "cgi-limit",
    value: "LIMITS",
    group: "CGI scripts",
    member: "cgiLimits",
    help: "what they may take, such as cpu=10,memory=512M,scripts=8",
    add: (text, soFar) => {
      const cgiLimits = parseCGILimits(text, "--cgi-limit", soFar.cgiLimits ?? {});
      return typeof cgiLimits === "string" ? cgiLimits : { ...soFar, cgiLimits };
    },
  },
  {
    kind: "value",
    name: "fastcgi",
    value: "PATH=ADDRESS",
    group: "CGI scripts",
    member: "fastcgi",
    help: "let a running application answer for PATH, or for files with .EXT: unix:/run/app.sock or 127.0.0.1:9000; may be repeated",
    add: withApplication("fastcgi"),
  },
  {
    kind: "value",
    name: "scgi",
    value: "PATH=ADDRESS",
    group: "CGI scripts",
    member: "scgi",
    help: "the same for one that speaks SCGI",
    add: withApplication("scgi"),
  },
  {
    kind: "switch",
    name: "cgi-debug",
    group: "CGI scripts",
    member: "cgiDebug",
    help: "show clients on this machine why a script failed",
  },
  {
    kind: "value",
    name: "max-body",
    value: "SIZE",
    group: "Limits",
    member: "limits",
    help: "largest request body, such as 100M; beyond it 413 (default: none)",
    add: (size, soFar) => withLimits(soFar, parseSize(size, "--max-body"), (body) => ({ body })),
  },
  {
    kind: "value",
    name: "max-connections",
    value: "N",
    group: "Limits",
    member: "limits",
    help: `open at once; beyond them 503 (default: ${DEFAULT_LIMITS.connections})`,
    add: (count, soFar) =>
      withLimits(soFar, parseCount(count, "--max-connections"), (connections) => ({ connections })),
  },
  {
    kind: "value",
    name: "timeout",
    value: "SECONDS",
    group: "Limits",
    member: "limits",
    help: "how long to wait for a client that is silent, or takes nothing (default: 60, and 75 between requests)",
    add: (seconds, soFar) => withLimits(soFar, parseSeconds(seconds, "--timeout", false), patience),
  },
  {
    kind: "value",
    name: "grace",
    value: "SECONDS",
    group: "Limits",
    member: "limits",
    help: "how long running answers may take when it is stopped (default: 10)",
    add: (seconds, soFar) =>
      withLimits(soFar, parseSeconds(seconds, "--grace", true), (shutdownTime) => ({ shutdownTime })),
  },
  {
    kind: "value",
    name: "log-format",
    value: "FORMAT",
    group: "Other",
    member: "logFormat",
    help: "python, common, combined or json (default: python)",
    // As with --protocol, a wrong one is answered with the choices where the option is checked.
    add: (format, soFar) => ({ ...soFar, logFormat: format as NonNullable<ServeOptions["logFormat"]> }),
  },
  {
    kind: "value",
    name: "log-file",
    value: "PATH",
    group: "Other",
    member: "logFile",
    help: "append the log to this file; SIGHUP opens it anew",
    add: (logFile, soFar) => ({ ...soFar, logFile }),
  },
  {
    kind: "switch",
    name: "quiet",
    short: "q",
    group: "Other",
    member: "quiet",
    help: "of the banner the first line only, and no access log but in a --log-file; errors are still logged",
  },
  {
    kind: "switch",
    name: "open",
    short: "o",
    group: "Other",
    member: "open",
    help: "open the folder in the browser",
  },
  {
    kind: "switch",
    name: "qr",
    group: "Other",
    member: "qr",
    help: "show a QR code of the URL, for a phone in the same network",
  },
  { kind: "version", name: "version", short: "v", group: "Other", help: "print the version" },
  { kind: "help", name: "help", short: "h", group: "Other", help: "print this text" },
];

/** The options with more limits, unless the value was none: then the sentence that says so. */
function withLimits(
  soFar: ServeOptions,
  value: number | string,
  limits: (value: number) => Partial<ServerLimits>,
): ServeOptions | string {
  return typeof value === "string" ? value : { ...soFar, limits: { ...soFar.limits, ...limits(value) } };
}

/** A person thinks of one time to wait; a head never gets more than by default, for it is short. */
function patience(time: number): Partial<ServerLimits> {
  const headTime = Math.min(time, DEFAULT_LIMITS.headTime);
  return { headTime, idleTime: time, bodyTime: time, writeTime: time };
}

/** `Name: value` as name and value, without the blanks round the value (RFC 9112 §5). */
function splitField(field: string): [name: string, value: string] {
  const colon = field.indexOf(":");
  return [field.slice(0, colon), field.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
}
