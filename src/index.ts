// The public names of htbin, and nothing else.

export {
  CGIError,
  type CGIErrorCode,
  ConnectionLostError,
  HTTPRequestError,
  LimitError,
  ListenerLostError,
  ResponseOrderError,
} from "./errors.ts";
export { HTTPMessage } from "./http1/http-message.ts";
export type { BodyFraming } from "./http1/framing.ts";
export { DEFAULT_LIMITS, type ServerLimits } from "./server/limits.ts";
export { Connection } from "./server/connection.ts";
export type { BodySink } from "./server/incoming-body.ts";
export type { ClientAddress, ServerAddress } from "./server/server-address.ts";
export { type RequestHandler, type RequestHandlerClass, TCPServer } from "./server/tcp-server.ts";
export { HTTPServer } from "./server/http-server.ts";
export { ThreadingHTTPServer } from "./server/threading-http-server.ts";
export { LogFile } from "./log/log-file.ts";
export type { LogFormat } from "./log/log-format.ts";
export type { LogDestination } from "./log/log-sink.ts";
export { RequestLog } from "./handler/request-log.ts";
export { BaseHTTPRequestHandler, type Handled } from "./handler/base-http-request-handler.ts";
export { DEFAULT_ERROR_CONTENT_TYPE, DEFAULT_ERROR_MESSAGE, type ErrorPage } from "./handler/error-page.ts";
export { RequestGate } from "./files/request-gate.ts";
export { type Body, RepresentationSender } from "./files/representation-sender.ts";
export { SimpleHTTPRequestHandler } from "./files/simple-http-request-handler.ts";
export type { BasePath } from "./files/base-path.ts";
export type { ArchiveFormat } from "./files/archive-format.ts";
export type { Content } from "./files/file-content.ts";
export { CGIHTTPRequestHandler } from "./cgi/cgi-http-request-handler.ts";
export { ScriptRunner } from "./cgi/script-runner.ts";
export type { CGIInfo } from "./cgi/select-script.ts";
export type { CGIMount } from "./cgi/mount.ts";
export { type CGILimits, defaultCGILimits } from "./cgi/limits.ts";
export type { ScriptResources } from "./cgi/started-process.ts";
export { serve } from "./cli/serve.ts";
export type { ServeOptions } from "./cli/serve-options.ts";
export { StartError, type StartErrorCode } from "./cli/start-errors.ts";
