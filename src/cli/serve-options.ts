// What `serve()` and the command line can be told: every option, documented where it is typed.
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
   * The folder to serve. It has to exist. It is not a sandbox for CGI scripts: they can read what their user can.
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
   * The user that CGI scripts run as; only root can choose one. Needs `cgi`.
   * @default "nobody" for root, else the user who started the server
   */
  readonly cgiUser?: string | undefined;

  /**
   * Applications that run already and speak FastCGI: a path (`/app`) or an extension (`.php`) → `unix:/run/app.sock` or
   * `127.0.0.1:9000`. All below such a path is theirs; the source of files with such an extension is never sent. Implies `cgi`.
   * @default {}
   */
  readonly fastcgi?: Readonly<Record<string, string>> | undefined;

  /**
   * The same for applications that speak SCGI. Implies `cgi`.
   * @default {}
   */
  readonly scgi?: Readonly<Record<string, string>> | undefined;

  /**
   * Show clients on this machine why a script failed, in the page that they get; others still get a short one. A client
   * behind a proxy is never taken for one on this machine. Needs `cgi`.
   * @default false
   */
  readonly cgiDebug?: boolean | undefined;

  /**
   * Fields to add to every successful response that sends a file or a listing, as `[name, value]`. One that the
   * response has already is left alone. `Content-Length` and `Transfer-Encoding` are refused: they frame the
   * message (RFC 9112 §6).
   * @default []
   */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;

  /**
   * The `Content-Type` of files whose extension says nothing.
   * @default "application/octet-stream"
   */
  readonly contentType?: string | undefined;

  /**
   * Serve and list names that begin with a dot. Without it only `.well-known` is (RFC 8615); `.git` and `.env` are
   * why.
   * @default false
   */
  readonly dotfiles?: boolean | undefined;

  /**
   * Follow symbolic links that lead out of the folder. Links inside it are always followed.
   * @default false
   */
  readonly followSymlinks?: boolean | undefined;

  /**
   * What the server puts up with from its clients; what is not said is as in `DEFAULT_LIMITS`. The command line has those that a
   * person sets: `--max-body`, `--max-connections`, `--timeout` (`idleTime`, `bodyTime` and `writeTime`, and `headTime` if that is
   * longer), `--grace` (`shutdownTime`).
   * @default DEFAULT_LIMITS
   */
  readonly limits?: Partial<ServerLimits> | undefined;

  /**
   * The form of the log. `"python"` is that of `python -m http.server`; `"common"` and `"combined"` are those of Apache and
   * nginx; `"json"` is an object for each line, with the time in UTC and `duration` in milliseconds.
   * @default "python"
   */
  readonly logFormat?: LogFormat | undefined;

  /**
   * Append the log to this file instead of writing it to standard error. It is closed when the server has ended. Programs that
   * move it away make a `LogFile` themselves, set it as `server.log`, and call its `reopen()`; the command does so on SIGHUP.
   */
  readonly logFile?: string | undefined;

  /**
   * Write no access log to standard error, and of the banner the first line only. Errors are still logged. A `logFile` gets
   * everything all the same.
   * @default false
   */
  readonly quiet?: boolean | undefined;

  /**
   * Print the address and the folder on stdout when the server is ready. Only for programs.
   * @default true
   */
  readonly banner?: boolean | undefined;

  /**
   * The class that handles requests; only for programs. Options for files need one that extends
   * `SimpleHTTPRequestHandler`, those for scripts `CGIHTTPRequestHandler`. What the class sets itself counts, unless an
   * option says otherwise.
   * @default SimpleHTTPRequestHandler, or CGIHTTPRequestHandler with `cgi`
   */
  readonly handlerClass?: typeof BaseHTTPRequestHandler | undefined;
}
