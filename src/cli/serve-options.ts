// What `serve()` and the command line can be told: every option, documented where it is typed.
import type { CGIMount } from "../cgi/mount.ts";
import type { CGILimits } from "../cgi/limits.ts";
import type { BaseHTTPRequestHandler } from "../handler/base-http-request-handler.ts";
import type { LogFormat } from "../log/log-format.ts";
import type { ServerLimits } from "../server/limits.ts";

/** The protocol versions that htbin answers with. */
export const PROTOCOL_VERSIONS = ["HTTP/1.0", "HTTP/1.1"] as const;

/** The port when none is named: the one of `python -m http.server`. */
export const DEFAULT_PORT = 8000;

/**
 * The options of `serve()`. The command line has the same ones under the names in `htbin --help`.
 * A wrong value fails at start, with a `StartError`, never at a request.
 */
export interface ServeOptions {
  /**
   * The TCP port, 0 to 65535; 0 takes any free one (then `server.serverPort` is the real one).
   * @default 8000
   */
  readonly port?: number | undefined;

  /**
   * The address to listen on: IPv4, IPv6, or a name of this machine. `""` is every interface, IPv6 and IPv4:
   * whoever reaches this machine reaches the folder. `"127.0.0.1"` keeps it to this machine.
   * @default ""
   */
  readonly bind?: string | undefined;

  /**
   * Listen on a Unix socket of this path instead of a port; excludes `port` and `bind`. A socket that a dead
   * server left behind is replaced; one that still answers is an error.
   */
  readonly unix?: string | undefined;

  /**
   * The folder to serve. It has to exist. It is not a sandbox for CGI scripts: they
   * can read what their user can.
   * @default process.cwd()
   */
  readonly directory?: string | undefined;

  /**
   * The protocol version of the answers. HTTP/1.0 closes the connection after each of them.
   * @default "HTTP/1.1"
   */
  readonly protocol?: (typeof PROTOCOL_VERSIONS)[number] | undefined;

  /**
   * Run the CGI scripts (RFC 3875) in `cgi-bin` and `htbin`: anyone who can reach the server can run them.
   * @default false
   */
  readonly cgi?: boolean | undefined;

  /**
   * Folders of scripts below `directory`, as paths of URLs; they may be several levels deep. Implies `cgi`.
   * @default ["/cgi-bin", "/htbin"]
   */
  readonly cgiDirectories?: readonly string[] | undefined;

  /**
   * Programs that answer for a path and all below it, wherever they lie:
   * `{ "/git": { program: "/usr/lib/…" } }`. `/` takes all but the CGI folders and the
   * other mounts. Implies `cgi`.
   * @default {}
   */
  readonly cgiMounts?: Readonly<Record<string, CGIMount>> | undefined;

  /**
   * Extension → the program that runs such files anywhere in the folder, and its arguments:
   * `{ ".php": ["php-cgi"] }`. They need no x bit. `[]`: they are started by themselves. Implies `cgi`.
   * @default {}
   */
  readonly cgiInterpreters?: Readonly<Record<string, readonly string[]>> | undefined;

  /**
   * Variables for all scripts; a mount can have more. Those that tell a script about its
   * request cannot be set. Needs `cgi`.
   * @default {}
   */
  readonly cgiEnvironment?: Readonly<Record<string, string>> | undefined;

  /**
   * Names of variables of this process that scripts get as well. Without it they get PATH and those for time
   * zone, language and libraries. Needs `cgi`.
   * @default []
   */
  readonly cgiPassEnvironment?: readonly string[] | undefined;

  /**
   * Give scripts the Authorization field of requests, for those that check passwords themselves. Needs `cgi`.
   * @default false
   */
  readonly cgiPassAuthorization?: boolean | undefined;

  /**
   * Make the words of a query without `=` the arguments of scripts (RFC 3875 §4.4), but never those
   * of interpreters. Needs `cgi`.
   * @default false
   */
  readonly cgiQueryArguments?: boolean | undefined;

  /**
   * The user that CGI scripts run as; only root can choose one. Needs `cgi`.
   * @default "nobody" for root, else the user who started the server
   */
  readonly cgiUser?: string | undefined;

  /**
   * Limits for scripts that differ from the defaults in `CGILimits`: how many at once, how long, how much
   * of the machine. Needs `cgi`.
   * @default {}
   */
  readonly cgiLimits?: Partial<CGILimits> | undefined;

  /**
   * Applications that run already and speak FastCGI: a path (`/app`) or an extension (`.php`) →
   * `unix:/run/app.sock` or `127.0.0.1:9000`. All below such a path is theirs; the source of files with such
   * an extension is never sent. Implies `cgi`.
   * @default {}
   */
  readonly fastcgi?: Readonly<Record<string, string>> | undefined;

  /**
   * The same for applications that speak SCGI. Implies `cgi`.
   * @default {}
   */
  readonly scgi?: Readonly<Record<string, string>> | undefined;

  /**
   * Show clients on this machine why a script failed, in the page that they get; others still get a short
   * one. A client behind a proxy is never taken for one on this machine. Needs `cgi`.
   * @default false
   */
  readonly cgiDebug?: boolean | undefined;

  /**
   * Fields to add to every successful response that sends a file or a listing, as `[name, value]`. One that
   * the response has already is left alone. `Content-Length` and `Transfer-Encoding` are refused: they
   * frame the message (RFC 9112 §6).
   * @default []
   */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;

  /**
   * The `Content-Type` of files whose extension says nothing.
   * @default "application/octet-stream"
   */
  readonly contentType?: string | undefined;

  /**
   * Serve and list names that begin with a dot. Without it only `.well-known` is
   * (RFC 8615); `.git` and `.env` are why.
   * @default false
   */
  readonly dotfiles?: boolean | undefined;

  /**
   * Follow symbolic links that lead out of the folder. Links inside it are always followed.
   * @default false
   */
  readonly followSymlinks?: boolean | undefined;

  /**
   * Send text compressed to clients that accept that (RFC 9110 §12.5.3): from `app.js.br`, `.zst` or `.gz`
   * beside `app.js`, or compressed here. `false` sends every file as it is.
   * @default true
   */
  readonly compress?: boolean | undefined;

  /**
   * Bytes of memory for files of up to 128 KiB that are asked for often; 0 keeps none. They are compared with
   * the disk at every request: what is sent is what is there.
   * @default 67108864 (64 MiB)
   */
  readonly cacheMemory?: number | undefined;

  /**
   * List the files of a folder that has no index page. With `false` it is 404.
   * @default true
   */
  readonly listing?: boolean | undefined;

  /**
   * The file of a single-page application, relative to `directory`: it answers GET and HEAD where nothing is
   * there, the client asks for HTML (`Accept: text/html`), and the last segment of the path has no dot. A
   * file that is a script (`index.php`) is run for every method and path at which nothing is. What exists is
   * never hidden. On the command line `--single` alone means `index.html`.
   */
  readonly single?: string | undefined;

  /**
   * Serve the folder below this path, such as `/docs`. `/` redirects there; all else outside of it is 404.
   * @default "/"
   */
  readonly base?: string | undefined;

  /**
   * Let pages of any origin read the answers, errors included, and answer their preflights
   * (CORS, Private Network Access).
   * @default false
   */
  readonly cors?: boolean | undefined;

  /**
   * Whole seconds for which clients may use a file without asking again (`Cache-Control: max-age`). With 0
   * they keep it, and ask each time whether it has changed (`no-cache`). A `Cache-Control` in `headers` wins.
   * `--cache` on the command line.
   * @default 0
   */
  readonly maxAge?: number | undefined;

  /**
   * Ask for a user name and a password (RFC 7617) before anything else: `"user:password"`, or `"@path"` of a
   * file that `htpasswd -B` (bcrypt) or `htpasswd -5` (SHA-512) has made. The file is read again when it has
   * changed. In the served folder its name has to be hidden: it begins with a dot, and `dotfiles` is not set.
   */
  readonly auth?: string | undefined;

  /**
   * Let folders that are listed be downloaded as one file, made while it is sent:
   * `?archive=zip`, `tar.gz` or `tar`.
   * @default true
   */
  readonly archives?: boolean | undefined;

  /**
   * What the server puts up with from its clients; what is not said is as in `DEFAULT_LIMITS`. The command
   * line has those that a person sets: `--max-body`, `--max-connections`, `--timeout` (`idleTime`, `bodyTime`
   * and `writeTime`, and `headTime` if that is longer), `--grace` (`shutdownTime`).
   * @default DEFAULT_LIMITS
   */
  readonly limits?: Partial<ServerLimits> | undefined;

  /**
   * The form of the log. `"python"` is that of `python -m http.server`; `"common"` and
   * `"combined"` are those of Apache and nginx; `"json"` is an object for each line, with the time
   * in UTC and `duration` in milliseconds.
   * @default "python"
   */
  readonly logFormat?: LogFormat | undefined;

  /**
   * Append the log to this file instead of writing it to standard error. It is closed when the server has
   * ended. Programs that move it away make a `LogFile` themselves, set it as `server.log`, and call its
   * `reopen()`; the command does so on SIGHUP.
   */
  readonly logFile?: string | undefined;

  /**
   * Write no access log to standard error, and of the banner the first line only. Errors are still logged. A
   * `logFile` gets everything all the same.
   * @default false
   */
  readonly quiet?: boolean | undefined;

  /**
   * Print the address and the folder on stdout when the server is ready. Only for programs.
   * @default true
   */
  readonly banner?: boolean | undefined;

  /**
   * Open the server's URL in the browser when it is ready; says so where it cannot.
   * @default false
   */
  readonly open?: boolean | undefined;

  /**
   * Print a QR code of the first URL in the banner that other devices can use.
   * @default false
   */
  readonly qr?: boolean | undefined;

  /**
   * The class that handles requests; only for programs. Options for files need one that extends
   * `SimpleHTTPRequestHandler`, those for scripts `CGIHTTPRequestHandler`. What the class sets itself counts,
   * unless an option says otherwise.
   * @default SimpleHTTPRequestHandler, or CGIHTTPRequestHandler with `cgi`
   */
  readonly handlerClass?: typeof BaseHTTPRequestHandler | undefined;
}
