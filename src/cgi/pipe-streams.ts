// A pipe's ends as this process uses them: streams for ours, plain descriptors for the script's.

import { closeSync, fchownSync } from "node:fs";
import { Socket } from "node:net";

import type { UserAndGroup } from "./started-process.ts";

/** Two descriptors, neither of which is inherited unless asked for. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** The three pipes of a process. Without a body there is none for stdin. */
export interface Pipes {
  readonly stdin: Pipe | undefined;
  readonly stdout: Pipe;
  readonly stderr: Pipe;
}

/** Makes all pipes of a process or none. @throws what `makePipe` throws */
export function makePipes(makePipe: () => Pipe, hasBody: boolean, user: UserAndGroup | undefined): Pipes {
  const made: Pipe[] = [];
  const next = (): Pipe => {
    const pipe = makePipe();
    made.push(pipe);
    // What opens /dev/stdout opens the pipe anew, and a pipe belongs to who made it.
    if (user !== undefined) fchownSync(pipe.read, user.uid, user.gid);
    return pipe;
  };
  try {
    return { stdin: hasBody ? next() : undefined, stdout: next(), stderr: next() };
  } catch (error) {
    for (const pipe of made) closePipe(pipe);
    throw error;
  }
}

export interface OurEnds {
  readonly stdin: Socket | undefined;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/** Streams for what is ours. The script's ends are closed: it has its own copies, and ours would hide its end of file. */
export function openOurEnds({ stdin, stdout, stderr }: Pipes): OurEnds {
  if (stdin !== undefined) closeSync(stdin.read);
  closeSync(stdout.write);
  closeSync(stderr.write);
  return {
    stdin: stdin === undefined ? undefined : new Socket({ fd: stdin.write, readable: false, writable: true }),
    stdout: new Socket({ fd: stdout.read, readable: true, writable: false }),
    stderr: new Socket({ fd: stderr.read, readable: true, writable: false }),
  };
}

export function closePipes({ stdin, stdout, stderr }: Pipes): void {
  for (const pipe of [stdin, stdout, stderr]) if (pipe !== undefined) closePipe(pipe);
}

function closePipe({ read, write }: Pipe): void {
  closeSync(read);
  closeSync(write);
}
