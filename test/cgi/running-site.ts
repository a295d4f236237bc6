// A served directory with CGI scripts in it, on a real socket, for the length of one test.

import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";

import { CGIHTTPRequestHandler } from "../../src/cgi/cgi-http-request-handler.ts";
import { formatMessage } from "../../src/log/format-message.ts";
import type { ServerLimits } from "../../src/server/limits.ts";
import { ThreadingHTTPServer } from "../../src/server/threading-http-server.ts";
import { putScript, temporaryDirectory } from "./temporary-directory.ts";

type Settings = Partial<
  Pick<
    CGIHTTPRequestHandler,
    | "base"
    | "directory"
    | "cgiDirectories"
    | "cgiUser"
    | "cgiMounts"
    | "cgiInterpreters"
    | "cgiEnvironment"
    | "cgiPassEnvironment"
    | "cgiPassAuthorization"
    | "cgiQueryArguments"
    | "cgiLimits"
    | "cgiDebug"
    | "fastcgi"
    | "scgi"
    | "single"
    | "listing"
    | "protocolVersion"
    | "followSymlinks"
    | "extraResponseHeaders"
    | "do_GET"
    | "do_OPTIONS"
    | "do_POST"
    | "handleExpect100"
    | "logError"
    | "logMessage"
  >
>;

export interface Site {
  readonly root: string;
  readonly port: number;
  readonly url: string;
  /** Log messages, without address and time. */
  readonly logged: string[];
  /** Puts a script into cgi-bin. */
  script(name: string, source: string): string;
  /** Sends bytes, and gives back all that comes until the server closes. */
  exchange(request: string | Buffer): Promise<string>;
  /** Ends the server before the test does. */
  stop(): Promise<void>;
  /** A connection that the test writes to as it likes. */
  connect(): Connection;
}

export interface Connection {
  readonly socket: Socket;
  /** All that has come, one character per byte. */
  readonly received: () => string;
  /** How the connection ended. */
  readonly closed: Promise<"end" | "reset">;
}

export async function startSite(
  context: TestContext,
  settings: Settings = {},
  limits: Partial<ServerLimits> = {},
): Promise<Site> {
  const root = temporaryDirectory(context);
  const logged: string[] = [];
  class Handler extends CGIHTTPRequestHandler {
    override directory = root;

    override logMessage(format: string, ...args: unknown[]): void {
      logged.push(formatMessage(format, args));
    }
  }
  class Configured extends Handler {
    constructor(...args: ConstructorParameters<typeof Handler>) {
      super(...args);
      Object.assign(this, settings);
    }
  }
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], Configured);
  server.limits = limits;
  await server.listen();
  void server.serveForever();
  context.after(() => server.shutdown({ graceMs: 500 }));
  const port = server.serverPort;
  const open = (): Connection => openConnection(port);
  return {
    root,
    port,
    url: `http://127.0.0.1:${port}`,
    logged,
    script: (name, source) => putScript(root, `cgi-bin/${name}`, source),
    stop: () => server.shutdown({ graceMs: 100 }),
    connect: open,
    exchange: async (request) => {
      const { socket, received, closed } = open();
      socket.write(request);
      await closed;
      return received();
    },
  };
}

function openConnection(port: number): Connection {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  const closed = new Promise<"end" | "reset">((resolve) => {
    socket.once("error", () => resolve("reset"));
    socket.once("close", () => resolve("end"));
  });
  return { socket, received: () => text, closed };
}

/** A request without a body that closes its connection. */
export function get(path: string, fields = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: test.example:81\r\nConnection: close\r\n${fields}\r\n`;
}

export function post(path: string, body: string, fields = ""): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n${fields}` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

export interface Response {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Whether a chunked body has its last chunk. */
  readonly isWhole: boolean;
}

/** Takes apart one response; a chunked body is put together again. */
export function parseResponse(text: string): Response {
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end);
  const rest = text.slice(end + 4);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  if (!/^transfer-encoding: chunked$/im.test(head)) return { status, head, body: rest, isWhole: true };
  let body = "";
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf("\r\n", at);
    const size = lineEnd === -1 ? NaN : parseInt(rest.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) return { status, head, body, isWhole: false };
    if (size === 0) return { status, head, body, isWhole: rest.slice(lineEnd) === "\r\n\r\n" };
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}
