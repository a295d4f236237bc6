// The typed errors of htbin: what a program can test for (`status`, `code`), apart from the words for people.

/**
 * A request that is answered with an error status. Throw it anywhere below a `do_X` method: the handler
 * answers with `sendError(status, message, explain)` if no response has been started, and logs once.
 */
export class HTTPRequestError extends Error {
  override name = "HTTPRequestError";
  /** The status code of the answer, 400–599. */
  readonly status: number;
  /** A longer explanation for the error page; the table in `status.ts` has the default. */
  readonly explain: string | undefined;

  constructor(status: number, message: string, explain?: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.explain = explain;
  }
}

/** Every way in which running a CGI script can fail, and the status that a client sees for it. */
const CGI_STATUS = {
  /** The script has no execute permission. */
  ERR_CGI_NOT_EXECUTABLE: 403,
  /** The host could not start it: bad `#!` line, exec error, no such user … */
  ERR_CGI_CANNOT_START: 500,
  /** It ran, and printed something that is no CGI response header. */
  ERR_CGI_BAD_HEADER: 502,
  /** It ended without printing a header. */
  ERR_CGI_NO_HEADER: 502,
  /** Its header is longer than the limit. */
  ERR_CGI_HEADER_TOO_LARGE: 502,
  /** It printed no header in time. */
  ERR_CGI_TIMEOUT: 504,
  /** As many scripts as allowed are running, and the queue is full or too slow. */
  ERR_CGI_BUSY: 503,
  /** The request holds something that no environment variable can carry. */
  ERR_CGI_BAD_REQUEST: 400,
  /** The request is larger than an environment can be. */
  ERR_CGI_REQUEST_TOO_LARGE: 431,
  /** Scripts redirect to each other without end. */
  ERR_CGI_REDIRECT_LOOP: 500,
  /** No room for a request body that has to be stored first. */
  ERR_CGI_NO_SPACE: 500,
  /** Its body broke off: the script was killed, fell silent, or printed less than its Content-Length. */
  ERR_CGI_CUT: 502,
  /** The application server cannot be reached, closed the connection, or does not speak its protocol. */
  ERR_CGI_GATEWAY: 502,
} as const;

/** The codes of a `CGIError`; docs/errors.md has their causes and remedies. */
export type CGIErrorCode = keyof typeof CGI_STATUS;

/** A CGI script that cannot be run, or answered wrongly. The message is for the log alone. */
export class CGIError extends HTTPRequestError {
  override name = "CGIError";
  /** What went wrong, for programs. */
  readonly code: CGIErrorCode;
  /** Further lines for the log: what was started, how it ended, what to do. */
  readonly details: readonly string[];

  constructor(
    code: CGIErrorCode,
    message: string,
    { details = [], ...options }: ErrorOptions & { details?: readonly string[] } = {},
  ) {
    super(CGI_STATUS[code], message, undefined, options);
    this.code = code;
    this.details = details;
  }
}

/**
 * A handler that makes its response in the wrong order: a second one, a field behind the head, a
 * body before it, none at all.
 */
export class ResponseOrderError extends Error {
  override name = "ResponseOrderError";
  /** Tells it from other errors, for programs. */
  readonly code = "ERR_RESPONSE_ORDER";
}

/** The client went away, or stopped taking part, before its exchange was complete: no stack trace. */
export class ConnectionLostError extends Error {
  override name = "ConnectionLostError";
  /** Tells it from other errors, for programs. */
  readonly code = "ERR_CONNECTION_LOST";
}

/** A limit of a server that is no number, or one that no server could keep to. */
export class LimitError extends RangeError {
  override name = "LimitError";
  /** Tells it from other errors, for programs. */
  readonly code = "ERR_LIMIT";
}

/** The server has lost what it listens on: no client can reach it. `serveForever()` rejects with it. */
export class ListenerLostError extends Error {
  override name = "ListenerLostError";
  /** Tells it from other errors, for programs. */
  readonly code = "ERR_LISTENER_LOST";
}

/** The code of a system error (`ENOENT`), or `undefined` for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
