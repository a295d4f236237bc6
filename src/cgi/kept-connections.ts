// Connections to applications that wait for their next request (FCGI_KEEP_CONN).

import type { Socket } from "node:net";

/**
 * An application with a process for each connection (php-fpm) has one less for others while a connection is
 * kept. So none is kept for longer than this many milliseconds, ...
 */
const IDLE_TIME = 5_000;
/**
 * ... a request that gets no byte within this time makes us give up all that are idle, for it may be
 * waiting for their processes, ...
 */
const PATIENCE = 250;
/** ... and for so long after that none is kept. */
const CROWDED_TIME = 1_000;
/** As many as scripts run at once by default. */
const MOST_KEPT = 32;

interface Place {
  readonly waiting: KeptConnection[];
  crowdedUntil: number;
}

const places = new Map<string, Place>();

function placeOf(address: string): Place {
  let place = places.get(address);
  if (place === undefined) {
    place = { waiting: [], crowdedUntil: 0 };
    places.set(address, place);
  }
  return place;
}

/** What may happen to a connection that nobody uses. Bytes are none of it, for nothing was asked. */
const EVENTS = ["error", "end", "close", "data", "timeout"] as const;

class KeptConnection {
  readonly #socket: Socket;
  readonly #waiting: KeptConnection[];

  constructor(socket: Socket, waiting: KeptConnection[]) {
    this.#socket = socket;
    this.#waiting = waiting;
    for (const event of EVENTS) socket.on(event, this.drop);
    socket.setTimeout(IDLE_TIME);
    // A program that has nothing else to do may end.
    socket.unref();
    socket.resume();
  }

  readonly drop = (): void => {
    const at = this.#waiting.indexOf(this);
    if (at !== -1) this.#waiting.splice(at, 1);
    this.#socket.destroy();
  };

  /** For the next request; `undefined` if the application has closed it. */
  take(): Socket | undefined {
    const socket = this.#socket;
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return undefined;
    }
    for (const event of EVENTS) socket.off(event, this.drop);
    socket.setTimeout(0);
    return socket.ref();
  }
}

/** The connection that was kept last: the longer one waits, the more likely it is about to be closed. */
export function takeKept(address: string): Socket | undefined {
  for (;;) {
    const kept = placeOf(address).waiting.pop();
    if (kept === undefined) return undefined;
    const socket = kept.take();
    if (socket !== undefined) return socket;
  }
}

/** Keeps a connection whose last answer is complete, or closes it. */
export function keep(address: string, socket: Socket): void {
  const { waiting, crowdedUntil } = placeOf(address);
  const kept = new KeptConnection(socket, waiting);
  if (waiting.length >= MOST_KEPT || performance.now() < crowdedUntil) kept.drop();
  else waiting.push(kept);
}

/** To be called when a request begins; `stop` when the first byte of its answer is here, or none will be. */
export function watchPatience(address: string): { stop(): void } {
  const timer = setTimeout(() => {
    const place = placeOf(address);
    place.crowdedUntil = performance.now() + CROWDED_TIME;
    for (const kept of place.waiting.splice(0)) kept.drop();
  }, PATIENCE);
  return { stop: () => clearTimeout(timer) };
}
