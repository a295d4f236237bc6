// FastCGI and SCGI applications that do what a test wants. They read with code of their own.

import { createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** One request as the application sees it. */
export interface FakeRequest {
  readonly variables: Readonly<Record<string, string>>;
  readonly keepsConnection: boolean;
  /** Counted from 1: the same number is the same connection. */
  readonly connection: number;
  readonly socket: Socket;
  /** The body so far; whole when `bodyEnd` has resolved. */
  readonly body: Buffer[];
  readonly bodyEnd: Promise<void>;
  readonly aborted: Promise<void>;
  stdout(text: string | Uint8Array): void;
  stderr(text: string): void;
  end(appStatus?: number, protocolStatus?: number): void;
}

export interface FakeApplication {
  readonly address: string;
  /** Connections so far. */
  connections(): number;
}

export function fastCGIApplication(
  context: TestContext,
  onRequest: (request: FakeRequest) => void,
): Promise<FakeApplication> {
  return listen(context, (socket, connection) => serveFastCGI(socket, connection, onRequest));
}

export function scgiApplication(
  context: TestContext,
  onRequest: (socket: Socket, variables: Record<string, string>, bodyStart: Buffer) => void,
): Promise<FakeApplication> {
  return listen(context, (socket) => {
    let input = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      input = Buffer.concat([input, bytes]);
      const read = netstringOf(input);
      if (read === undefined) return;
      socket.off("data", onData);
      onRequest(socket, read.variables, input.subarray(read.next));
    };
    socket.on("data", onData);
  });
}

async function listen(
  context: TestContext,
  onConnection: (socket: Socket, connection: number) => void,
): Promise<FakeApplication> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket, ++connections);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { address: `127.0.0.1:${port}`, connections: () => connections };
}

function serveFastCGI(socket: Socket, connection: number, onRequest: (request: FakeRequest) => void): void {
  let input = Buffer.alloc(0);
  let params = Buffer.alloc(0);
  let keepsConnection = false;
  let body: Buffer[] = [];
  let endBody = (): void => {};
  let abort = (): void => {};
  const send = (type: number, content: Uint8Array): void => {
    const padding = 8 - (content.length % 8 || 8);
    const header = Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 0xff, padding, 0]);
    socket.write(Buffer.concat([header, content, Buffer.alloc(padding)]));
  };
  const begin = (): void => {
    body = [];
    const bodyEnd = new Promise<void>((resolve) => (endBody = resolve));
    const aborted = new Promise<void>((resolve) => (abort = resolve));
    onRequest({
      variables: pairsOf(params),
      keepsConnection,
      connection,
      socket,
      body,
      bodyEnd,
      aborted,
      stdout: (text) => {
        const bytes = Buffer.from(text as string);
        for (let at = 0; at < bytes.length; at += 60_000) send(6, bytes.subarray(at, at + 60_000));
      },
      stderr: (text) => send(7, Buffer.from(text)),
      end: (appStatus = 0, protocolStatus = 0) => {
        const content = Buffer.from([0, 0, 0, 0, protocolStatus, 0, 0, 0]);
        content.writeUInt32BE(appStatus);
        send(3, content);
      },
    });
    params = Buffer.alloc(0);
  };
  socket.on("close", () => abort());
  socket.on("data", (bytes) => {
    input = Buffer.concat([input, bytes]);
    while (input.length >= 8 && input.length >= 8 + input.readUInt16BE(4) + input[6]!) {
      const type = input[1]!;
      const length = input.readUInt16BE(4);
      const content = input.subarray(8, 8 + length);
      input = input.subarray(8 + length + input[6]!);
      if (type === 1) keepsConnection = (content[2]! & 1) === 1;
      else if (type === 2) abort();
      else if (type === 4 && length > 0) params = Buffer.concat([params, content]);
      else if (type === 4) begin();
      else if (type === 5 && length > 0) body.push(Buffer.from(content));
      else if (type === 5) endBody();
    }
  });
}

/** Name-value pairs of FastCGI (§3.4). */
export function pairsOf(bytes: Buffer): Record<string, string> {
  const pairs = Object.create(null) as Record<string, string>;
  let at = 0;
  const length = (): number => {
    const first = bytes[at]!;
    if (first < 128) return bytes[at++]!;
    at += 4;
    return bytes.readUInt32BE(at - 4) & 0x7fff_ffff;
  };
  const text = (size: number): string => bytes.toString("utf8", at, (at += size));
  while (at < bytes.length) {
    const nameLength = length();
    const valueLength = length();
    const name = text(nameLength);
    pairs[name] = text(valueLength);
  }
  return pairs;
}

/** The netstring at the beginning of an SCGI request, and where it ends; `undefined` while it is not all here. */
export function netstringOf(
  input: Buffer,
): { readonly variables: Record<string, string>; readonly next: number } | undefined {
  const colon = input.indexOf(":");
  if (colon === -1) return undefined;
  const end = colon + 1 + Number(input.toString("latin1", 0, colon));
  if (input.length <= end) return undefined;
  if (input[end] !== 0x2c) throw new Error("no comma behind the netstring");
  const words = input.toString("utf8", colon + 1, end).split("\0");
  const variables = Object.create(null) as Record<string, string>;
  for (let index = 0; index + 1 < words.length; index += 2) variables[words[index]!] = words[index + 1]!;
  return { variables, next: end + 1 };
}
