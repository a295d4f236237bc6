// One buffer into which all sockets receive. Node makes one of 64 KiB for each read, of which a
// request fills some hundred bytes.

import { type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";

/** As much as Node reads at once. Only this file sees it: no client's bytes ever reach another. */
const received = Buffer.allocUnsafeSlow(65_536);

/**
 * The same connection as a socket that receives into the shared buffer, and passes on copies: to be called
 * before anybody has seen the accepted one, which is of no use afterwards. Node takes such a buffer
 * (`onread`) only for sockets that it makes itself, and makes the accepted ones without. So this builds on
 * parts of Node that are not documented; where one of them is missing, or the socket is of another kind, it
 * is given back as it is, and all works the same, only slower.
 */
export function withSharedReceiveBuffer(accepted: Socket): Socket {
  const { _handle: handle, _server: server } = accepted as Inside;
  if (Object.getPrototypeOf(accepted) !== Socket.prototype) return accepted;
  if (typeof handle?.useUserBuffer !== "function" || server === undefined) return accepted;

  const options: InsideOptions = {
    handle,
    allowHalfOpen: accepted.allowHalfOpen,
    onread: {
      buffer: received,
      callback: (size) => passOn(socket, size),
    },
  };
  const socket = new Socket(options) as Inside;
  if (socket._handle !== handle) return accepted;
  (accepted as Inside)._handle = null;
  // The listener counts its connections, and closes when the last one has ended.
  (accepted as Inside)._server = null;
  socket._server = server;
  return socket;
}

/** @returns whether to go on receiving */
function passOn(socket: Socket, size: number): boolean {
  const bytes = Buffer.allocUnsafe(size);
  received.copy(bytes, 0, 0, size);
  // What a stream does with bytes that it need not keep, without the steps that it takes to find that out.
  if (socket.readableFlowing !== true || socket.readableLength > 0 || socket.readableEncoding !== null)
    return socket.push(bytes);
  socket.emit("data", bytes);
  return true;
}

/** What Node's sockets have and do not document. */
interface Inside extends Socket {
  _handle?: { readonly useUserBuffer?: unknown } | null;
  /** The listener that has accepted it. */
  _server?: object | null;
}

interface InsideOptions extends SocketConstructorOpts {
  readonly handle: NonNullable<Inside["_handle"]>;
  readonly onread: OnReadOpts;
}
