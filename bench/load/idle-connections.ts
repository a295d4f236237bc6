// Owns connections that stay open and ask for nothing: each has had one answer, as a browser's has between two clicks.

import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

import type { Expected } from "../site.ts";
import { exchange, openConnection } from "./raw-connection.ts";

export interface IdleConnections {
  /** How many the server has closed. */
  lost(): number;
  close(): Promise<void>;
}

/** What a process needs besides: its program, its logs, and the connections of the load. */
const OTHER_FILES = 500;

/** Less than the servers' accept queues hold. */
const AT_ONCE = 100;

/** Resolves when all are open and have been answered; rejects when one is not, or is answered wrongly. */
export async function openIdle(origin: string, expected: Expected, count: number): Promise<IdleConnections> {
  const sockets: Socket[] = [];
  const closed = new Set<Socket>();
  let begun = 0;
  const openSome = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const socket = await openConnection(origin);
      sockets.push(socket);
      socket.on("error", () => {}).once("close", () => closed.add(socket));
      const [answer] = await exchange(socket, expected.path, 1);
      if (answer?.status !== expected.status || answer.body.length !== expected.size)
        throw new Error("a connection that should become idle was answered wrongly");
      socket.resume();
    }
  };
  const close = async (): Promise<void> => {
    const open = sockets.filter((socket) => !closed.has(socket));
    const ends = open.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    // A reset: thousands of ends in order would leave as many ports in TIME_WAIT, and there are only 28 000.
    for (const socket of open) socket.resetAndDestroy();
    await Promise.all(ends);
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, openSome));
  } catch (error) {
    await close();
    throw error;
  }
  return { lost: () => closed.size, close };
}

/** `wanted`, or fewer where a process may not have so many files open. Node uses the hard limit, and what it starts inherits that. */
export function idleConnectionsWithin(wanted: number, limits = readLimits()): number {
  const hard = /^Max open files +\S+ +(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? wanted : Math.max(0, Math.min(wanted, Number(hard) - OTHER_FILES));
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}
