// Why a server could not start, as an error for programs and as a sentence for people.
import { systemErrorCode } from "../errors.ts";
import { makeVisible } from "../text/visible.ts";
import { DEFAULT_PORT, type ServeOptions } from "./serve-options.ts";
import { shownPath } from "./shown-path.ts";

/** The codes of a `StartError`. What the system itself refuses keeps the system's code (`EADDRINUSE` …). */
export type StartErrorCode =
  /** An option is wrong, or two of them exclude each other. */
  | "ERR_START_OPTION"
  /** There is no such folder. */
  | "ERR_START_DIRECTORY_MISSING"
  /** What should be served is a file. */
  | "ERR_START_DIRECTORY_IS_FILE"
  /** The folder cannot be read by this user. */
  | "ERR_START_DIRECTORY_UNREADABLE"
  /** The path of a Unix socket is longer than the system's address structure. */
  | "ERR_START_SOCKET_TOO_LONG"
  /** Another server answers on the Unix socket. */
  | "ERR_START_SOCKET_IN_USE"
  /** Something that is no socket is at its path. */
  | "ERR_START_SOCKET_TAKEN"
  /** The folder of the Unix socket is missing, or not writable for this user. */
  | "ERR_START_SOCKET_FOLDER"
  /** The log file can neither be opened nor created. */
  | "ERR_START_LOG_FILE"
  /** The file of passwords cannot be read, holds what cannot be checked, or would be sent to anybody. */
  | "ERR_START_PASSWORD_FILE"
  /** Scripts cannot run as the user asked for. */
  | "ERR_START_CGI_USER";

/** A server that cannot start with these options. Its message is one sentence, without the full stop. */
export class StartError extends Error {
  override name = "StartError";
  /** What was in the way, for programs. */
  readonly code: StartErrorCode;

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** One sentence, without its full stop, that says why the server could not start and what to do. */
export function explainStartError(error: unknown, options: ServeOptions): string {
  if (error instanceof StartError) return error.message;
  const code = systemErrorCode(error);
  return explainListenError(code, options) ?? `cannot start: ${firstLine(error)}`;
}

function explainListenError(code: string | undefined, options: ServeOptions): string | undefined {
  const { unix, bind = "", port = DEFAULT_PORT } = options;
  if (unix !== undefined) {
    if (code === "EADDRINUSE") return `${shownPath(unix)} exists already; remove it or choose another path`;
    // Node says EACCES for a missing folder, too.
    if (code === "EACCES") return `cannot create ${shownPath(unix)}; choose a folder that you can write to`;
    return undefined;
  }
  const address = makeVisible(bind);
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is in use; choose another (htbin ${otherPort(port)}) or 0 for any free one`;
    case "EACCES":
    case "EPERM":
      return port > 0 && port < 1024
        ? `port ${port} is for root; choose one from 1024 up (htbin ${8000 + port})`
        : `this user may not listen on port ${port}; choose another (htbin ${otherPort(port)})`;
    case "EADDRNOTAVAIL":
    case "EINVAL":
      return `${address} is not an address of this machine; choose one of its own, or leave out --bind for all of them`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return `no address is known for the name ${address}; check the spelling, or give --bind an IP address`;
    case "EAFNOSUPPORT":
      return `this machine has no network for the address ${address || "::"}; give --bind another, such as 127.0.0.1`;
    case undefined:
    default:
      return undefined;
  }
}

function otherPort(port: number): number {
  return port < 65535 ? port + 1 : DEFAULT_PORT;
}

/** What is left to say of an error that nobody foresaw: its message, never its stack. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return makeVisible((message.split("\n")[0] ?? "").replace(/\.$/, ""));
}
